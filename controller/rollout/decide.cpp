#include "rollout/decide.h"

#include "rollout/planner.h"

namespace seraphim::rollout {
namespace {

Plan leave_alone(const Observation& observation) {
  Plan plan;
  plan.status = observation.object.status;
  return plan;
}

/// Without a spec to follow, one duty is left: a revision that fails loses its traffic.
void keep_duties(Planner& planner) {
  if (planner.has_candidate() || planner.baking()) watch_over(planner);
  if (planner.withdrawal) withdraw(planner);
  end_verification(planner, "the spec is not understood any more");
}

void follow_spec(Planner& planner) {
  watch_over(planner);
  read_annotations(planner);
  mind_the_freezes(planner);
  mind_out_of_band(planner);
  choose_course(planner);
  realign_steps(planner);
  steer_traffic(planner);
  advance(planner);
  mind_the_undecided(planner);
  verify_rollback(planner);
  size_workloads(planner);
  trim_history(planner);
}

}  // namespace

Plan decide(const Observation& observation) {
  if (observation.object.deleting) return leave_alone(observation);
  Planner planner(observation);
  read_world(planner);
  if (planner.spec_usable) {
    follow_spec(planner);
  } else {
    keep_duties(planner);
  }
  if (planner.confirm_traffic) {
    Plan plan = leave_alone(observation);
    plan.confirm_traffic = true;
    return plan;
  }
  explain(planner);
  return std::move(planner).plan();
}

}  // namespace seraphim::rollout
