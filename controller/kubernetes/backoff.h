// Exponential backoff with jitter, as a value: no clock, no sleep.
#pragma once

#include <chrono>

#include "kubernetes/clock.h"

namespace seraphim::kubernetes {

struct BackoffPolicy {
  std::chrono::milliseconds first{800}, longest{30'000};
  double factor = 2.0;
  double jitter = 1.0;  ///< the delay is stretched by a random share of up to this
  /// Healthy for this long after a retry starts anew (runtime rule 6).
  std::chrono::milliseconds reset_after{120'000};
};

class Backoff {
 public:
  explicit Backoff(BackoffPolicy policy) : policy_(policy) {}
  /// The delay before the next try. `now` tells whether the last failure is long ago.
  std::chrono::milliseconds next(SteadyTime now, const Random& random);
  void reset() { failures_ = 0; }

 private:
  BackoffPolicy policy_;
  int failures_ = 0;
  SteadyTime last_retry_{};  ///< when the last delay was over: waiting is not being healthy
};

}  // namespace seraphim::kubernetes
