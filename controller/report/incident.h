// All that a post-mortem is made from: plain values, gathered by whoever can.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/revision.h"
#include "api/spec.h"
#include "api/status.h"
#include "report/svg_chart.h"

namespace seraphim::report {

/// A decision as it was told: an Event of the object.
struct Told {
  api::Time at{};
  std::string reason{}, note{};
  std::int64_t count = 1;  ///< how often it was told
  bool operator==(const Told&) const = default;
};

/// Share of bad requests over time, 0..1.
struct ErrorRates {
  std::vector<Dot> failed, serving;  ///< of the revision that failed, and of the other one
  api::Duration window{0};           ///< each point is the rate of so long before it
};

/// One rollback.
struct Incident {
  std::string namespace_{}, name{};  ///< of the SeraphimDeployment
  api::RollbackStatus rollback{};
  std::vector<api::Revision> revisions{};  ///< as recorded, in any order
  /// As it was at the rollback; absent: nothing was compared, or it is about another candidate by now.
  std::optional<api::EvidenceStatus> evidence{};
  std::optional<api::Analysis> analysis{};  ///< of the spec
  bool wanted = true;                       ///< the spec still asks for the revision that failed
  std::vector<Told> told{};                 ///< all that is known of the object, in any order
  std::string told_problem{};               ///< why something of it is missing, in a sentence
  std::optional<ErrorRates> rates{};
  std::string rates_problem{};  ///< why there are none, in a sentence
  api::Time written_at{};
};

/// The rollout that the rollback ended.
struct Course {
  std::optional<api::Time> chosen_at;  ///< absent: not known any more
  std::vector<Told> story;             ///< in the order of time, each once
  std::vector<Dot> weights;            ///< 0..1, of the revision that failed, from each time on
  std::string stood;                   ///< "25% at step 2 of 3": where it stood; empty: not known
};
Course course_of(const Incident& incident);

/// From when on error rates are worth a look, and up to when.
struct Span {
  api::Time from{}, to{};
};
Span span_of(const Incident& incident, const Course& course);

/// A person went back by the spec: no verdict of the operator.
bool is_by_hand(const Incident& incident);

const api::Revision* recorded(const Incident& incident, const std::string& name);
/// "revision 3", or its name where no record tells the number.
std::string number_words(const Incident& incident, const std::string& name);

}  // namespace seraphim::report
