// After a rollback: is the service well again? Health as it is seen, and the objectives by the requests since
// the router has confirmed that the revision that was left has no traffic. It changes nothing but what is
// said.
#include <algorithm>

#include "rollout/planner.h"

namespace seraphim::rollout {
namespace {

using api::VerificationResult;
using Finding = analysis::Recovery::Finding;

constexpr const char* kDashboard = "; on Grafana: Seraphim Inference Overview";

api::VerificationStatus* under_way(Planner& planner) {
  auto& last = planner.status.last_rollback;
  if (!last || !last->verification) return nullptr;
  return last->verification->result == VerificationResult::pending ? &*last->verification : nullptr;
}

struct Outcome {
  VerificationResult result;
  Narrative::Kind kind;
  const char* reason;  ///< of the Event
};
constexpr Outcome kIsWell{VerificationResult::recovered, Narrative::Kind::normal, "Recovered"};
constexpr Outcome kIsNotWell{VerificationResult::not_recovered, Narrative::Kind::warning, "NotRecovered"};
constexpr Outcome kIsNotKnown{VerificationResult::undecided, Narrative::Kind::warning, "RecoveryUndecided"};
constexpr Outcome kIsOver{VerificationResult::undecided, Narrative::Kind::normal, "RecoveryUndecided"};

void conclude(Planner& planner, const Outcome& outcome, const std::string& message) {
  api::RollbackStatus& rollback = *planner.status.last_rollback;
  rollback.verification->result = outcome.result;
  rollback.verification->decided_at = planner.now;
  rollback.verification->message = message;
  rollback.verification->state.clear();
  planner.tell(outcome.kind, outcome.reason, "Verify", message, rollback.from_revision + "/verified");
}

/// Why the router cannot be said to send everything to the stable revision; empty when it does.
std::string route_lacks(const Planner& planner) {
  const TrafficState& traffic = planner.in.traffic;
  const std::string& stable = planner.status.stable_revision;
  if (traffic.problem) return "the router cannot be read or set: " + traffic.problem->message;
  if (!traffic.stable || !traffic.candidate_weight) return "there is no route to read";
  const api::Percent share = share_of(traffic, stable);
  if (traffic.stable->revision != stable || share != api::kEverything) {
    return stable + " has " + api::format_percent(share) + " of the traffic by the route";
  }
  if (traffic.stable->ready == 0) return "no ready endpoint stands behind " + stable;
  return traffic.unsettled;
}

std::string pods_text(const Planner& planner) {
  const WorkloadState pods = planner.workload(planner.status.stable_revision);
  return std::to_string(pods.available) + " of " + std::to_string(planner.full.replicas) + " " +
         planner.full.units() + " of " + pods.revision + " are available" +
         (pods.problem.empty() ? "" : ": " + pods.problem);
}

/// What is not well right now; empty when all is.
std::string health_lacks(const Planner& planner) {
  const WorkloadState pods = planner.workload(planner.status.stable_revision);
  if (planner.full.replicas == 0 || pods.available < planner.full.replicas) return pods_text(planner);
  return route_lacks(planner);
}

std::string head(const Planner& planner, const std::string& verdict) {
  const api::RollbackStatus& rollback = *planner.status.last_rollback;
  return rollback.to_revision + " " + verdict + " after the rollback of " + rollback.from_revision + ": ";
}

void conclude_bad(Planner& planner, const std::string& why, const std::string& numbers) {
  conclude(planner, kIsNotWell,
           head(planner, "is not well") + why + (numbers.empty() || why.empty() ? "" : "; ") + numbers +
               kDashboard);
}

void conclude_undecided(Planner& planner, const std::string& missing) {
  conclude(planner, kIsNotKnown,
           head(planner, "cannot be judged") + missing + "; " + pods_text(planner) + kDashboard);
}

/// Somebody else serves, or is about to: what is counted from now on says nothing about the rollback.
std::string overtaken_by(const Planner& planner) {
  if (planner.has_candidate()) return "the new candidate " + planner.status.candidate_revision + " began";
  if (planner.status.stable_revision == planner.status.last_rollback->to_revision) return "";
  return planner.status.stable_revision + " serves now";
}

/// From the first moment without doubt about the route on the requests count, and the stated time runs.
void count_from_now_on(Planner& planner, api::VerificationStatus& verification) {
  verification.state = analysis::begin_recovery(planner.now);
  verification.until = planner.now + planner.spec.strategy.verify;
  verification.message = "health and SLOs are measured until " + api::format_time(verification.until);
}

/// The time is over and the service is healthy: what do the objectives say?
void judge_objectives(Planner& planner, const api::VerificationStatus& verification) {
  if (!planner.spec.analysis) {
    return conclude_undecided(planner, "no SLO is measured, since spec.analysis is left out");
  }
  const auto& recovery = planner.in.recovery;
  if (!recovery) return;  // after a restart: the first look comes by itself
  if (recovery->finding == Finding::above) return conclude_bad(planner, "", recovery->message);
  if (recovery->finding == Finding::good) {
    return conclude(planner, kIsWell,
                    head(planner, "is well again") + pods_text(planner) +
                        ", the router gives it all traffic; " + recovery->message + kDashboard);
  }
  // One scrape or answer that is late decides nothing.
  const api::Time patience = verification.until + analysis::stale_after(*planner.spec.analysis);
  if (planner.now >= patience) return conclude_undecided(planner, recovery->message);
  planner.look_again_in(patience - planner.now);
}

}  // namespace

void note_rollback(Planner& planner, api::RollbackStatus rollback) {
  end_verification(planner, rollback.from_revision + " was rolled back");
  planner.status.last_rollback = std::move(rollback);
}

void begin_verification(Planner& planner) {
  auto& last = planner.status.last_rollback;
  const api::Duration time = planner.spec.strategy.verify;
  const bool serves = last && last->to_revision == planner.status.stable_revision && planner.has_stable();
  if (!serves || last->verification || !planner.spec_usable || time <= api::Duration::zero()) return;
  last->verification = api::VerificationStatus{
      .until = planner.now + time,
      .message = "the router has not confirmed yet that " + last->to_revision + " has all traffic"};
}

void end_verification(Planner& planner, const std::string& why) {
  if (under_way(planner) == nullptr) return;
  conclude(planner, kIsOver, head(planner, "was not judged") + "it ended early: " + why);
}

void verify_rollback(Planner& planner) {
  api::VerificationStatus* verification = under_way(planner);
  if (verification == nullptr || planner.withdrawal) return;
  if (const std::string why = overtaken_by(planner); !why.empty()) return end_verification(planner, why);
  if (verification->state.empty() && route_lacks(planner).empty()) count_from_now_on(planner, *verification);
  // Neither a clock that was set back nor a time that was shortened is waited for.
  verification->until = std::min(verification->until, planner.now + planner.spec.strategy.verify);
  const auto& recovery = planner.in.recovery;
  if (recovery && recovery->finding == Finding::bad) return conclude_bad(planner, "", recovery->message);
  if (recovery) verification->state = recovery->state;
  if (planner.now < verification->until) return planner.look_again_in(verification->until - planner.now);
  const std::string lacks = health_lacks(planner);
  if (!lacks.empty()) return conclude_bad(planner, lacks, recovery ? recovery->message : "");
  judge_objectives(planner, *verification);
}

}  // namespace seraphim::rollout
