#include "gateway_metrics.h"

#include <iomanip>
#include <limits>
#include <sstream>

namespace seraphim::demo {
namespace {

struct Bound {
  double seconds;
  const char* text;
};

constexpr std::array<Bound, 15> kBuckets{{{0.005, "0.005"},
                                          {0.01, "0.01"},
                                          {0.025, "0.025"},
                                          {0.05, "0.05"},
                                          {0.075, "0.075"},
                                          {0.1, "0.1"},
                                          {0.25, "0.25"},
                                          {0.5, "0.5"},
                                          {0.75, "0.75"},
                                          {1, "1.0"},
                                          {2.5, "2.5"},
                                          {5, "5.0"},
                                          {7.5, "7.5"},
                                          {10, "10.0"},
                                          {std::numeric_limits<double>::infinity(), "+Inf"}}};

const char* outcome_name(Outcome outcome) {
  constexpr std::array kNames{"success", "timeout", "http_error", "error"};
  return kNames.at(static_cast<std::size_t>(outcome));
}

}  // namespace

void GatewayMetrics::count(Variant variant, Outcome outcome, std::chrono::duration<double> latency) {
  const std::lock_guard lock(mutex_);
  ++requests_[{variant, outcome}];
  Latencies& latencies = latencies_[variant];
  latencies.sum += latency.count();
  for (std::size_t i = 0; i < kBuckets.size(); ++i) {
    if (latency.count() <= kBuckets[i].seconds) ++latencies.up_to[i];
  }
}

std::string GatewayMetrics::text() const {
  const std::lock_guard lock(mutex_);
  std::ostringstream out;
  out << std::setprecision(17);
  out << "# HELP process_start_time_seconds Start time of the process since unix epoch in seconds.\n"
         "# TYPE process_start_time_seconds gauge\n"
         "process_start_time_seconds "
      << started_ << '\n';
  out << "# HELP seraphim_inference_requests_total Total number of inference requests\n"
         "# TYPE seraphim_inference_requests_total counter\n";
  for (const auto& [labels, count] : requests_) {
    out << "seraphim_inference_requests_total{outcome=\"" << outcome_name(labels.second) << "\",variant=\""
        << to_string(labels.first) << "\"} " << count << ".0\n";
  }
  out << "# HELP seraphim_inference_latency_seconds Inference latency in seconds\n"
         "# TYPE seraphim_inference_latency_seconds histogram\n";
  for (const auto& [variant, latencies] : latencies_) {
    const std::string labels = std::string("variant=\"") + to_string(variant) + "\"";
    for (std::size_t i = 0; i < kBuckets.size(); ++i) {
      out << "seraphim_inference_latency_seconds_bucket{le=\"" << kBuckets[i].text << "\"," << labels << "} "
          << latencies.up_to[i] << ".0\n";
    }
    out << "seraphim_inference_latency_seconds_count{" << labels << "} " << latencies.up_to.back() << ".0\n"
        << "seraphim_inference_latency_seconds_sum{" << labels << "} " << latencies.sum << '\n';
  }
  return out.str();
}

}  // namespace seraphim::demo
