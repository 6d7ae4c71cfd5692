// When to look next: soon after a scrape rather than at any moment between two.
#pragma once

#include <chrono>
#include <optional>

#include "analysis/assessment.h"
#include "api/time.h"

namespace seraphim::analysis {

/// Finds the moment in the scrape period at which the candidate's newest numbers have just arrived, and keeps
/// to it: a look then decides on numbers that are some 50 ms old, and not half a period on average. Pure.
///
/// The samples' times are the server's. They are compared with this machine's clock only modulo the period:
/// where the two clocks differ, a look is as late as it would have been anyway.
class LookPhase {
 public:
  /// How long after the answer `samples`, which came at `now`, to ask again: `interval`, give or take half of
  /// it.
  std::chrono::milliseconds until_next(const Samples& samples, api::Time now,
                                       std::chrono::milliseconds interval);

 private:
  /// From a scrape's time to its numbers being there to be asked for; grows when an answer comes without
  /// them.
  std::chrono::milliseconds arrival_{50};
  std::optional<api::Time> expected_;
};

}  // namespace seraphim::analysis
