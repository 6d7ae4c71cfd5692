// Clocks that a test moves by hand.
#pragma once

#include <atomic>
#include <chrono>

#include "kubernetes/clock.h"

namespace seraphim::kubernetes::testing {

/// Thread-safe. Begins at 2026-11-24T16:17:33Z.
class HandClock final : public Clock {
 public:
  SteadyTime steady() const override { return SteadyTime(std::chrono::hours(1000) + since_start()); }
  WallTime wall() const override {
    return WallTime(std::chrono::milliseconds(1'795'537'053'000) + since_start() + set_);
  }

  void advance(std::chrono::milliseconds by) { elapsed_ = elapsed_.load() + by.count(); }
  /// Somebody sets the wall clock; the steady one does not care.
  void set_wall(std::chrono::milliseconds by) { set_ += by; }

 private:
  std::chrono::milliseconds since_start() const { return std::chrono::milliseconds(elapsed_.load()); }

  std::atomic<std::chrono::milliseconds::rep> elapsed_ = 0;
  std::chrono::milliseconds set_{};
};

}  // namespace seraphim::kubernetes::testing
