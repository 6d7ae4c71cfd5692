// What is to happen at a given time.
#pragma once

#include <functional>
#include <map>
#include <utility>

#include "simulation/part.h"
#include "simulation/world.h"

namespace seraphim::simulation {

class World::Director final : public Part {
 public:
  explicit Director(const WorldClock& clock) : clock_(clock) {}

  void at(SimTime time, std::function<void()> what) {
    plan_.emplace(std::max(time, clock_.now), std::move(what));
  }
  SimTime due() const override { return plan_.empty() ? kNever : plan_.begin()->first; }
  void act() override {
    const auto what = std::move(plan_.begin()->second);
    plan_.erase(plan_.begin());
    what();
  }

 private:
  const WorldClock& clock_;
  std::multimap<SimTime, std::function<void()>> plan_;
};

}  // namespace seraphim::simulation
