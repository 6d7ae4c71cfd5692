// The ratios that a spec asks for: how each is judged and what it is called. Internal to analysis/.
#pragma once

#include <string>
#include <vector>

#include "analysis/evidence_text.h"
#include "api/spec.h"

namespace seraphim::analysis {

struct Ratio {
  std::string name;  ///< kErrorRate, kLatency, or as in spec.analysis.metrics
  api::Percent tolerance, ceiling;
  Words words;
  std::string nothing_counted;  ///< what to do when no counter of it was ever seen
  bool counts_requests = false;
};

/// The error rate first.
std::vector<Ratio> ratios_of(const api::Analysis& analysis);

}  // namespace seraphim::analysis
