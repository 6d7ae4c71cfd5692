#include "kubernetes/backoff.h"

#include <algorithm>
#include <cmath>

namespace seraphim::kubernetes {

std::chrono::milliseconds Backoff::next(SteadyTime now, const Random& random) {
  if (failures_ > 0 && now - last_retry_ >= policy_.reset_after) failures_ = 0;
  const double longest = static_cast<double>(policy_.longest.count());
  const double grown = static_cast<double>(policy_.first.count()) * std::pow(policy_.factor, failures_);
  const double delay = std::min(longest, grown) * (1.0 + random() * policy_.jitter);
  if (grown < longest) ++failures_;  // no further: pow() must not overflow
  const std::chrono::milliseconds result(static_cast<std::chrono::milliseconds::rep>(delay));
  last_retry_ = now + result;
  return result;
}

}  // namespace seraphim::kubernetes
