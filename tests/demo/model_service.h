// What the demo model server answers, free of any HTTP library.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "failure_plan.h"
#include "request_metrics.h"

namespace seraphim::demo {

/// How a server behaves; every value has a flag and an environment variable, see README.md.
struct ServerSettings {
  std::string variant = "baseline";
  std::string model_version = "v1";
  double failure_rate = 0;
  FailurePattern failure_pattern = FailurePattern::random;
  std::uint64_t seed = 1;
  bool fallback =
      false;  ///< failing requests answer 200 with a made-up prediction, as the platform's gateway does
  /// Predictions that are positive, spread evenly; without it the length of the text decides.
  std::optional<double> positive_share{};
  std::chrono::microseconds latency{0};
  std::chrono::microseconds start_delay{0};
  bool never_ready = false;
};

struct Answer {
  int status = 200;
  std::string body;  ///< JSON
};

/// The behaviour behind the endpoints. All methods may be called from any thread.
class ModelService {
 public:
  explicit ModelService(ServerSettings settings);

  /// POST /predict. Takes as long as the latency says. A body that is not {"text": 1..10000 characters} is
  /// answered 422 and not counted; a failing request is answered 500 and counted `http_error`. That differs
  /// from the platform's gateway, whose clients always see 200: set `fallback` for that.
  Answer predict(std::string_view body);

  Answer health() const;  ///< GET /healthz: always 200
  Answer ready() const;   ///< GET /readyz: 503 while starting, when never ready, and once draining

  /// GET and POST /control: reads and changes {"failureRate": 0.2 | "20%", "latency": "20ms", "ready":
  /// false}. A body with anything wrong in it is answered 400 and changes nothing.
  Answer control() const;
  Answer control(std::string_view body);

  std::string metrics() const { return metrics_.text(); }
  const std::string& model_version() const { return settings_.model_version; }

  /// From here on `ready` says no; predictions are still answered.
  void start_draining() { draining_ = true; }

 private:
  bool loaded() const;
  Answer answer(std::string_view text, std::chrono::steady_clock::time_point begun);

  const ServerSettings settings_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  RequestMetrics metrics_;
  FailurePlan failures_;
  FailurePlan positives_;
  std::atomic<std::chrono::microseconds> latency_;
  std::atomic<bool> switched_ready_;
  std::atomic<bool> draining_ = false;
};

}  // namespace seraphim::demo
