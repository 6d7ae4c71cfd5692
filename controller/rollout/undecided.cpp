// A rollout that waits for evidence or data alone has a deadline, if the spec gives it one (invariant 6).
#include <algorithm>
#include <array>
#include <string_view>

#include "rollout/freeze.h"
#include "rollout/planner.h"

namespace seraphim::rollout {
namespace {

using api::UndecidedEnd;

bool waits_for_evidence(const Planner& planner) {
  constexpr std::array<std::string_view, 6> kReasons{"MetricsUnavailable", "MetricsStale",
                                                     "NotEnoughTraffic",   "EvidenceSuspicious",
                                                     "WaitingForEvidence", "RouterDiffers"};
  return planner.has_candidate() && planner.has_stable() && !planner.withdrawal && planner.waiting &&
         std::find(kReasons.begin(), kReasons.end(), planner.waiting->reason) != kReasons.end();
}

bool waits_for_thaw_only(const Planner& planner) {
  return planner.has_candidate() && !planner.withdrawal && planner.waiting &&
         planner.waiting->reason == kWaitsForThaw;
}

/// Told beforehand, with the time: people should not be surprised by it.
std::string what_comes(UndecidedEnd end, const std::string& at) {
  switch (end) {
    case UndecidedEnd::roll_back:
      return "; without a verdict it is rolled back at " + at;
    case UndecidedEnd::promote:
      return "; without suspicion it goes on at " + at;
    case UndecidedEnd::hold:
      break;
  }
  return "; it is overdue at " + at;
}

}  // namespace

bool Planner::overdue(UndecidedEnd end) const {
  if (!spec.analysis || !spec.analysis->undecided || !status.undecided_since) return false;
  const api::Undecided& limit = *spec.analysis->undecided;
  // A verdict that has just come is no reason to give up on it.
  const bool proven = in.assessment && std::holds_alternative<analysis::Promote>(in.assessment->verdict);
  return limit.then == end && !spec.paused && !proven && now >= *status.undecided_since + limit.after;
}

std::string undecided_message(const Planner& planner) {
  const api::EvidenceStatus& evidence = planner.status.evidence;
  std::string message =
      "no verdict after " + api::format_duration(planner.spec.analysis->undecided->after) + " of waiting";
  if (evidence.rollback_evidence.empty()) return message + ": there were no metrics";
  return message + ": rollback evidence " + evidence.rollback_evidence + ", promotion evidence " +
         evidence.promotion_evidence;
}

void mind_the_undecided(Planner& planner) {
  api::Status& status = planner.status;
  // Its time is up and it would go on: that stays so until the freeze that it waits for is over.
  if (waits_for_thaw_only(planner) && planner.overdue(UndecidedEnd::promote)) return;
  if (!waits_for_evidence(planner)) {
    status.undecided_since.reset();
    return;
  }
  if (!status.undecided_since) status.undecided_since = planner.now;
  if (!planner.spec.analysis->undecided) return;
  const api::Undecided& limit = *planner.spec.analysis->undecided;
  const api::Time until = *status.undecided_since + limit.after;
  if (planner.now < until) {
    planner.waiting->message += what_comes(limit.then, api::format_time(until));
    planner.look_again_in(until - planner.now);
  } else if (limit.then == UndecidedEnd::hold) {
    planner.waiting =
        Waiting{"Undecided", "overdue since " + api::format_time(until) + ": " + planner.waiting->message};
  }
}

}  // namespace seraphim::rollout
