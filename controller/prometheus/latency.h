// From a latency histogram to two counters: requests within the objective, and all. Internal to prometheus/.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "analysis/assessment.h"
#include "analysis/increments.h"
#include "prometheus/query_answer.h"

namespace seraphim::prometheus {

/// Collects the histogram series of both sides of one comparison.
class LatencyReader {
 public:
  /// `target`: who counts. A series with label `le` is a bucket of a classic histogram, one with histogram
  /// samples a native one; others are left out.
  void add(analysis::Side side, const std::string& target, const Matrix::Series& series);

  /// The requests within the objective, by the smallest bucket that all targets have and that is no smaller:
  /// what then counts as slow is slower than the objective for sure. Samples::basis names the bucket.
  /// A native histogram counts the buckets that begin below the objective. NoSamples when there is no such
  /// bucket.
  analysis::Answer samples(api::Duration objective) const;

 private:
  using Bound = double;  ///< seconds; infinite for all requests
  struct Target {
    analysis::Side side;
    std::map<Bound, std::vector<Point>> buckets;
    std::vector<HistogramPoint> native;
  };

  analysis::Answer classic_samples(double objective) const;
  analysis::Answer native_samples(double objective) const;

  std::map<std::string, Target> targets_;
};

}  // namespace seraphim::prometheus
