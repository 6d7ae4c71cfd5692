// How long evidence takes: said at the start of a rollout rather than at its end.
#pragma once

#include <optional>

#include "analysis/parameters.h"
#include "api/time.h"

namespace seraphim::analysis {

/// How fast one ratio learns.
struct Pace {
  double events_per_second = 0;  ///< of both sides together
  double failure_share = 0;      ///< 0..1, of both sides together
  double evidence_left = 0;      ///< natural logarithm of what the promotion evidence must still grow by
  double candidate_left = 0;     ///< candidate events that promotion asks for at least
  double clump = 1;              ///< events that fail together; the evidence is divided by it
  Parameters parameters;
};

/// Time at the last weight until the promotion evidence suffices, for a candidate that is as good as stable;
/// half of such rollouts take longer. `weight`: of the candidate, 0..1. Nothing without traffic.
///
/// Evidence per event is the least of (1 - w) KL(q|x) + w KL(q|x + delta) over x: what the bet of
/// promotion_bet.h gains on average when both sides have the rate q.
std::optional<api::Duration> time_to_promote(const Pace& pace, double weight);

}  // namespace seraphim::analysis
