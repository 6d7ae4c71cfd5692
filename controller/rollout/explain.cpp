// What a person reads: the phase, and conditions that say what it waits for, what turns it back.
#include <algorithm>

#include "api/rollback.h"
#include "rollout/conditions.h"
#include "rollout/freeze.h"
#include "rollout/outlook.h"
#include "rollout/planner.h"
#include "rollout/router_doubt.h"

namespace seraphim::rollout {
namespace {

using api::ConditionStatus;
using api::Phase;

bool waits_for(const Planner& planner, const char* reason) {
  return planner.waiting && planner.waiting->reason == reason;
}

Phase phase_with_candidate(const Planner& planner) {
  if (planner.initial()) return Phase::initializing;
  if (waits_for(planner, "WeightUnreachable")) return Phase::degraded;
  if (planner.spec.paused) return Phase::paused;
  if (waits_for(planner, kWaitsForThaw)) return Phase::frozen;
  if (planner.promoting()) return Phase::promoting;
  if (planner.status.step == 0) return Phase::starting;
  return waits_for(planner, "AwaitingApproval") ? Phase::awaiting_approval : Phase::progressing;
}

Phase phase_of(const Planner& planner) {
  if (!planner.spec_usable) return Phase::degraded;
  if (planner.traffic.problem) return Phase::degraded;
  if (planner.withdrawal && planner.withdrawal->verdict == api::RevisionVerdict::failed &&
      planner.has_stable()) {
    return Phase::rolled_back;
  }
  if (planner.has_candidate()) return phase_with_candidate(planner);
  if (!planner.has_stable()) {
    return planner.has_failed(planner.target) ? Phase::degraded : Phase::initializing;
  }
  if (planner.baking()) return Phase::baking;
  if (planner.target != planner.status.stable_revision && planner.has_failed(planner.target)) {
    return Phase::rolled_back;
  }
  if (planner.target == planner.status.stable_revision) return Phase::stable;
  return waits_for(planner, kWaitsForThaw) ? Phase::frozen : Phase::starting;
}

struct Finding {
  const char* type;
  ConditionStatus status;
  std::string reason, message;
  std::string more{};  ///< what the condition says besides; an Event only has the message
};

Finding spec_valid(const Planner& planner) {
  const api::SeraphimDeployment& object = planner.in.object;
  if (!object.problems.empty()) {
    std::string all;
    for (const std::string& problem : object.problems) all += (all.empty() ? "" : "; ") + problem;
    return {kSpecValid, ConditionStatus::false_, "InvalidSpec",
            all + "; nothing is changed until the spec is corrected"};
  }
  return {kSpecValid, ConditionStatus::true_, "Valid", "the spec is understood"};
}

Finding ready(const Planner& planner) {
  const std::string& stable = planner.status.stable_revision;
  if (stable.empty()) return {kReady, ConditionStatus::false_, "NothingServes", "no revision serves yet"};
  if (planner.spec_usable && planner.full.replicas == 0) {
    return {kReady, ConditionStatus::false_, "NoReplicas", "spec.workload.pods.replicas is 0"};
  }
  const WorkloadState pods = planner.workload(stable);
  if (pods.available == 0) {
    return {kReady, ConditionStatus::false_, "StableUnavailable",
            "no " + planner.full.unit + " of the stable revision " + stable + " is available" +
                (pods.problem.empty() ? "" : ": " + pods.problem)};
  }
  return {kReady, ConditionStatus::true_, "Serving", stable + " serves"};
}

Finding progressing(const Planner& planner) {
  const api::Status& status = planner.status;
  const std::string waits = planner.waiting ? planner.waiting->message : std::string();
  if (planner.withdrawal) {
    return {kProgressing, ConditionStatus::true_, "Withdrawing",
            planner.withdrawal->revision + " loses its traffic" + (waits.empty() ? "" : "; " + waits)};
  }
  if (planner.has_candidate()) {
    const std::string reason = planner.waiting ? planner.waiting->reason : "Starting";
    return {kProgressing, ConditionStatus::true_, reason,
            status.candidate_revision + ": " + (waits.empty() ? "comes up" : waits),
            knowledge(planner) + way_back(planner)};
  }
  if (planner.baking()) {
    return {kProgressing, ConditionStatus::true_, planner.waiting ? planner.waiting->reason : "Baking",
            status.stable_revision + " bakes: " + waits, knowledge(planner)};
  }
  if (waits.empty()) return {kProgressing, ConditionStatus::false_, "Idle", "no revision is on its way"};
  return {kProgressing, ConditionStatus::false_, planner.waiting->reason, waits};
}

Finding promoted(const Planner& planner) {
  if (planner.target != planner.status.stable_revision) {
    return {kPromoted, ConditionStatus::false_, "NotServing",
            "the spec's revision " + planner.target + " does not serve all traffic"};
  }
  if (planner.baking()) {
    return {kPromoted, ConditionStatus::true_, "Baking",
            planner.target + " serves all traffic and is watched"};
  }
  return {kPromoted, ConditionStatus::true_, "Complete", planner.target + " serves all traffic"};
}

Finding rolled_back(const Planner& planner) {
  if (planner.in_use(planner.target) && !planner.withdrawal) {
    return {kRolledBack, ConditionStatus::false_, "NotFailed", "the spec's revision has not failed"};
  }
  const auto& last = planner.status.last_rollback;
  const std::string hint = "; it is not tried again until the spec changes or the annotation " +
                           std::string(api::kAnnotationRetry) + " has a new value";
  if (api::rolled_back_as_failed(planner.status, planner.target)) {
    return {kRolledBack, ConditionStatus::true_, last->reason, planner.target + ": " + last->message + hint};
  }
  if (planner.has_failed(planner.target)) {
    return {kRolledBack, ConditionStatus::true_, "FailedBefore",
            planner.target + ": " + planner.recorded(planner.target)->verdict_reason + hint};
  }
  return {kRolledBack, ConditionStatus::false_, "NotFailed", "the spec's revision has not failed"};
}

std::optional<Finding> recovered(const Planner& planner) {
  const auto& last = planner.status.last_rollback;
  if (!last || !last->verification) return std::nullopt;
  const api::VerificationStatus& verification = *last->verification;
  switch (verification.result) {
    case api::VerificationResult::recovered:
      return Finding{kRecovered, ConditionStatus::true_, "Recovered", verification.message};
    case api::VerificationResult::not_recovered:
      return Finding{kRecovered, ConditionStatus::false_, "NotRecovered", verification.message};
    case api::VerificationResult::undecided:
      return Finding{kRecovered, ConditionStatus::unknown, "Undecided", verification.message};
    case api::VerificationResult::pending:
      break;
  }
  return Finding{kRecovered, ConditionStatus::unknown, "Verifying", verification.message};
}

Finding traffic_ready(const Planner& planner) {
  if (planner.traffic.problem) {
    return {kTrafficReady, ConditionStatus::false_, planner.traffic.problem->reason,
            planner.traffic.problem->message};
  }
  if (!planner.route_is_left.empty())
    return {kTrafficReady, ConditionStatus::false_, "ModelsContested", planner.route_is_left};
  if (planner.contested)
    return {kTrafficReady, ConditionStatus::false_, "WeightContested", planner.waiting->message};
  if (!planner.in.traffic.candidate_weight) {
    return {kTrafficReady, ConditionStatus::unknown, "NoRoute", "there is no route to read yet"};
  }
  return {kTrafficReady, ConditionStatus::true_, "RouteUsable", "the route can be read and set"};
}

Finding metrics_available(const Planner& planner) {
  const bool compares = (planner.has_candidate() && planner.has_stable()) || planner.baking();
  if (!compares) return {kMetricsAvailable, ConditionStatus::unknown, "NotNeeded", "nothing is compared now"};
  if (!planner.in.assessment) {
    return {kMetricsAvailable, ConditionStatus::unknown, "NotLooked",
            "no look at the metrics has come back yet"};
  }
  if (const auto* nothing = std::get_if<analysis::Unavailable>(&planner.in.assessment->verdict)) {
    const bool priming = planner.has_candidate() && planner.status.weight.applied == api::kNothing;
    if (nothing->reason == "NotEnoughTraffic" && planner.step_is_young()) {
      return {kMetricsAvailable, ConditionStatus::unknown, "WaitingForTraffic",
              "the first requests at this weight are not counted yet"};
    }
    if (nothing->reason == "MetricsUnavailable" || !priming) {
      const std::string hint = nothing->reason == "NotEnoughTraffic" ? router_hint(planner.spec) : "";
      return {
          kMetricsAvailable, ConditionStatus::false_, nothing->reason,
          nothing->message + "; the rollout holds until there is data" + (hint.empty() ? "" : "; " + hint)};
    }
    return {kMetricsAvailable, ConditionStatus::unknown, "NoTrafficYet", "the candidate has no traffic yet"};
  }
  if (planner.data_is_fresh())
    return {kMetricsAvailable, ConditionStatus::true_, "Fresh", "both sides are measured"};
  return {kMetricsAvailable, ConditionStatus::false_, "MetricsStale",
          "the newest data is too old; the rollout holds until there is new data"};
}

/// The platform's gateway sends users by 65536 hashes modulo 10000, so that the first 5536 hundredths of a
/// percent get more: anything between the weight and that share is as told.
bool is_bias_of_gateway(const api::Spec& spec, const analysis::TrafficShare& share, api::Percent told) {
  if (!std::holds_alternative<api::SeraphimGatewayTraffic>(spec.traffic) || splits_by_header(spec))
    return false;
  const std::int32_t buckets = told.basis_points();
  const double sticky = (6.0 * buckets + std::min(buckets, 5536)) / 65536;
  return (share.observed() >= told.fraction() && share.observed() <= sticky) ||
         !analysis::is_off_target(share, sticky);
}

/// Compared with the weight that the router was told; pods behind one Service get whatever share they get.
Finding weight_observed(const Planner& planner) {
  const api::Percent told = planner.status.weight.applied;
  const bool routed = !std::holds_alternative<api::ReplicasTraffic>(planner.spec.traffic);
  const bool split = planner.has_candidate() && told > api::kNothing && told < api::kEverything;
  const auto& observed = planner.status.weight.observed;
  if (!routed || !split || !observed || !planner.in.assessment)
    return {kWeightObserved, ConditionStatus::unknown, "NotMeasured",
            "no split of the traffic is measured now"};
  const analysis::TrafficShare& share = planner.in.assessment->share;
  if (const auto doubt = router_doubt(planner))
    return {kWeightObserved, ConditionStatus::false_, doubt->reason, doubt->message};
  const std::string numbers = share_in_words(planner);
  if (analysis::is_off_target(share, told.fraction()) && !is_bias_of_gateway(planner.spec, share, told)) {
    return {kWeightObserved, ConditionStatus::false_, "RouterDiffers",
            numbers + ": look for sessions that stick to one backend, retries, or a second router in front"};
  }
  return {kWeightObserved, ConditionStatus::true_, "AsTold", numbers};
}

/// Said at the start rather than at the end: whether the evidence can come in time.
Finding enough_traffic(const Planner& planner) {
  const auto ahead = planner.has_candidate() && planner.has_stable() ? forecast(planner) : std::nullopt;
  if (!ahead)
    return {kEnoughTraffic, ConditionStatus::unknown, "NotKnown", "nothing is counted for a candidate now"};
  const auto& undecided = planner.spec.analysis->undecided;
  const api::Duration limit = undecided ? undecided->after : api::Duration(std::chrono::hours(1));
  const api::Condition* before = api::find_condition(planner.in.object.status.conditions, kEnoughTraffic);
  const bool was_short = before != nullptr && before->status == ConditionStatus::false_;
  // Not back and forth with every look around the limit.
  if (ahead->time <= (was_short ? limit / 2 : limit))
    return {kEnoughTraffic, ConditionStatus::true_, "EvidenceInTime", ahead->message};
  return {kEnoughTraffic, ConditionStatus::false_, "TooLittleTraffic",
          ahead->message + ", which is more than " + api::format_duration(limit) +
              ": give the last step more weight, allow a larger tolerance, or say by analysis.undecided what "
              "is to "
              "become of it"};
}

Finding paused(const Planner& planner) {
  if (!planner.spec.paused) return {kPaused, ConditionStatus::false_, "NotPaused", "spec.paused is false"};
  return {kPaused, ConditionStatus::true_, "SpecPaused",
          "spec.paused is true: no candidate gets more traffic; rolling back still works"};
}

Finding frozen(const Planner& planner) {
  FreezeView view = view_of_freezes(planner);
  return {kFrozen, view.in_force ? ConditionStatus::true_ : ConditionStatus::false_, view.reason,
          std::move(view.message)};
}

/// Holds and refusals are told when they begin: when the condition's status or reason changes.
bool is_news(const Planner& planner, const Finding& finding) {
  const std::string type = finding.type;
  // Too little traffic is told once, as the hold that it is.
  if (type == kMetricsAvailable && finding.reason == "NotEnoughTraffic") return false;
  if (type == kMetricsAvailable || type == kTrafficReady || type == kSpecValid || type == kWeightObserved ||
      type == kEnoughTraffic) {
    return finding.status == ConditionStatus::false_;
  }
  if (type == kPaused) return finding.status == ConditionStatus::true_;
  if (type == kRolledBack) return finding.status == ConditionStatus::true_ && !planner.withdrawal;
  static const std::vector<std::string> kHolds = {
      "EvidenceSuspicious", "NotEnoughTraffic",   "AwaitingApproval", "WeightUnreachable",
      "NoReplicas",         "WaitingForEvidence", "Undecided"};
  return type == kProgressing && std::find(kHolds.begin(), kHolds.end(), finding.reason) != kHolds.end();
}

void tell_news(Planner& planner, const Finding& finding) {
  const api::Condition* before = api::find_condition(planner.in.object.status.conditions, finding.type);
  if (before != nullptr && before->status == finding.status && before->reason == finding.reason) return;
  if (!is_news(planner, finding)) return;
  const bool is_normal = std::string(finding.type) == kPaused || finding.reason == "AwaitingApproval" ||
                         finding.reason == "WaitingForEvidence";
  const std::string& about =
      planner.has_candidate() ? planner.status.candidate_revision : planner.status.stable_revision;
  const bool refused = std::string(finding.type) == kRolledBack;
  const std::string action = refused || std::string(finding.type) == kSpecValid ? "Refuse" : "Hold";
  planner.tell(is_normal ? Narrative::Kind::normal : Narrative::Kind::warning,
               refused ? "RevisionRefused" : finding.reason, action, finding.message,
               about + "/" + finding.type);
}

void note(Planner& planner, Finding finding) {
  tell_news(planner, finding);
  api::Condition condition;
  condition.type = finding.type;
  condition.status = finding.status;
  condition.reason = std::move(finding.reason);
  condition.message = finding.message + finding.more;
  condition.observed_generation = planner.in.object.generation;
  api::set_condition(planner.status.conditions, std::move(condition), planner.now);
}

void forget(Planner& planner, const char* type) {
  std::erase_if(planner.status.conditions,
                [&](const api::Condition& condition) { return condition.type == type; });
}

}  // namespace

void explain(Planner& planner) {
  api::Status& status = planner.status;
  status.phase = phase_of(planner);
  status.replicas = 0;
  for (const WorkloadState& state : planner.in.workloads) status.replicas += state.existing;
  status.selector = std::string(api::kLabelName) + "=" + planner.in.object.name;

  note(planner, spec_valid(planner));
  note(planner, ready(planner));
  note(planner, traffic_ready(planner));
  if (auto finding = recovered(planner)) {
    note(planner, *std::move(finding));
  } else {
    forget(planner, kRecovered);
  }
  if (!planner.spec_usable) return;  // what the others say about the spec is not known
  note(planner, progressing(planner));
  note(planner, promoted(planner));
  note(planner, rolled_back(planner));
  note(planner, paused(planner));
  note(planner, frozen(planner));
  tell_of_hold(planner);
  if (planner.spec.analysis) {
    note(planner, metrics_available(planner));
    note(planner, weight_observed(planner));
    note(planner, enough_traffic(planner));
  } else {
    for (const char* type : {kMetricsAvailable, kWeightObserved, kEnoughTraffic}) forget(planner, type);
  }
}

}  // namespace seraphim::rollout
