// The request metrics of the platform's gateway, as one process of it exposes them: a series appears with its
// first event, and a new process has only the HELP and TYPE lines of these two. The time when it started is
// there too: it tells that all of a new series is news.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "gateway_routing.h"
#include "request_metrics.h"

namespace seraphim::demo {

/// Safe to use from several threads.
class GatewayMetrics {
 public:
  void count(Variant variant, Outcome outcome, std::chrono::duration<double> latency);
  /// The exposition text, format 0.0.4.
  std::string text() const;

 private:
  struct Latencies {
    std::array<std::uint64_t, 15> up_to{};  ///< cumulative; the last one is +Inf
    double sum = 0;
  };

  const double started_ =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  mutable std::mutex mutex_;
  std::map<std::pair<Variant, Outcome>, std::uint64_t> requests_;
  std::map<Variant, Latencies> latencies_;
};

}  // namespace seraphim::demo
