// What each metric of a spec is made of: the series that Prometheus is asked for.
#pragma once

#include <map>
#include <string>
#include <variant>

#include "api/spec.h"
#include "api/time.h"

namespace seraphim::analysis {

/// Requests by outcome: the error rate.
struct RequestSeries {
  bool operator==(const RequestSeries&) const = default;
};
/// The latency histogram's buckets, of which the one is taken that the objective asks for.
struct LatencySeries {
  api::Duration objective{0};
  bool operator==(const LatencySeries&) const = default;
};
/// Two counters of the user's, with placeholders.
struct RatioSeries {
  std::string counted, total;
  bool counts_bad = false;
  bool operator==(const RatioSeries&) const = default;
};
/// Any PromQL with one value, with placeholders.
struct ValueSeries {
  std::string query;
  bool operator==(const ValueSeries&) const = default;
};
/// Any PromQL with one value for each label, one for each side, with placeholders.
struct DriftSeries {
  std::string baseline, candidate;
  bool operator==(const DriftSeries&) const = default;
};
using Series = std::variant<RequestSeries, LatencySeries, RatioSeries, ValueSeries, DriftSeries>;

inline constexpr const char* kErrorRate = "errorRate";
inline constexpr const char* kLatency = "latency";

/// What to ask for besides the requests, by metric.
std::map<std::string, Series> further_series(const api::Analysis& analysis);

}  // namespace seraphim::analysis
