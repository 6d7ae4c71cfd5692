// Internal to the metrics: families whose values are asked for at each scrape. What is gone from the source
// is gone from the next scrape; nothing is remembered.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <utility>
#include <vector>

namespace seraphim::op {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

inline ::prometheus::MetricFamily metric_family(std::string name, std::string help,
                                                ::prometheus::MetricType type) {
  ::prometheus::MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
  return family;
}

inline ::prometheus::ClientMetric& add_series(::prometheus::MetricFamily& family,
                                              const MetricLabels& labels) {
  auto& metric = family.metric.emplace_back();
  for (const auto& [name, value] : labels) metric.label.push_back({name, value});
  return metric;
}

inline void add_gauge(::prometheus::MetricFamily& family, const MetricLabels& labels, double value) {
  add_series(family, labels).gauge.value = value;
}

inline void add_counter(::prometheus::MetricFamily& family, const MetricLabels& labels, double value) {
  add_series(family, labels).counter.value = value;
}

}  // namespace seraphim::op
