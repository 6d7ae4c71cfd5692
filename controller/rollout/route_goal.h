// From where traffic goes to where it should go, one safe move at a time.
//
// The rules: a backend's selector changes only while it has weight 0, and a backend gets weight only when
// ready endpoints of the wanted revision stand behind it. Lowering a failing revision to 0 waits for nothing,
// unless it has everything and nothing stands behind the other backend.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "rollout/observation.h"
#include "rollout/plan.h"

namespace seraphim::rollout {

/// `main` serves through the stable backend; `other` gets `other_weight` through the candidate backend.
struct RouteGoal {
  std::string main;
  /// Empty: nobody. With weight 0 it merely stands by behind the candidate backend. The same as `main` when
  /// idle: then a weight set by hand sends nobody to a revision that is not meant to serve.
  std::string other;
  api::Percent other_weight;
  std::int32_t main_needs = 1;  ///< ready endpoints before it may take over
  std::int32_t other_needs = 1;
};

struct RouteReached {};
struct RouteWaits {
  std::string reason;  ///< for people
};
using RouteMove = std::variant<RouteReached, RouteWaits, PointBackend, SetWeight>;

RouteMove next_route_move(const TrafficState& traffic, const RouteGoal& goal);

/// What the route will be when the move was made.
TrafficState after_move(TrafficState traffic, const RouteMove& move);

}  // namespace seraphim::rollout
