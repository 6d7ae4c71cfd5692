#include "rollout/route_goal.h"

namespace seraphim::rollout {
namespace {

bool serves(const Backend& backend, const std::string& revision, std::int32_t needs) {
  return backend.revision == revision && backend.foreign_ready == 0 && backend.ready >= needs;
}

SetWeight set_weight(const TrafficState& traffic, api::Percent weight) {
  return {weight, traffic.stable->revision, traffic.candidate->revision};
}

RouteWaits waits_for(const std::string& revision) {
  return {"waiting for ready endpoints of " + revision};
}

/// The stable backend selects something else than `main`: bring it in through the other one.
RouteMove bring_in_main(const TrafficState& traffic, const RouteGoal& goal) {
  const api::Percent weight = *traffic.candidate_weight;
  const Backend& candidate = *traffic.candidate;
  if (weight == api::kEverything) return PointBackend{Slot::stable, goal.main};
  if (candidate.revision != goal.main) {
    if (weight != api::kNothing) return set_weight(traffic, api::kNothing);
    return PointBackend{Slot::candidate, goal.main};
  }
  if (!serves(candidate, goal.main, goal.main_needs)) return waits_for(goal.main);
  return set_weight(traffic, api::kEverything);
}

/// Taking from the candidate backend all that there is while nothing stands behind the stable one (invariant
/// 4); right after its selector moved the endpoints are there in a moment.
bool nobody_would_serve(const TrafficState& traffic) {
  return *traffic.candidate_weight == api::kEverything && traffic.stable->ready == 0 &&
         traffic.candidate->ready > 0;
}

/// Everything to the stable backend, which selects `main` already.
RouteMove give_all_to_main(const TrafficState& traffic, const RouteGoal& goal) {
  // The same revision stands behind both right after a promotion: it waits for the other.
  const bool same_behind_both = traffic.candidate->revision == goal.main;
  if (same_behind_both && !serves(*traffic.stable, goal.main, goal.main_needs)) return waits_for(goal.main);
  if (!same_behind_both && nobody_would_serve(traffic)) return waits_for(goal.main);
  // Any other revision loses its weight at once, whatever state main is in (invariant 3).
  return set_weight(traffic, api::kNothing);
}

}  // namespace

RouteMove next_route_move(const TrafficState& traffic, const RouteGoal& goal) {
  if (!traffic.stable) return PointBackend{Slot::stable, goal.main};
  if (!traffic.candidate) return PointBackend{Slot::candidate, goal.other.empty() ? goal.main : goal.other};
  if (!traffic.candidate_weight) return RouteWaits{"waiting for a usable route"};

  if (traffic.stable->revision != goal.main) return bring_in_main(traffic, goal);
  const api::Percent weight = *traffic.candidate_weight;
  if (goal.other.empty() || goal.other == goal.main) {
    if (weight != api::kNothing) return give_all_to_main(traffic, goal);
    if (goal.other.empty() || traffic.candidate->revision == goal.main) return RouteReached{};
    return PointBackend{Slot::candidate, goal.main};
  }
  if (traffic.candidate->revision != goal.other) {
    if (weight != api::kNothing) return give_all_to_main(traffic, goal);
    return PointBackend{Slot::candidate, goal.other};
  }
  if (weight == goal.other_weight) return RouteReached{};
  if (goal.other_weight > weight && !serves(*traffic.candidate, goal.other, goal.other_needs)) {
    return waits_for(goal.other);
  }
  if (goal.other_weight < weight && nobody_would_serve(traffic)) return waits_for(goal.main);
  return set_weight(traffic, goal.other_weight);
}

TrafficState after_move(TrafficState traffic, const RouteMove& move) {
  if (const auto* point = std::get_if<PointBackend>(&move)) {
    std::optional<Backend>& backend = point->slot == Slot::stable ? traffic.stable : traffic.candidate;
    const std::int32_t lagging = backend ? backend->ready : 0;
    backend = Backend{point->revision, 0, lagging};
  } else if (const auto* weight = std::get_if<SetWeight>(&move)) {
    traffic.candidate_weight = weight->weight;
  }
  return traffic;
}

}  // namespace seraphim::rollout
