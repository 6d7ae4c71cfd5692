// Time and chance, handed in. Only system_clock.cpp reads the machine's.
#pragma once

#include <chrono>
#include <functional>

namespace seraphim::kubernetes {

/// Monotonic: for delays, deadlines and ages. Never written into an object.
using SteadyTime = std::chrono::steady_clock::time_point;
/// Wall clock, for what people and other programs read. Never compared with another machine's.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual SteadyTime steady() const = 0;
  virtual WallTime wall() const = 0;
};

/// The machine's own clocks.
const Clock& system_clock();

/// Uniform in [0, 1). Implementations must be safe to call from several threads.
using Random = std::function<double()>;
Random system_random();

}  // namespace seraphim::kubernetes
