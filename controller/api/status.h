// status of a SeraphimDeployment: all that the operator remembers. A restarted operator reads it and goes on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/condition.h"
#include "api/percent.h"
#include "api/time.h"

namespace seraphim::api {

/// Where a rollout stands: a summary for people, derived from the rest.
enum class Phase {
  initializing,  ///< the first revision comes up; nothing serves yet
  stable,        ///< the spec's revision serves all traffic
  starting,      ///< the candidate comes up at weight 0
  progressing,   ///< the candidate has a step's weight
  awaiting_approval,
  paused,
  frozen,
  promoting,    ///< candidate at 100 %, the stable Service moves over
  baking,       ///< promoted; the previous revision is kept ready
  rolled_back,  ///< the spec's revision failed; the last healthy one serves
  degraded,     ///< cannot act: the condition says why and what to do
};

struct WeightStatus {
  Percent desired;                    ///< of the candidate, by the current step
  Percent applied;                    ///< of the candidate, as last read from the router's object
  std::optional<Percent> observed{};  ///< the candidate's share of the requests counted in this step
  bool operator==(const WeightStatus&) const = default;
};

/// What one further metric of the spec says.
struct MetricEvidence {
  std::string name;  ///< "latency", or as in spec.analysis.metrics
  std::int64_t baseline_requests = 0, baseline_failures = 0;
  std::int64_t candidate_requests = 0, candidate_failures = 0;
  std::string rollback_evidence, promotion_evidence;
  std::string note;   ///< for people: the bucket in use, the present value
  std::string state;  ///< opaque
  bool operator==(const MetricEvidence&) const = default;
};

/// What analysis knows; the numbers for people, the opaque part for a restart. The counts and the first state
/// are those of the error rate.
struct EvidenceStatus {
  std::int64_t baseline_requests = 0, baseline_failures = 0;
  std::int64_t candidate_requests = 0, candidate_failures = 0;
  std::string rollback_evidence;   ///< e.g. "37 of 100"
  std::string promotion_evidence;  ///< e.g. "12 of 20"
  std::optional<Time> last_look;
  std::string state;  ///< opaque: analysis/evidence.h encodes it, so that a restart loses nothing
  std::vector<MetricEvidence> metrics;  ///< in the order of the spec
  bool operator==(const EvidenceStatus&) const = default;
};

enum class VerificationResult {
  pending,        ///< the stated time is running
  recovered,      ///< health and SLOs were measured, and were good
  not_recovered,  ///< one of them was measured, and was not
  undecided,      ///< it could not be measured, or something else began meanwhile; the message says what
};

/// Is the service well again after a rollback?
struct VerificationStatus {
  VerificationResult result = VerificationResult::pending;
  Time until{};                      ///< end of the stated time
  std::optional<Time> decided_at{};  ///< absent while pending
  std::string message{};             ///< for people, with the numbers; while pending: what is missing
  std::string state{};  ///< opaque: what was counted since the rollback; empty when it is decided
  bool operator==(const VerificationStatus&) const = default;
};

struct RollbackStatus {
  std::string from_revision, to_revision;
  std::string reason;  ///< UpperCamelCase
  std::string message;
  Time at{};
  std::optional<VerificationStatus> verification{};  ///< absent: not verified
  bool operator==(const RollbackStatus&) const = default;
};

struct Status {
  Phase phase = Phase::initializing;
  std::int64_t observed_generation = 0;
  std::string stable_revision;     ///< serves what the candidate does not; empty before the first one is up
  std::string candidate_revision;  ///< empty when there is none
  std::string previous_revision;   ///< kept ready during the bake, to go back to; else empty
  std::int32_t step = 0;           ///< 1-based index of the current step; 0: no step's weight yet
  std::optional<Time> started_at;  ///< when the candidate was chosen
  std::optional<Time>
      progress_since;  ///< pods asked for and not yet available since then: the deadline's clock
  /// When the step's weight was seen applied. Step 0: since when the first step waits to see the candidate's
  /// metrics.
  std::optional<Time> step_started_at;
  Duration held{0};  ///< hold time collected at this step, before hold_clock_since
  std::optional<Time>
      hold_clock_since;                 ///< the hold clock runs since then; absent: stopped (no data, paused)
  std::optional<Time> promoted_at;      ///< start of the bake
  std::optional<Time> undecided_since;  ///< held up since then by missing evidence or missing data alone
  std::optional<Time>
      weightless_since;  ///< the last time a revision lost its weight: scale-down delay's clock
  WeightStatus weight;
  std::int32_t weight_restores = 0;        ///< hand edits of the weight put back in this step
  std::optional<Time> weight_restored_at;  ///< the last of them
  /// With traffic.seraphimGateway, "MODEL_*_BASELINE=text/9.9": what somebody else wrote into the gateway's
  /// variables, until they are in order again.
  std::string models_foreign;
  std::int32_t models_restores = 0;        ///< times that such values were put back
  std::optional<Time> models_restored_at;  ///< the last of them: its begin, then its end
  std::optional<Time> split_stopped_at;    ///< when the gateway's own split was last set to 0 behind routes
  std::int32_t approved_step = 0;          ///< highest step approved for this candidate
  std::string retry_token;                 ///< last handled value of the retry annotation
  EvidenceStatus evidence;
  std::optional<RollbackStatus> last_rollback;
  std::vector<Condition> conditions;
  std::int32_t replicas = 0;  ///< for the scale subresource: pods of all revisions
  std::string selector;       ///< for the scale subresource
  bool operator==(const Status&) const = default;
};

}  // namespace seraphim::api
