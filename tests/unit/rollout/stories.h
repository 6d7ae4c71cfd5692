// Whole stories of a rollout, told once and reused: for their ends, for crashes at every effect, for both
// providers.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rollout/world.h"

namespace seraphim::rollout {

struct Story {
  std::string name;
  std::function<void(World&)> run;
};

/// The first revision "v1" serves.
void serve_v1(World& world);
/// "v2" is the candidate and has the weight of this step.
void reach_step(World& world, std::int32_t step);
/// "v2" was promoted and bakes.
void reach_bake(World& world);

std::vector<Story> all_stories();

}  // namespace seraphim::rollout
