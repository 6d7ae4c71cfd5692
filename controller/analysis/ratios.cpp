#include "analysis/ratios.h"

#include "analysis/series.h"

namespace seraphim::analysis {
namespace {

/// 500 ms: "500ms"
Words words_of_latency(const api::LatencyAnalysis& latency) {
  return {"latency: ", "requests slower than " + api::format_duration(latency.objective),
          "LatencyWorseThanStable", "LatencyAboveCeiling"};
}

}  // namespace

std::vector<Ratio> ratios_of(const api::Analysis& analysis) {
  std::vector<Ratio> ratios;
  ratios.push_back(
      {kErrorRate, analysis.error_rate.tolerance, analysis.error_rate.ceiling, Words{},
       "send it traffic, or check that Prometheus scrapes its pods and labels their series as the "
       "preset expects",
       true});
  if (analysis.latency) {
    ratios.push_back(
        {kLatency, analysis.latency->tolerance, analysis.latency->ceiling,
         words_of_latency(*analysis.latency),
         "check that its pods export the histogram seraphim_inference_latency_seconds, or remove "
         "analysis.latency"});
  }
  for (const api::Metric& metric : analysis.metrics) {
    const auto* ratio = std::get_if<api::RatioMetric>(&metric.kind);
    if (ratio == nullptr) continue;
    ratios.push_back(
        {metric.name, ratio->tolerance, ratio->ceiling,
         Words{metric.name + ": ", "events not good", "MetricWorseThanStable", "MetricAboveCeiling"},
         "check its selectors, " + ratio->counted + " and " + ratio->total});
  }
  return ratios;
}

}  // namespace seraphim::analysis
