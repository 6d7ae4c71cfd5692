// Decides which requests of the demo model server fail.
#pragma once

#include <cstdint>
#include <mutex>
#include <random>

namespace seraphim::demo {

enum class FailurePattern {
  random,  ///< each request by itself, with the given probability
  even,    ///< spread evenly: rate 0.2 fails every 5th request, exactly
};

/// Which request fails. Safe to call from several threads: the order of calls is the order of requests.
class FailurePlan {
 public:
  FailurePlan(FailurePattern pattern, double rate, std::uint64_t seed);

  /// Changes the share of failing requests, in [0, 1]; an even pattern starts anew.
  void set_rate(double rate);
  double rate() const;

  /// True when the request that asks has to fail.
  bool next_fails();

 private:
  const FailurePattern pattern_;
  mutable std::mutex mutex_;
  double rate_;
  double owed_ = 0;  ///< failures due but not yet given, only for the even pattern
  std::mt19937_64 random_;
};

}  // namespace seraphim::demo
