// Looks in a row out of bounds: what a metric remembers for which no error bound can be stated. Internal to
// analysis/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "analysis/assessment.h"

namespace seraphim::analysis {

/// Of one metric. As text it is MetricEvidence::state.
struct BreachMemory {
  api::Time at{};  ///< of the last value that was counted
  std::int32_t breaches = 0;
  std::string decided{};  ///< the message that rolled back
};

/// What one look at such a metric finds.
struct BoundFinding {
  Verdict verdict = Continue{};
  bool suspicious = false;  ///< the newest value is out of bounds
  std::optional<api::Time> fresh_at{};
  api::MetricEvidence evidence{};  ///< as it was while nothing changed
};

/// One look: what it goes on from, and what it finds.
class BoundLook {
 public:
  /// `reason` is the one of a rollback. `answer`: null when it was not asked for yet, right after a restart;
  /// it is then as fresh as the `last_look`.
  BoundLook(const api::Metric& metric, std::string reason, const api::MetricEvidence& last,
            const std::optional<api::Time>& last_look, const Answer* answer);

  /// The samples to look at; null when all is said without: it was decided before, is left
  /// out, or there is no answer.
  const Samples* samples() const { return samples_; }
  const BreachMemory& memory() const { return memory_; }
  /// It is not watched in this stage, whatever the answer: fresh and not suspicious, unless it was decided.
  void leave_out(api::Time now);
  void unavailable(const char* reason, const std::string& message);
  /// Counts the value of that time. `breach`: "12.5 is above 10", nothing within the bounds; `more` ends the
  /// rollback's message.
  void count(const std::optional<std::string>& breach, const std::string& more, std::int32_t most,
             api::Time at);

  BoundFinding found{};

 private:
  void decide();

  std::string name_, reason_;
  BreachMemory memory_{};
  const Samples* samples_ = nullptr;
};

}  // namespace seraphim::analysis
