#include "request_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <regex>
#include <sstream>

namespace seraphim::demo {
namespace {

constexpr std::array kOutcomeNames{"success", "timeout", "http_error", "error"};

const prometheus::Histogram::BucketBoundaries kBounds{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25,
                                                      0.5,   0.75, 1.0,   2.5,  5.0,   7.5, 10.0};

}  // namespace

RequestMetrics::RequestMetrics(const std::string& variant)
    : registry_(std::make_unique<prometheus::Registry>()) {
  auto& requests = prometheus::BuildCounter()
                       .Name("seraphim_inference_requests_total")
                       .Help("Total number of inference requests")
                       .Register(*registry_);
  for (std::size_t i = 0; i < kOutcomeNames.size(); ++i) {
    requests_[i] = &requests.Add({{"variant", variant}, {"outcome", kOutcomeNames[i]}});
  }
  latency_ = &prometheus::BuildHistogram()
                  .Name("seraphim_inference_latency_seconds")
                  .Help("Inference latency in seconds")
                  .Register(*registry_)
                  .Add({{"variant", variant}}, kBounds);
  auto& predictions = prometheus::BuildCounter()
                          .Name("demo_predictions_total")
                          .Help("Predictions by what was predicted")
                          .Register(*registry_);
  predictions_ = {&predictions.Add({{"label", "negative"}}), &predictions.Add({{"label", "positive"}})};
}

RequestMetrics::~RequestMetrics() = default;

void RequestMetrics::count(Outcome outcome, std::chrono::duration<double> latency) {
  requests_[static_cast<std::size_t>(outcome)]->Increment();
  latency_->Observe(latency.count());
}

void RequestMetrics::count_prediction(bool positive) {
  predictions_[positive ? 1 : 0]->Increment();
}

std::string RequestMetrics::text() const {
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, registry_->Collect());
  // The platform's client library writes le="1.0" where this one writes le="1". To Prometheus 2 these are
  // different label values, so a query made for the one would find nothing in the other.
  static const std::regex kWholeBound{R"re(le="(\d+)")re"};
  return std::regex_replace(out.str(), kWholeBound, R"(le="$1.0")");
}

}  // namespace seraphim::demo
