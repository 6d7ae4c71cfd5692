#include "analysis/remembered.h"

#include "analysis/series.h"

namespace seraphim::analysis {

Remembered::Remembered(const api::EvidenceStatus& status) : status_(status) {
  by_metric_.try_emplace(kErrorRate, decode(status.state));
  for (const api::MetricEvidence& metric : status.metrics)
    by_metric_.try_emplace(metric.name, decode(metric.state));
}

const Evidence* Remembered::of(const std::string& metric) const {
  const auto found = by_metric_.find(metric);
  return found == by_metric_.end() || !found->second ? nullptr : &*found->second;
}

}  // namespace seraphim::analysis
