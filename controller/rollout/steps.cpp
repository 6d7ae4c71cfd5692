// Steps edited in mid-canary: the candidate keeps at most the weight it has.
#include <algorithm>

#include "rollout/planner.h"

namespace seraphim::rollout {

void realign_steps(Planner& planner) {
  api::Status& status = planner.status;
  if (planner.withdrawal || !planner.has_candidate() || status.step == 0) return;
  if (planner.promoting()) {
    status.step = static_cast<std::int32_t>(planner.steps.size()) + 1;
    return;
  }
  const api::Step* step = planner.step();
  if (step != nullptr && step->weight == status.weight.desired) return;

  planner.new_course = true;
  // The highest new step that is no raise; none: back to the start.
  std::int32_t index = 0;
  for (const api::Step& candidate : planner.steps) {
    if (candidate.weight > status.weight.desired) break;
    ++index;
  }
  const api::Percent weight =
      index == 0 ? api::kNothing : planner.steps[static_cast<std::size_t>(index) - 1].weight;
  if (weight == status.weight.desired) {
    status.step = index;  // the same weight under another number keeps its hold time
  } else {
    planner.enter_step(index, weight);
  }
  status.approved_step = std::min(status.approved_step, std::max(index - 1, 0));
  planner.tell(Narrative::Kind::normal, "StepsChanged", "Realign",
               "the steps were edited: " + status.candidate_revision + " goes on at step " +
                   std::to_string(index) + " of " + std::to_string(planner.steps.size()) + " with " +
                   api::format_percent(weight),
               status.candidate_revision + "/realigned-" + std::to_string(planner.in.object.generation));
}

}  // namespace seraphim::rollout
