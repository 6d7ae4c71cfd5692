#include "kubernetes/token_bucket.h"

#include <algorithm>
#include <cmath>

namespace seraphim::kubernetes {

namespace {
constexpr double kEnough = 1e-9;  // sums of fractions of a token
constexpr double kLongestWaitMs = 86'400'000;
}  // namespace

TokenBucket::TokenBucket(double per_second, int burst)
    : per_second_(std::max(per_second, 1e-6)), burst_(std::max(burst, 1)), tokens_(burst_) {}

void TokenBucket::refill(SteadyTime now) {
  if (!started_) {
    started_ = true;
    refilled_ = now;
  }
  if (now <= refilled_) return;
  const std::chrono::duration<double> passed = now - refilled_;
  tokens_ = std::min(burst_, tokens_ + passed.count() * per_second_);
  refilled_ = now;
}

std::chrono::milliseconds TokenBucket::until_earned(double missing) const {
  if (missing <= kEnough) return {};
  // Rounded up, so that whoever waits this long finds the token; a day is for ever.
  const double ms = std::min(std::ceil(missing / per_second_ * 1000 - kEnough), kLongestWaitMs);
  return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(ms));
}

std::chrono::milliseconds TokenBucket::reserve(SteadyTime now) {
  refill(now);
  tokens_ -= 1;
  return until_earned(-tokens_);
}

std::chrono::milliseconds TokenBucket::take(SteadyTime now) {
  refill(now);
  if (const auto wait = until_earned(1 - tokens_); wait.count() > 0) return wait;
  tokens_ -= 1;
  return {};
}

}  // namespace seraphim::kubernetes
