// Latency percentiles in constant memory.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace seraphim::demo {

/// Counts durations in buckets that grow by 2 % each from 1 microsecond on: any percentile is at most 2 % too
/// high, however many hours the load runs. Not thread-safe.
class LatencySummary {
 public:
  void add(std::chrono::microseconds latency);

  std::uint64_t count() const { return count_; }
  std::chrono::microseconds max() const { return max_; }

  /// The latency that a `share` (0..1] of all requests did not exceed, nearest rank; 0 when there are none.
  std::chrono::microseconds percentile(double share) const;

 private:
  static constexpr std::size_t kBuckets = 1024;  ///< 1.02^1023 microseconds are ten minutes
  std::array<std::uint32_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::chrono::microseconds max_{0};
};

}  // namespace seraphim::demo
