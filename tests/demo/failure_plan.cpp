#include "failure_plan.h"

namespace seraphim::demo {

FailurePlan::FailurePlan(FailurePattern pattern, double rate, std::uint64_t seed)
    : pattern_(pattern), rate_(rate), random_(seed) {}

void FailurePlan::set_rate(double rate) {
  const std::lock_guard lock(mutex_);
  rate_ = rate;
  owed_ = 0;
}

double FailurePlan::rate() const {
  const std::lock_guard lock(mutex_);
  return rate_;
}

bool FailurePlan::next_fails() {
  const std::lock_guard lock(mutex_);
  if (pattern_ == FailurePattern::random) return std::uniform_real_distribution<>(0.0, 1.0)(random_) < rate_;
  // The slack takes up the rounding of a sum such as 10 * 0.1, which is a hair less than 1.
  constexpr double kSlack = 1e-9;
  owed_ += rate_;
  if (owed_ < 1.0 - kSlack) return false;
  owed_ -= 1.0;
  return true;
}

}  // namespace seraphim::demo
