#include "latency_summary.h"

#include <algorithm>
#include <cmath>

namespace seraphim::demo {
namespace {

constexpr double kGrowth = 1.02;

}  // namespace

void LatencySummary::add(std::chrono::microseconds latency) {
  const auto microseconds = std::max<double>(1.0, static_cast<double>(latency.count()));
  const auto index = static_cast<std::size_t>(std::ceil(std::log(microseconds) / std::log(kGrowth)));
  ++buckets_[std::min(index, kBuckets - 1)];
  ++count_;
  max_ = std::max(max_, latency);
}

std::chrono::microseconds LatencySummary::percentile(double share) const {
  if (count_ == 0) return std::chrono::microseconds{0};
  const auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen < std::max<std::uint64_t>(rank, 1)) continue;
    if (i == kBuckets - 1) return max_;  // the last bucket has no upper bound
    const std::chrono::microseconds bound{std::llround(std::pow(kGrowth, static_cast<double>(i)))};
    return std::min(bound, max_);
  }
  return max_;
}

}  // namespace seraphim::demo
