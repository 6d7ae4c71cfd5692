#include "analysis/series.h"

namespace seraphim::analysis {

std::map<std::string, Series> further_series(const api::Analysis& analysis) {
  std::map<std::string, Series> series;
  if (analysis.latency) series.emplace(kLatency, LatencySeries{analysis.latency->objective});
  for (const api::Metric& metric : analysis.metrics) {
    if (const auto* ratio = std::get_if<api::RatioMetric>(&metric.kind)) {
      series.emplace(metric.name, RatioSeries{ratio->counted, ratio->total, ratio->counts_bad});
    } else if (const auto* drift = std::get_if<api::DriftMetric>(&metric.kind)) {
      series.emplace(metric.name, DriftSeries{drift->baseline, drift->candidate});
    } else {
      series.emplace(metric.name, ValueSeries{std::get<api::ValueMetric>(metric.kind).query});
    }
  }
  return series;
}

}  // namespace seraphim::analysis
