// One look at one ratio: errors, slow requests, or the bad events of a user's metric. Internal to analysis/.
#pragma once

#include <optional>
#include <string>

#include "analysis/assessment.h"
#include "analysis/evidence.h"
#include "analysis/evidence_text.h"
#include "analysis/parameters.h"

namespace seraphim::analysis {

/// What is judged, and where the rollout stands.
struct RatioQuestion {
  const api::Analysis& analysis;
  Words words;
  std::string nothing_counted;  ///< what to do when no counter of the metric was ever seen
  /// Every request counts in it, so that none in a step means that the candidate has no traffic.
  bool counts_requests = false;
  tl::expected<Parameters, std::string> parameters;
  Stage stage;
  std::int32_t step;
  api::Time now;
};

struct RatioFinding {
  Verdict verdict = Continue{};
  bool suspicious = false;
  std::optional<api::Time> fresh_at;
  Evidence evidence;             ///< what is remembered of it from now on
  bool must_be_written = false;  ///< it differs from what the status has
};

/// `last`: what is remembered of it; null when nothing.
RatioFinding assess_ratio(const RatioQuestion& question, const Evidence* last, const Answer& answer);

}  // namespace seraphim::analysis
