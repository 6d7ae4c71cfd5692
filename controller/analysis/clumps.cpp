#include "analysis/clumps.h"

#include <algorithm>

namespace seraphim::analysis {
namespace {

double square(double x) {
  return x * x;
}

}  // namespace

double Clumps::size(const Parameters& parameters) const {
  const double of_split = (1.0 + residuals) / (1.0 + variances);
  const double of_baseline = (2.0 + baseline_z) / (2.0 + baseline_pairs);
  return std::min(parameters.max_clump, std::max({1.0, parameters.min_clump, of_split, of_baseline}));
}

void Clumps::observe_baseline(double requests, double failures) {
  const double both = failures + previous_failures;
  if (previous_requests > 0 && requests > 0 && both > 0) {
    const double share = requests / (requests + previous_requests);
    baseline_z += std::min(30.0, square(failures - both * share) / (both * share * (1 - share)));
    baseline_pairs += 1;
  }
  previous_requests = requests;
  previous_failures = failures;
}

void Clumps::observe_split(const Counts& block) {
  const double n = block.all(), failed = block.failed(), pi = block.candidate_share();
  mantel_haenszel_num += block.candidate_failed * block.baseline() / n;
  mantel_haenszel_den += block.baseline_failed * block.candidate() / n;
  const double odds = (mantel_haenszel_num + 0.5) / (mantel_haenszel_den + 0.5);
  const double share = pi * odds / (1 - pi + pi * odds);
  residuals += square(block.candidate_failed - failed * share);
  variances += failed * share * (1 - share);
}

}  // namespace seraphim::analysis
