// Many runs, and what is made of one that fails: the shortest schedule that still fails the same way.
#pragma once

#include <string>

#include "simulation/world.h"

namespace seraphim::simulation {

struct Failure {
  Seed seed = 0;
  Broken broken;
  Schedule shortest;
  std::vector<std::string> trace;
};

/// Leaves out actions one by one while the same check still breaks; at most `most_runs` runs.
Failure shrink(Schedule schedule, const Broken& broken, WorldOptions options, int most_runs = 300);

/// For people: seed, check, the actions that are needed, the story.
std::string report_of(const Failure& failure);

}  // namespace seraphim::simulation
