// A revision loses its traffic: the route first, then the verdict, then the roles (invariant 3).
#include "api/rollback.h"
#include "rollout/planner.h"
#include "rollout/route_goal.h"

namespace seraphim::rollout {
namespace {

bool failed(const Withdrawal& withdrawal) {
  return withdrawal.verdict == api::RevisionVerdict::failed;
}

/// Makes the next move towards `to`; true when the losing revision has nothing afterwards.
bool take_traffic(Planner& planner, const Withdrawal& withdrawal) {
  if (withdrawal.to.empty()) return true;  // there is nobody to give it to
  const RouteMove move = next_route_move(planner.in.traffic, {withdrawal.to, "", api::kNothing, 1, 1});
  if (const auto* point = std::get_if<PointBackend>(&move)) {
    // An earlier write of the route may have landed unseen: then this backend has weight (invariant 4).
    planner.confirm_traffic = !planner.in.traffic.confirmed;
    planner.traffic_moves.push_back(*point);
  }
  if (const auto* weight = std::get_if<SetWeight>(&move)) planner.traffic_moves.push_back(*weight);
  if (const auto* waits = std::get_if<RouteWaits>(&move))
    planner.wait_for("WaitingForEndpoints", waits->reason);
  // A cache that lags behind our own raise would say that there is nothing to lower.
  const TrafficState& seen = planner.in.traffic;
  if (std::holds_alternative<RouteReached>(move) && !seen.confirmed &&
      planner.weight_intent > api::kNothing) {
    planner.traffic_moves.push_back(
        SetWeight{api::kNothing, seen.stable->revision, seen.candidate->revision});
  }
  planner.traffic = after_move(planner.traffic, move);
  if (planner.traffic.candidate_weight) planner.status.weight.applied = *planner.traffic.candidate_weight;
  return share_of(planner.traffic, withdrawal.revision) == api::kNothing;
}

std::string where_it_stood(const Planner& planner) {
  if (planner.has_candidate()) return where_it_stands(planner);
  return planner.baking() ? "the bake" : "all traffic";
}

void tell_rollback(Planner& planner, const Withdrawal& withdrawal) {
  if (withdrawal.to.empty()) {
    planner.tell(Narrative::Kind::warning, "FirstRevisionFailed", "RollBack",
                 withdrawal.revision + " failed and no earlier revision can serve: " + withdrawal.message +
                     "; change the spec, or set the annotation " + api::kAnnotationRetry + " to a new value",
                 withdrawal.revision);
    return;
  }
  const std::string stood = where_it_stood(planner);
  planner.tell(Narrative::Kind::warning, "RolledBack", "RollBack",
               "rolled back " + withdrawal.revision + " to " + withdrawal.to + " from " + stood + ": " +
                   withdrawal.reason + ": " + withdrawal.message,
               withdrawal.revision);
}

void tell_replacement(Planner& planner, const Withdrawal& withdrawal) {
  const std::string stood = where_it_stood(planner);
  planner.tell(Narrative::Kind::normal, withdrawal.reason, "Withdraw",
               withdrawal.revision + " was withdrawn from " + stood + ": " + withdrawal.message,
               withdrawal.revision + "/by-" + planner.target);
}

api::RollbackStatus record_of(const Planner& planner, const Withdrawal& withdrawal) {
  return {withdrawal.revision, withdrawal.to, withdrawal.reason, withdrawal.message, planner.now};
}

/// The decision, kept with its first time until it is carried out.
void note_failure(Planner& planner, const Withdrawal& withdrawal) {
  if (withdrawal.told) return;
  note_rollback(planner, record_of(planner, withdrawal));
  tell_rollback(planner, withdrawal);
}

void change_roles(Planner& planner, const Withdrawal& withdrawal) {
  if (planner.status.candidate_revision == withdrawal.revision) {
    planner.drop_candidate();
  } else {
    planner.status.stable_revision = withdrawal.to;
    planner.status.previous_revision.clear();
    planner.status.promoted_at.reset();
    planner.enter_step(0, api::kNothing);
  }
  planner.start_scale_down_delay();
}

}  // namespace

void withdraw(Planner& planner) {
  const Withdrawal& withdrawal = *planner.withdrawal;
  planner.traffic_first = true;
  const bool gone = take_traffic(planner, withdrawal);
  if (failed(withdrawal)) note_failure(planner, withdrawal);
  if (!gone) return;
  // A candidate that makes room for another one is no rollback.
  const api::RollbackStatus record = record_of(planner, withdrawal);
  const bool by_hand = !failed(withdrawal) && api::is_by_hand(record);
  if (!failed(withdrawal)) tell_replacement(planner, withdrawal);
  if (by_hand) note_rollback(planner, record);
  planner.mark(withdrawal.revision, withdrawal.verdict, withdrawal.reason + ": " + withdrawal.message);
  change_roles(planner, withdrawal);
  // Else the rollback on record is an older one, which nobody verifies.
  if (failed(withdrawal) || by_hand) begin_verification(planner);
}

}  // namespace seraphim::rollout
