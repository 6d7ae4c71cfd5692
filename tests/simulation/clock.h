// Simulated time: one for the world, and what each machine takes it for.
#pragma once

#include <chrono>
#include <optional>

#include "kubernetes/clock.h"

namespace seraphim::simulation {

/// Since the world began.
using SimTime = std::chrono::milliseconds;
using namespace std::chrono_literals;

inline constexpr SimTime kNever = SimTime::max();

struct WorldClock {
  SimTime now{};
};

/// A machine's clocks: the steady one may run a little fast or slow, the wall clock may be wrong and be set.
class MachineClock final : public kubernetes::Clock {
 public:
  MachineClock(const WorldClock& world, std::chrono::milliseconds wall_is_ahead, int drift_per_mille)
      : world_(world), ahead_(wall_is_ahead), rate_(1000 + drift_per_mille) {}

  kubernetes::SteadyTime steady() const override {
    return kubernetes::SteadyTime(kBoot + scaled(world_.now));
  }
  kubernetes::WallTime wall() const override { return kubernetes::WallTime(kEpoch + world_.now + ahead_); }

  void set_wall(std::chrono::milliseconds by) { ahead_ += by; }
  /// By a time server.
  void correct_wall() { ahead_ = {}; }
  /// When the world is as far as this machine's steady clock will be then.
  SimTime to_world(kubernetes::SteadyTime time) const {
    const auto local = std::chrono::ceil<SimTime>(time.time_since_epoch()) - kBoot;
    return SimTime((local.count() * 1000 + rate_ - 1) / rate_);
  }

 private:
  static constexpr SimTime kBoot = std::chrono::hours(1000);
  static constexpr SimTime kEpoch{1'795'537'053'000};  // 2026-11-24T16:17:33Z

  SimTime scaled(SimTime time) const { return SimTime(time.count() * rate_ / 1000); }

  const WorldClock& world_;
  std::chrono::milliseconds ahead_;
  const std::int64_t rate_;
};

}  // namespace seraphim::simulation
