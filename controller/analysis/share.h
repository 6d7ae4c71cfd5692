// Does the router do what it was told: the share of requests that the candidate really gets.
#pragma once

namespace seraphim::analysis {

/// Requests of one step, counted since the router had time to follow.
struct TrafficShare {
  double candidate = 0, all = 0;
  /// 0..1
  double observed() const { return all > 0 ? candidate / all : 0; }
  bool operator==(const TrafficShare&) const = default;
};

/// Natural logarithm of the evidence against "each request goes to the candidate with probability `told`"
/// (0 < told < 1). A beta mixture of bets around `told`, so it may be looked at as often as one likes: it
/// ever exceeds log(1/a) with a probability of at most a when the router does as told.
double evidence_against_share(const TrafficShare& share, double told);

/// The router's share differs for sure, and by a twentieth of what it was told at least.
bool is_off_target(const TrafficShare& share, double told);

}  // namespace seraphim::analysis
