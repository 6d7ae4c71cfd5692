#include "analysis/forecast.h"

#include <algorithm>
#include <cmath>

namespace seraphim::analysis {
namespace {

/// Kullback-Leibler divergence of two coins.
double divergence(double q, double x) {
  const double failed = q > 0 ? q * std::log(q / x) : 0;
  return failed + (1 - q) * std::log((1 - q) / (1 - x));
}

double gain_per_event(double q, double weight, double delta) {
  const auto gain = [&](double x) {
    return (1 - weight) * divergence(q, x) + weight * divergence(q, x + delta);
  };
  // Convex: the least is where the slope is 0.
  const auto falls = [&](double x) {
    const double y = x + delta;
    return (1 - weight) * (x - q) / (x * (1 - x)) + weight * (y - q) / (y * (1 - y)) < 0;
  };
  constexpr double kSmall = 1e-12;
  double low = std::max(q - delta, 0.0) + kSmall, high = std::max(q, 2 * kSmall);
  for (int i = 0; i < 50; ++i) {
    const double middle = 0.5 * (low + high);
    (falls(middle) ? low : high) = middle;
  }
  return gain(0.5 * (low + high));
}

}  // namespace

std::optional<api::Duration> time_to_promote(const Pace& pace, double weight) {
  if (pace.events_per_second <= 0 || weight <= 0 || weight >= 1) return std::nullopt;
  const double delta = pace.parameters.delta;
  const double q = std::clamp(pace.failure_share, 0.0, 1 - 2 * delta);
  const double by_evidence =
      std::max(pace.evidence_left, 0.0) * pace.clump / gain_per_event(q, weight, delta);
  const double by_count = std::max(pace.candidate_left, 0.0) / weight;
  const double seconds = std::max(by_evidence, by_count) / pace.events_per_second;
  constexpr double kLongest = 1e9;  // some thirty years
  return api::Duration(std::llround(1000 * std::min(seconds, kLongest)));
}

}  // namespace seraphim::analysis
