// Whatever acts by itself in the simulated world, one step at a time.
#pragma once

#include "simulation/clock.h"

namespace seraphim::simulation {

class Part {
 public:
  virtual ~Part() = default;
  /// When it wants to act next; kNever while it waits for others.
  virtual SimTime due() const = 0;
  virtual void act() = 0;

  /// Acting now: a call that it makes lets time pass, and it is not to be entered twice.
  bool acting = false;
};

}  // namespace seraphim::simulation
