// Error rates so far and now: what bets may be placed by.
#pragma once

#include "analysis/counts.h"

namespace seraphim::analysis {

/// "Now" is an average that forgets a fifth per block. The pooled rate takes both sides together.
struct Rates {
  double requests = 0, failures = 0;                    ///< pooled, all blocks
  double recent_requests = 0, recent_failures = 0;      ///< pooled, now
  double baseline_requests = 0, baseline_failures = 0;  ///< baseline, now

  void add(const Counts& block) {
    constexpr double kMemory = 0.8;
    recent_requests = kMemory * recent_requests + block.all();
    recent_failures = kMemory * recent_failures + block.failed();
    baseline_requests = kMemory * baseline_requests + block.baseline();
    baseline_failures = kMemory * baseline_failures + block.baseline_failed;
    requests += block.all();
    failures += block.failed();
  }

  /// The pooled rate that the next block is expected to have: the overall one, or the present one if it is
  /// higher.
  double expected() const {
    const double overall = (failures + 0.5) / (requests + 1.0);
    const double present = (recent_failures + 50 * overall) / (recent_requests + 50);
    return overall > present ? overall : present;
  }
  double pooled_now() const { return recent_requests > 0 ? recent_failures / recent_requests : 0.0; }
  double twice_baseline_now() const {
    return baseline_requests > 0 ? 2 * baseline_failures / baseline_requests : 0.0;
  }

  bool operator==(const Rates&) const = default;
};

}  // namespace seraphim::analysis
