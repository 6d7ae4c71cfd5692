#include "prometheus/latency.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

namespace seraphim::prometheus {
namespace {

using analysis::Side;

constexpr double kInfinite = std::numeric_limits<double>::infinity();

/// Client libraries write 1, 1.0 and 1e0 for the same bound.
std::optional<double> bound_of(const std::string& le) {
  if (le == "+Inf" || le == "Inf") return kInfinite;
  double bound = 0;
  const auto [end, error] = std::from_chars(le.data(), le.data() + le.size(), bound);
  if (error != std::errc() || end != le.data() + le.size() || !std::isfinite(bound)) return std::nullopt;
  return bound;
}

std::string seconds_text(double seconds) {
  std::array<char, 32> text{};
  return std::string(text.data(), std::to_chars(text.data(), text.data() + text.size(), seconds).ptr) + " s";
}

void append(analysis::Samples& samples, Side side, const std::string& target, char outcome,
            const std::vector<Point>& points) {
  auto& of_side = side == Side::baseline ? samples.baseline : samples.candidate;
  for (const Point& point : points)
    of_side.push_back({target, std::string(1, outcome), point.value, point.at});
}

double count_below(const HistogramPoint& point, double objective) {
  double count = 0;
  for (const auto& bucket : point.buckets) {
    if (bucket.lower < objective) count += bucket.count;
  }
  return count;
}

}  // namespace

void LatencyReader::add(Side side, const std::string& target, const Matrix::Series& series) {
  // One process may count for both sides.
  const std::string key = (side == Side::baseline ? "b\n" : "c\n") + target;
  if (!series.histograms.empty()) {
    targets_.try_emplace(key, Target{side, {}, {}}).first->second.native = series.histograms;
    return;
  }
  const auto le = series.labels.find("le");
  const auto bound = le == series.labels.end() ? std::nullopt : bound_of(le->second);
  if (!bound) return;
  targets_.try_emplace(key, Target{side, {}, {}}).first->second.buckets[*bound] = series.points;
}

analysis::Answer LatencyReader::samples(api::Duration objective) const {
  const double seconds = std::chrono::duration<double>(objective).count();
  const bool all_classic = std::all_of(targets_.begin(), targets_.end(),
                                       [](const auto& target) { return !target.second.buckets.empty(); });
  return all_classic ? classic_samples(seconds) : native_samples(seconds);
}

analysis::Answer LatencyReader::classic_samples(double objective) const {
  analysis::Samples samples;
  if (targets_.empty()) return samples;
  std::set<double> common;
  for (const auto& [bound, points] : targets_.begin()->second.buckets) common.insert(bound);
  for (const auto& [key, target] : targets_)
    std::erase_if(common, [&target = target](double bound) { return !target.buckets.contains(bound); });
  const auto chosen = common.lower_bound(objective);
  if (!common.contains(kInfinite) || chosen == common.end() || *chosen == kInfinite) {
    std::string largest = "none";
    for (const double bound : common) largest = std::isfinite(bound) ? seconds_text(bound) : largest;
    return analysis::NoSamples{"MetricsUnavailable",
                               "no bucket of the histogram at or above the objective of " +
                                   seconds_text(objective) +
                                   " is common to all pods; the largest common one is " + largest};
  }
  samples.basis = "the bucket up to " + seconds_text(*chosen);
  for (const auto& [key, target] : targets_) {
    append(samples, target.side, key.substr(2), analysis::kGood, target.buckets.at(*chosen));
    append(samples, target.side, key.substr(2), analysis::kTotalOfGood, target.buckets.at(kInfinite));
  }
  return samples;
}

analysis::Answer LatencyReader::native_samples(double objective) const {
  analysis::Samples samples;
  for (const auto& [key, target] : targets_) {
    if (target.native.empty()) {
      return analysis::NoSamples{"MetricsUnavailable",
                                 "some pods export a native histogram and others only a classic one: both "
                                 "revisions need the same kind"};
    }
    std::vector<Point> good, all;
    for (const HistogramPoint& point : target.native) {
      good.push_back({point.at, count_below(point, objective)});
      all.push_back({point.at, point.count});
    }
    append(samples, target.side, key.substr(2), analysis::kGood, good);
    append(samples, target.side, key.substr(2), analysis::kTotalOfGood, all);
  }
  samples.basis = "the buckets of a native histogram that begin below " + seconds_text(objective);
  return samples;
}

}  // namespace seraphim::prometheus
