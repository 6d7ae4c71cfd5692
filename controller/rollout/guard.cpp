// The reasons to roll back. None asks for a pause, a healthy stable revision or metrics (invariant 3).
#include "api/rollback.h"
#include "rollout/planner.h"

namespace seraphim::rollout {
namespace {

/// The revision under watch: the candidate, or after promotion the one that bakes.
std::string watched(const Planner& planner) {
  if (planner.has_candidate()) return planner.status.candidate_revision;
  return planner.baking() ? planner.status.stable_revision : std::string();
}

std::string fallback(const Planner& planner) {
  return planner.has_candidate() ? planner.status.stable_revision : planner.status.previous_revision;
}

/// A rollback decided in an earlier pass that is not carried out to its end.
bool go_on_rolling_back(Planner& planner) {
  const std::string revision = watched(planner);
  if (api::rolled_back_as_failed(planner.status, revision)) {
    const api::RollbackStatus& decided = *planner.status.last_rollback;
    roll_back(planner, decided.reason, decided.message);
    planner.withdrawal->told = true;
    return true;
  }
  const api::Revision* record = planner.recorded(revision);
  if (record == nullptr || record->verdict != api::RevisionVerdict::failed) return false;
  // Marked, and then the status was not written; the mark carries "<reason>: <message>".
  const std::size_t colon = record->verdict_reason.find(": ");
  if (colon == std::string::npos) {
    roll_back(planner, "MarkedFailed", record->verdict_reason);
  } else {
    roll_back(planner, record->verdict_reason.substr(0, colon), record->verdict_reason.substr(colon + 2));
  }
  return true;
}

bool serves_nothing(const std::string& revision, const std::optional<Backend>& backend) {
  return backend && backend->revision == revision && backend->ready == 0;
}

/// All pods of the watched revision are gone while it has traffic and the other one could take it.
bool lost_all_pods(const Planner& planner) {
  const std::string revision = watched(planner);
  if (share_of(planner.traffic, revision) == api::kNothing) return false;
  // A weight that somebody gave to pods on their way up is put back, and says nothing about the revision.
  if (planner.has_candidate() && planner.weight_intent == api::kNothing) return false;
  const WorkloadState pods = planner.workload(revision);
  if (pods.desired == 0 || pods.ready > 0) return false;
  const bool through_candidate = planner.traffic.candidate && planner.traffic.candidate->revision == revision;
  const auto& backend = through_candidate ? planner.traffic.candidate : planner.traffic.stable;
  return serves_nothing(revision, backend) && planner.workload(fallback(planner)).ready > 0;
}

/// More pods are needed than the API server could be asked for so far: no fault of the revision. A refusal
/// that lasts is one, and with traffic.replicas the operator itself may hold pods back.
bool pods_are_not_yet_asked_for(const Planner& planner) {
  if (std::holds_alternative<api::ReplicasTraffic>(planner.spec.traffic)) return false;
  const WorkloadState pods = planner.workload(planner.status.candidate_revision);
  return pods.desired < planner.candidate_needs() && pods.problem.empty();
}

/// Keeps the deadline's clock; true when it has run out.
bool deadline_passed(Planner& planner) {
  const bool waits_in_pause = planner.spec.paused && !planner.initial() &&
                              share_of(planner.traffic, planner.status.candidate_revision) == api::kNothing;
  if (!planner.has_candidate() || planner.candidate_needs() == 0 || planner.candidate_available() ||
      waits_in_pause) {
    planner.status.progress_since.reset();
    return false;
  }
  if (!planner.status.progress_since || pods_are_not_yet_asked_for(planner))
    planner.status.progress_since = planner.now;
  const api::Duration left = *planner.status.progress_since + planner.full.progress_deadline - planner.now;
  if (left <= api::Duration::zero()) return true;
  planner.look_again_in(left);
  return false;
}

std::string deadline_message(const Planner& planner) {
  const WorkloadState pods = planner.workload(planner.status.candidate_revision);
  std::string message = std::to_string(pods.available) + " of " + std::to_string(planner.candidate_needs()) +
                        " " + planner.full.units() + " available after " +
                        api::format_duration(planner.full.progress_deadline);
  if (!pods.problem.empty()) message += ": " + pods.problem;
  return message;
}

}  // namespace

void roll_back(Planner& planner, const std::string& reason, const std::string& message) {
  planner.withdrawal =
      Withdrawal{watched(planner), fallback(planner), api::RevisionVerdict::failed, reason, message};
}

void watch_over(Planner& planner) {
  const std::string revision = watched(planner);
  if (revision.empty()) {
    planner.status.progress_since.reset();
    return;
  }
  if (go_on_rolling_back(planner)) return;
  if (planner.in.assessment && !planner.initial()) {
    if (const auto* verdict = std::get_if<analysis::RollBack>(&planner.in.assessment->verdict)) {
      return roll_back(planner, verdict->reason, verdict->message);
    }
  }
  if (planner.spec_usable && planner.has_candidate() && planner.overdue(api::UndecidedEnd::roll_back)) {
    return roll_back(planner, "Undecided", undecided_message(planner));
  }
  if (lost_all_pods(planner)) {
    const WorkloadState pods = planner.workload(revision);
    return roll_back(planner, "RevisionUnavailable",
                     "all " + std::to_string(pods.desired) + " " + planner.full.units() + " of " + revision +
                         " stopped being ready while it had traffic" +
                         (pods.problem.empty() ? "" : ": " + pods.problem));
  }
  if (planner.spec_usable && deadline_passed(planner)) {
    roll_back(planner, "ProgressDeadlineExceeded", deadline_message(planner));
  }
}

}  // namespace seraphim::rollout
