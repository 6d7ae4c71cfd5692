// A delay of microseconds that gives the processor to nobody else: shifts two threads against each other so
// that a race is met at many points. For nothing else: to wait for something, wait for its event.
#pragma once

#include <chrono>

namespace seraphim::kubernetes::testing {

inline void spin_for(std::chrono::microseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < until) {
  }
}

}  // namespace seraphim::kubernetes::testing
