// Time passes: the hold clock, approval, evidence, the next step, promotion, the end of the bake.
#include <algorithm>

#include "rollout/freeze.h"
#include "rollout/outlook.h"
#include "rollout/planner.h"

namespace seraphim::rollout {
namespace {

// A step is left with this many candidate requests, or with fewer after this long.
constexpr std::int64_t kRequestsPerStep = 10;
constexpr api::Duration kPatience = std::chrono::minutes(5);

void stop_clock(Planner& planner) {
  api::Status& status = planner.status;
  if (!status.hold_clock_since) return;
  // Blind time does not count, and when sight was lost is the last fresh look's time.
  api::Time until = planner.now;
  if (!planner.data_is_fresh()) {
    until = std::min(until, planner.in.assessment->fresh_at.value_or(*status.hold_clock_since));
  }
  status.held += std::max(api::Duration::zero(), until - *status.hold_clock_since);
  status.hold_clock_since.reset();
}

void run_clock(Planner& planner) {
  api::Status& status = planner.status;
  const bool at_weight = status.step > 0 && !planner.promoting() && planner.route_reached;
  if (at_weight && !status.step_started_at) status.step_started_at = planner.now;
  // Nobody has looked yet, after a restart say: the first look tells whether the clock goes on.
  if (planner.spec.analysis && !planner.in.assessment) return;
  const bool counts =
      at_weight && !planner.spec.paused && planner.data_is_fresh() && planner.candidate_available();
  if (!counts) return stop_clock(planner);
  if (!status.hold_clock_since) status.hold_clock_since = planner.now;
}

api::Duration held(const Planner& planner) {
  const api::Status& status = planner.status;
  if (!status.hold_clock_since) return status.held;
  return status.held + std::max(api::Duration::zero(), planner.now - *status.hold_clock_since);
}

/// False, and the reason and the timer are set, while `wanted` is not held yet.
bool held_for(Planner& planner, api::Duration wanted, const char* reason, const std::string& what) {
  const api::Duration left = wanted - held(planner);
  if (left <= api::Duration::zero()) return true;
  planner.wait_for(reason, what + " until " + api::format_time(planner.now + left));
  if (planner.status.hold_clock_since) planner.look_again_in(left);
  return false;
}

bool enough_requests(Planner& planner) {
  if (!planner.spec.analysis || !planner.in.assessment) return true;
  const std::int64_t requests = planner.in.assessment->candidate_requests_in_step;
  if (requests >= kRequestsPerStep || planner.overdue(api::UndecidedEnd::promote)) return true;
  return held_for(planner, kPatience, planner.step_is_young() ? "WaitingForTraffic" : "NotEnoughTraffic",
                  "only " + std::to_string(requests) + " of " + std::to_string(kRequestsPerStep) +
                      " candidate requests were seen in this step; it is held");
}

/// "12 of 20", and of which metric where there are several.
std::string promotion_evidence(const api::Status& status) {
  std::string text = status.evidence.promotion_evidence;
  for (const api::MetricEvidence& metric : status.evidence.metrics) {
    if (!metric.promotion_evidence.empty()) text += ", " + metric.name + " " + metric.promotion_evidence;
  }
  return text;
}

bool promotion_is_proven(Planner& planner) {
  if (!planner.spec.analysis || !planner.at_last_step()) return true;
  if (planner.in.assessment && std::holds_alternative<analysis::Promote>(planner.in.assessment->verdict))
    return true;
  if (planner.overdue(api::UndecidedEnd::promote)) return true;
  const auto ahead = forecast(planner);
  planner.wait_for("WaitingForEvidence",
                   "promotion needs more evidence: " + promotion_evidence(planner.status) +
                       (ahead ? "; " + ahead->message : ""));
  return false;
}

bool approved(Planner& planner) {
  const api::Status& status = planner.status;
  if (!planner.step()->approval || status.approved_step >= status.step) return true;
  planner.wait_for("AwaitingApproval", "step " + std::to_string(status.step) +
                                           " waits for a person: set the annotation " +
                                           api::kAnnotationApprove + "=" + status.candidate_revision + "/" +
                                           std::to_string(status.step));
  return false;
}

/// Writes down the next weight; the route follows in the next pass, when this is persisted.
void raise_intent(Planner& planner) {
  const auto next = static_cast<std::size_t>(planner.status.step);
  const api::Percent weight = next < planner.steps.size() ? planner.steps[next].weight : api::kEverything;
  planner.enter_step(planner.status.step + 1, weight);
  planner.wait_for("Raising", "the weight goes to " + api::format_percent(weight) + " next");
}

bool pods_are_up(Planner& planner) {
  if (const auto why = planner.unreachable_weight()) {
    planner.wait_for("WeightUnreachable", *why);
    return false;
  }
  if (planner.full.replicas == 0) {
    planner.wait_for("NoReplicas",
                     "spec.workload.pods.replicas is 0: nothing can be compared until it is raised");
    return false;
  }
  if (planner.candidate_available()) return true;
  const WorkloadState pods = planner.workload(planner.status.candidate_revision);
  planner.wait_for("WaitingForPods", std::to_string(pods.available) + " of " +
                                         std::to_string(planner.candidate_needs()) + " " +
                                         planner.full.units() + " of " + pods.revision + " are available" +
                                         (pods.problem.empty() ? "" : ": " + pods.problem));
  return false;
}

/// The first traffic waits for the candidate's counters to be scraped, so that no request goes where nobody
/// can see. Not for long: some programs export a counter only when it has counted something.
bool candidate_in_sight(Planner& planner) {
  api::Status& status = planner.status;
  const bool first = status.step == 0 && planner.spec.analysis && planner.in.assessment;
  if (!first || planner.in.assessment->candidate_in_sight) return true;
  if (!status.step_started_at) status.step_started_at = planner.now;
  const api::Time until = *status.step_started_at + analysis::stale_after(*planner.spec.analysis);
  if (planner.now >= until) return true;
  planner.look_again_in(until - planner.now);
  planner.wait_for("WaitingForMetrics", "Prometheus has not scraped " + status.candidate_revision +
                                            " yet; its first traffic waits for that until " +
                                            api::format_time(until));
  return false;
}

/// Asked last: a freeze only shows as what the rollout waits for when it is.
bool thaw_is_awaited(Planner& planner) {
  const auto held = planner.raise_blocked();
  if (held) planner.wait_for(held->reason, held->message);
  return held.has_value();
}

bool may_leave_step(Planner& planner) {
  if (const auto doubt = planner.doubts()) {
    planner.wait_for(doubt->reason, doubt->message);
    return false;
  }
  const api::Step* step = planner.step();
  if (step == nullptr) return candidate_in_sight(planner) && !thaw_is_awaited(planner);
  return held_for(planner, step->hold, "HoldingStep",
                  "step " + std::to_string(planner.status.step) + " is held") &&
         enough_requests(planner) && promotion_is_proven(planner) && approved(planner) &&
         !thaw_is_awaited(planner);
}

void note_frozen_promotion(Planner& planner) {
  const auto held = held_by_freeze(planner, planner.status.candidate_revision + " is not promoted");
  if (held) planner.wait_for(held->reason, held->message);
}

void advance_candidate(Planner& planner) {
  run_clock(planner);
  const bool up = pods_are_up(planner);
  if (planner.traffic.problem)
    return planner.wait_for(planner.traffic.problem->reason, planner.traffic.problem->message);
  if (!up) return;
  if (planner.promoting()) {
    const auto& stable = planner.traffic.stable;
    const bool switching = stable && stable->revision == planner.status.candidate_revision;
    if (planner.spec.paused) planner.wait_for("Paused", planner.doubts()->message);
    if (!switching) note_frozen_promotion(planner);
    return planner.wait_for("Promoting", "all traffic moves to " + planner.status.candidate_revision);
  }
  if (!planner.route_reached)
    return planner.wait_for("Raising", "the route is on its way to this step's weight");
  if (!planner.new_course && may_leave_step(planner)) raise_intent(planner);
}

void finish_first(Planner& planner) {
  api::Status& status = planner.status;
  if (planner.traffic.problem)
    return planner.wait_for(planner.traffic.problem->reason, planner.traffic.problem->message);
  const std::int32_t wanted = planner.full.replicas;
  const WorkloadState pods = planner.workload(status.candidate_revision);
  if (pods.available < wanted) {
    pods_are_up(planner);
    return;
  }
  if (!planner.route_reached || (wanted > 0 && planner.traffic.stable->ready == 0)) return;
  const std::string first = status.candidate_revision;
  planner.tell(Narrative::Kind::normal, "FirstRevisionServes", "Promote",
               first + " is available with " + std::to_string(pods.available) + " " + planner.full.units() +
                   " and serves all traffic",
               first);
  planner.mark(first, api::RevisionVerdict::healthy, "first revision");
  planner.drop_candidate();
  status.stable_revision = first;
}

void watch_bake(Planner& planner) {
  const api::Time over =
      *planner.status.promoted_at + planner.spec.strategy.bake.value_or(api::Duration::zero());
  if (planner.now < over) {
    planner.look_again_in(over - planner.now);
    return planner.wait_for(
        "Baking", planner.status.previous_revision + " stays ready until " + api::format_time(over));
  }
  if (planner.spec.paused) return planner.wait_for("Paused", "the bake ends when spec.paused is false");
  if (const auto held =
          held_by_freeze(planner, "the way back to " + planner.status.previous_revision + " is kept"))
    return planner.wait_for(held->reason, held->message);
  if (!planner.data_is_fresh()) {
    return planner.wait_for("MetricsUnavailable", "the bake ends when there is fresh data; until then " +
                                                      planner.status.previous_revision + " stays ready");
  }
  if (planner.workload(planner.status.stable_revision).available < planner.full.replicas) {
    return planner.wait_for("WaitingForPods", "the bake ends when all " + planner.full.units() + " of " +
                                                  planner.status.stable_revision + " are available");
  }
  end_bake(planner, "over");
}

}  // namespace

void end_bake(Planner& planner, const std::string& reason) {
  api::Status& status = planner.status;
  planner.tell(Narrative::Kind::normal, "BakeEnded", "EndBake",
               "the bake of " + status.stable_revision + " is " + reason + "; " + status.previous_revision +
                   " is no longer kept ready",
               status.stable_revision);
  planner.mark(status.stable_revision, api::RevisionVerdict::healthy, "promoted; the bake is " + reason);
  status.previous_revision.clear();
  status.promoted_at.reset();
  planner.start_scale_down_delay();
}

void advance(Planner& planner) {
  if (planner.withdrawal || planner.confirm_traffic) return;
  if (planner.initial()) return finish_first(planner);
  if (planner.has_candidate()) return advance_candidate(planner);
  if (planner.baking()) watch_bake(planner);
}

}  // namespace seraphim::rollout
