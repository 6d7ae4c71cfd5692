// A rate with a burst, as a value: no clock, no sleep, no lock.
#pragma once

#include <chrono>

#include "kubernetes/clock.h"

namespace seraphim::kubernetes {

/// Holds `burst` tokens at first and gains `per_second`, up to `burst`. Not thread-safe.
class TokenBucket {
 public:
  TokenBucket(double per_second, int burst);

  /// Takes a token in any case, in advance if need be: how long to wait until it is earned.
  std::chrono::milliseconds reserve(SteadyTime now);
  /// Takes a token when there is one (zero); otherwise takes none and says when to ask again.
  std::chrono::milliseconds take(SteadyTime now);

 private:
  void refill(SteadyTime now);
  std::chrono::milliseconds until_earned(double missing) const;

  double per_second_, burst_;
  double tokens_;
  SteadyTime refilled_{};
  bool started_ = false;
};

}  // namespace seraphim::kubernetes
