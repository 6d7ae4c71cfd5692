// The numbers that the sequential test works with: the user's bounds, and constants of the method.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "api/spec.h"

namespace seraphim::analysis {

/// Rates and bounds are fractions, 0..1. The constants below the first four are part of the method: the
/// stated bounds hold for any value in range, the speed of decisions was measured with these.
struct Parameters {
  double alpha = 0.01;  ///< bound on P(ever roll back | the candidate is no worse and within the ceiling)
  double beta = 0.05;   ///< bound on P(ever promote | candidate >= baseline + delta)
  double delta = 0.01;  ///< accepted absolute increase of the error rate
  double slo = 0.10;    ///< ceiling of the candidate's error rate; 0.5 and above switches the guard off

  double guard_share = 0.2;              ///< share of the rollback evidence that the guard may bring
  double awake = 0.5;                    ///< share of a stake that bets from the first block on
  double wake = 1.0 / 256;               ///< share of the sleeping rest that joins at each block
  double rollback_looks = 2;             ///< one block brings at most log(1/alpha) / rollback_looks
  double promote_looks = 3;              ///< one block brings at most log(1/beta) / promote_looks
  double min_candidate_failures = 3;     ///< fewer never roll back
  double min_final_blocks = 6;           ///< fewer at the last weight never promote
  double min_final_candidate = 50;       ///< fewer candidate requests at the last weight never promote
  double suspicion = 3;                  ///< rollback evidence from here on: no promotion, no more traffic
  double min_clump = 1, max_clump = 50;  ///< requests that fail together, at least and at most
};

/// Takes the user's bounds. The error is a sentence that says which one is out of range and what to write.
tl::expected<Parameters, std::string> parameters_from(const api::ErrorRateAnalysis& bounds);

}  // namespace seraphim::analysis
