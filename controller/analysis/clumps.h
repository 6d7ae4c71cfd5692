// How many requests fail together. A bet that takes failures for independent is too sure of itself when they
// come in clumps, so every gain is divided by the size of a clump.
#pragma once

#include "analysis/counts.h"
#include "analysis/parameters.h"

namespace seraphim::analysis {

/// Why division is right: a clump of s <= m failures lands whole on one side, and E[Z^(s/m)] <= E[Z]^(s/m)
/// (Jensen).
struct Discount {
  double before = 1;  ///< clump size known before the block: predictable
  double after = 1;   ///< clump size that has seen the block

  /// Gains take the larger discount, losses the predictable one.
  double operator()(double log_gain) const {
    return log_gain > 0 ? log_gain / (before > after ? before : after) : log_gain / before;
  }
};

/// Two estimates of the clump size; the larger one is used.
struct Clumps {
  // Candidate's share of the failures around its fitted mean: shared outages cancel.
  double mantel_haenszel_num = 0, mantel_haenszel_den = 0;  ///< common odds ratio
  double residuals = 0, variances = 0;                      ///< sums of squares and of their expectations
  // Baseline block against previous baseline block, given their sum.
  double baseline_z = 0, baseline_pairs = 0;            ///< sum of z^2 (at most 30 each), and how many
  double previous_requests = 0, previous_failures = 0;  ///< of the previous baseline block

  /// 1 when failures look independent.
  double size(const Parameters& parameters) const;
  /// A block of the baseline alone; also fed with history from before the rollout, so that the first looks of
  /// the rollout are discounted correctly.
  void observe_baseline(double requests, double failures);
  /// A block with traffic on both sides.
  void observe_split(const Counts& block);
  /// The next baseline block does not follow the previous one.
  void forget_previous() { previous_requests = previous_failures = 0; }

  bool operator==(const Clumps&) const = default;
};

}  // namespace seraphim::analysis
