// Whole stories of a rollout, told once and reused: for their ends, for crashes at every effect, for both
// providers.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rollout/world.h"

namespace seraphim::rollout {

/// Exhaustive tests take a part of their cases where a sanitizer makes each of them many times slower.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr unsigned kSanitizerShare = 8;
#else
inline constexpr unsigned kSanitizerShare = 1;
#endif

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
