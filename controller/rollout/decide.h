// What should happen next. Pure: the same observation gives the same plan, on any machine, at any time.
#pragma once

#include "rollout/observation.h"
#include "rollout/plan.h"

namespace seraphim::rollout {

/// Total: any observation, however odd, gets a plan.
///
/// Level-based: nothing is remembered outside of the object's status, so a plan that was carried out halfway
/// is followed by one that does the rest. Intent is written before it is acted upon when traffic rises
/// (status.weight.desired, then the route), and after it when traffic falls (the route first, then the
/// verdict, then status).
Plan decide(const Observation& observation);

}  // namespace seraphim::rollout
