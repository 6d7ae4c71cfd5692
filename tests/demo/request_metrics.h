// The request metrics of the platform's gateway, as one server of one variant exposes them.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <string>

namespace prometheus {
class Counter;
class Histogram;
class Registry;
}  // namespace prometheus

namespace seraphim::demo {

/// How a request ended: the four values of the label `outcome`.
enum class Outcome { success, timeout, http_error, error };

/// `seraphim_inference_requests_total{variant,outcome}` and `seraphim_inference_latency_seconds{variant}`.
/// All four outcomes stand at 0 from the start: a series that is born with its first failure loses that
/// failure in every rate(). And `demo_predictions_total{label}`: what was predicted, positive or negative.
/// Safe to use from several threads.
class RequestMetrics {
 public:
  explicit RequestMetrics(const std::string& variant);
  ~RequestMetrics();

  /// Counts one request; its latency is observed whatever the outcome, as the platform does.
  void count(Outcome outcome, std::chrono::duration<double> latency);

  void count_prediction(bool positive);

  /// The exposition text, format 0.0.4.
  std::string text() const;

 private:
  std::unique_ptr<prometheus::Registry> registry_;
  std::array<prometheus::Counter*, 4> requests_{};
  prometheus::Histogram* latency_ = nullptr;
  std::array<prometheus::Counter*, 2> predictions_{};  ///< negative, positive
};

}  // namespace seraphim::demo
