// The route: where the roles and the step want it, one safe move per pass.
#include <algorithm>

#include "api/rollback.h"
#include "rollout/freeze.h"
#include "rollout/planner.h"
#include "rollout/route_goal.h"

namespace seraphim::rollout {
namespace {

// A weight set by hand is put back this often in one step. After that it is left alone until the window is
// over, unless it is too high: that is lowered once per pause (invariants 2 and 12).
constexpr std::int32_t kRestoresBeforeHold = 3;
constexpr api::Duration kContestWindow = std::chrono::minutes(10);
constexpr api::Duration kContestPause = std::chrono::minutes(1);

bool selects(const std::optional<Backend>& backend, const std::string& revision) {
  return backend && backend->revision == revision;
}

/// The stable backend has been moved to the candidate, or may be: everything goes to the candidate already.
bool switching_over(const Planner& planner) {
  if (!planner.promoting()) return false;
  const std::string& candidate = planner.status.candidate_revision;
  if (selects(planner.traffic.stable, candidate)) return true;
  const bool held = planner.spec.paused || freeze_that_holds(planner) != nullptr;
  return !held && planner.traffic.candidate_weight == api::kEverything &&
         selects(planner.traffic.candidate, candidate);
}

/// The candidate's weight points at nothing while the stable backend could serve (invariant 4).
bool candidate_is_dry(const Planner& planner) {
  const TrafficState& traffic = planner.traffic;
  return traffic.candidate && traffic.stable &&
         traffic.candidate_weight.value_or(api::kNothing) > api::kNothing &&
         traffic.candidate->ready + traffic.candidate->foreign_ready == 0 && traffic.stable->ready > 0;
}

/// Endpoints that stand for a revision that serves already: as many as it has ready pods, but one.
std::int32_t endpoints_wanted(const Planner& planner, const std::string& revision) {
  if (planner.full.replicas == 0) return 0;
  return std::max(1, std::min(planner.full.replicas, planner.workload(revision).ready));
}

std::optional<RouteGoal> goal_of(const Planner& planner) {
  const api::Status& status = planner.status;
  const std::string& stable = status.stable_revision;
  const std::string& candidate = status.candidate_revision;
  if (planner.initial()) return RouteGoal{candidate, candidate, api::kNothing, planner.candidate_needs(), 1};
  if (!planner.has_stable()) return std::nullopt;
  if (switching_over(planner)) {
    return RouteGoal{candidate, "", api::kNothing, endpoints_wanted(planner, candidate), 1};
  }
  const std::int32_t stable_needs = endpoints_wanted(planner, stable);
  if (planner.has_candidate()) {
    const api::Percent weight = std::min(status.weight.desired, planner.weight_intent);
    return RouteGoal{stable, candidate, candidate_is_dry(planner) ? api::kNothing : weight, stable_needs,
                     std::max(1, planner.candidate_needs())};
  }
  if (planner.baking()) return RouteGoal{stable, status.previous_revision, api::kNothing, stable_needs, 1};
  return RouteGoal{stable, stable, api::kNothing, stable_needs, 1};
}

enum class Edit {
  none,
  unconfirmed,  ///< perhaps only the cache lags
  noted,        ///< counted and told now, put back in the next pass: so no crash loses the story
  left,         ///< too many of them
};

/// Counts the edit (as `restores`) and tells that it is put back.
Edit put_back(Planner& planner, api::Percent observed, std::int32_t restores) {
  api::Status& status = planner.status;
  status.weight_restores = restores;
  status.weight_restored_at = planner.now;
  const std::string& about = planner.has_candidate() ? status.candidate_revision : status.stable_revision;
  planner.tell(Narrative::Kind::warning, "WeightRestored", "SetWeight",
               "somebody set the weight to " + api::format_percent(observed) + "; it is put back to " +
                   api::format_percent(status.weight.desired) + " (edit " + std::to_string(restores) +
                   " in this step; after " + std::to_string(kRestoresBeforeHold) + " the rollout holds)",
               about + "/restore-" + std::to_string(restores));
  return Edit::noted;
}

/// Has somebody else changed the weight, and what is done about it?
Edit judge_edit(Planner& planner, api::Percent observed) {
  api::Status& status = planner.status;
  const bool settled = planner.has_stable() && selects(planner.traffic.stable, status.stable_revision);
  if (!settled || switching_over(planner) || observed == status.weight.desired) return Edit::none;
  const bool many = status.weight_restores > kRestoresBeforeHold;
  const bool fresh = observed != planner.weight_before;
  if (!fresh && !many) return Edit::none;  // ours, on its way
  if (!planner.traffic.confirmed) return Edit::unconfirmed;
  // Nothing is said to be put back that may not be raised now. It may be our own rollback, cut off by a
  // crash.
  if (observed < status.weight.desired && planner.has_candidate() && planner.raise_blocked())
    return Edit::none;
  if (fresh && status.weight_restores < kRestoresBeforeHold) {
    return put_back(planner, observed, status.weight_restores + 1);
  }
  if (!many) {
    status.weight_restores = kRestoresBeforeHold + 1;
    status.weight_restored_at = planner.now;
  }
  const api::Duration since = planner.now - status.weight_restored_at.value_or(api::Time{});
  if (since >= kContestWindow) return put_back(planner, observed, 1);
  const bool too_high = observed > status.weight.desired;
  if (too_high && since >= kContestPause) return put_back(planner, observed, kRestoresBeforeHold);
  planner.look_again_in((too_high ? kContestPause : kContestWindow) - since);
  return Edit::left;
}

/// A first revision takes traffic from one that it replaced, on whichever side either stands: that one serves
/// until the first one is available (invariant 1).
bool takes_over_from_one_that_serves(const Planner& planner, const SetWeight& move) {
  const TrafficState& before = planner.traffic;
  const std::string& first = planner.status.candidate_revision;
  if (share_of(after_move(before, move), first) <= share_of(before, first)) return false;
  const bool to_candidate = move.weight > before.candidate_weight.value_or(api::kNothing);
  const std::optional<Backend>& loser = to_candidate ? before.stable : before.candidate;
  return loser && loser->ready > 0;
}

/// The candidate would get more than it has: everything that forbids this is asked once more.
bool raise_is_held(Planner& planner, const SetWeight& move) {
  if (planner.initial() && takes_over_from_one_that_serves(planner, move))
    return !planner.candidate_available();
  const bool raises = planner.has_candidate() && planner.has_stable() && !switching_over(planner) &&
                      move.candidate == planner.status.candidate_revision &&
                      move.weight > *planner.traffic.candidate_weight;
  if (!raises) return false;
  if (const auto blocked = planner.raise_blocked()) {
    planner.wait_for(blocked->reason, blocked->message);
    return true;
  }
  return !planner.candidate_available();  // advance() says so
}

bool in_canary(const Planner& planner) {
  return planner.has_candidate() && planner.has_stable() &&
         selects(planner.in.traffic.stable, planner.status.stable_revision);
}

/// What the candidate has: a share of its own, or (in the switch at the end) the same traffic by another way.
void tell_weight(Planner& planner) {
  const api::Percent before = planner.weight_before;
  const api::Percent weight = planner.status.weight.applied;
  const std::string from_to =
      " went from " + api::format_percent(before) + " to " + api::format_percent(weight);
  const std::string& candidate = planner.status.candidate_revision;
  if (!in_canary(planner)) {
    const std::string& main = planner.has_candidate() ? candidate : planner.status.stable_revision;
    planner.tell(Narrative::Kind::normal, "TrafficSwitched", "SetWeight",
                 "all traffic goes to " + main + "; the candidate backend's weight" + from_to,
                 main + "/to-" + api::format_percent(weight));
  } else if (weight > before) {
    const std::string place = planner.promoting() ? "for the promotion"
                                                  : "for step " + std::to_string(planner.status.step) +
                                                        " of " + std::to_string(planner.steps.size());
    planner.tell(Narrative::Kind::normal, "WeightRaised", "SetWeight",
                 "the weight of " + candidate + from_to + " " + place, candidate);
  } else if (weight < planner.status.weight.desired) {
    planner.tell(Narrative::Kind::warning, "WeightWithdrawn", "SetWeight",
                 "the weight of " + candidate + from_to + " because no ready endpoint stands behind it",
                 candidate);
  } else {
    planner.tell(Narrative::Kind::normal, "WeightLowered", "SetWeight",
                 "the weight of " + candidate + from_to + " as the steps ask now", candidate);
  }
}

/// Behind routes the gateway must not split as well. Who sets its CANARY_PERCENT again (a chart, Git) is not
/// fought: each write restarts the gateway, so there is one in a window at most (invariant 12).
bool may_stop_splitting(Planner& planner) {
  auto& stopped_at = planner.status.split_stopped_at;
  if (stopped_at && planner.now - *stopped_at < kContestWindow) {
    planner.look_again_in(kContestWindow - (planner.now - *stopped_at));
    return false;
  }
  const bool again = stopped_at.has_value();
  stopped_at = planner.now;
  planner.tell(
      again ? Narrative::Kind::warning : Narrative::Kind::normal, "GatewaySplitStopped", "EnsureRoute",
      "the gateway's CANARY_PERCENT was not 0" + std::string(again ? " again" : "") +
          "; it is set to 0, because the routes make the split; take it out of the chart's values, or "
          "write 0 there",
      planner.status.stable_revision + "/" + api::format_time(planner.now));
  return true;
}

/// A new route begins with everything at the backend that selects what should serve.
void ensure_own_route(Planner& planner, const RouteGoal& goal) {
  const TrafficState& traffic = planner.traffic;
  if (!traffic.own_route_outdated || !traffic.stable || !traffic.candidate) return;
  const bool behind_routes = std::holds_alternative<api::SeraphimGatewayTraffic>(planner.spec.traffic);
  if (behind_routes && !may_stop_splitting(planner)) return;
  const bool through_candidate = !selects(traffic.stable, goal.main) && selects(traffic.candidate, goal.main);
  const api::Percent fresh = through_candidate ? api::kEverything : api::kNothing;
  planner.traffic_moves.push_back(EnsureRoute{traffic.candidate_weight.value_or(fresh)});
}

void make_move(Planner& planner, const RouteMove& move) {
  if (const auto* point = std::get_if<PointBackend>(&move)) planner.traffic_moves.push_back(*point);
  if (const auto* waits = std::get_if<RouteWaits>(&move))
    planner.wait_for("WaitingForEndpoints", waits->reason);
  const bool told = std::holds_alternative<RouteReached>(move);
  planner.route_reached = told && planner.traffic.unsettled.empty();
  // Without a candidate nothing waits for it, and a restart of the operator is no news.
  if (told && !planner.route_reached && planner.has_candidate())
    planner.wait_for("TrafficSettling", planner.traffic.unsettled);
  const auto* set = std::get_if<SetWeight>(&move);
  if (set == nullptr) return;
  if (raise_is_held(planner, *set)) return;
  planner.traffic_moves.push_back(*set);
  planner.status.weight.applied = set->weight;
}

/// The story of the weight follows what changed since the last status, so that no crash loses it.
void follow_up(Planner& planner, const RouteMove& move) {
  const api::Percent applied = planner.status.weight.applied;
  const bool ours = std::holds_alternative<SetWeight>(move) || applied == planner.status.weight.desired ||
                    (!in_canary(planner) && (applied == api::kNothing || applied == api::kEverything));
  const bool told = planner.status.weight_restores > 0 && applied == planner.status.weight.desired;
  if (ours && !told && applied != planner.weight_before) tell_weight(planner);
  // Whoever served before a first revision took over loses it now, and lives on for the scale-down delay;
  // until this is persisted it counts as now.
  if (planner.initial() && applied != planner.weight_before) planner.start_scale_down_delay();
  const bool at_stable =
      std::holds_alternative<RouteReached>(move) || std::holds_alternative<SetWeight>(move);
  if (switching_over(planner) && at_stable &&
      selects(planner.in.traffic.stable, planner.status.candidate_revision)) {
    complete_promotion(planner);
  }
  planner.traffic = after_move(planner.traffic, move);
}

/// An earlier revision, found healthy before, was promoted in the place of a later one: the spec went back by
/// hand, and the steps were its way.
void note_reversal(Planner& planner, const std::string& old) {
  const api::Revision *left = planner.recorded(old), *back = planner.recorded(planner.status.stable_revision);
  if (left == nullptr || back == nullptr || back->number >= left->number) return;
  if (back->verdict != api::RevisionVerdict::healthy) return;
  note_rollback(
      planner,
      {old, back->name, api::kReverted,
       "the spec asked for the earlier revision " + std::to_string(back->number) + " again", planner.now});
  begin_verification(planner);
}

}  // namespace

void complete_promotion(Planner& planner) {
  api::Status& status = planner.status;
  const std::string old = status.stable_revision;
  const std::string promoted = status.candidate_revision;
  const auto& bake = planner.spec.strategy.bake;
  planner.tell(Narrative::Kind::normal, "Promoted", "Promote",
               promoted + " serves all traffic in place of " + old +
                   (bake ? "; " + old + " stays ready for " + api::format_duration(*bake) : std::string()),
               promoted);
  if (!bake) planner.mark(promoted, api::RevisionVerdict::healthy, "promoted");
  planner.drop_candidate();
  status.stable_revision = promoted;
  status.previous_revision = bake ? old : std::string();
  status.promoted_at = bake ? std::optional<api::Time>(planner.now) : std::nullopt;
  planner.start_scale_down_delay();
  note_reversal(planner, old);
}

void steer_traffic(Planner& planner) {
  if (planner.withdrawal) return withdraw(planner);
  const std::optional<api::Percent> observed = planner.traffic.candidate_weight;
  const std::optional<RouteGoal> goal = goal_of(planner);
  if (planner.traffic.problem || !goal || !planner.route_is_left.empty()) {
    if (observed) planner.status.weight.applied = *observed;
    return;
  }
  ensure_own_route(planner, *goal);
  Edit edit = Edit::none;
  if (observed) {
    edit = judge_edit(planner, *observed);
    if (edit == Edit::unconfirmed) {
      planner.confirm_traffic = true;
      return;
    }
    planner.status.weight.applied = *observed;
  }
  if (edit == Edit::noted) return planner.wait_for("Raising", "the weight is put back");
  if (edit == Edit::left) {
    planner.contested = true;
    planner.wait_for("WeightContested", "the weight was set by hand again and again; it is left at " +
                                            api::format_percent(*observed) +
                                            " for now: stop whoever changes it, or set spec.paused");
    return;
  }
  const RouteMove move = next_route_move(planner.traffic, *goal);
  make_move(planner, move);
  follow_up(planner, move);
}

}  // namespace seraphim::rollout
