#include "analysis/drift.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace seraphim::analysis {
namespace {

constexpr double kLeast = 1e-9;

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

double sum_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

double log_term(double observed, double expected) {
  return observed > 0 ? observed * std::log(observed / expected) : 0;
}

}  // namespace

double cosine_distance(std::span<const double> a, std::span<const double> b) {
  const double length_a = std::sqrt(dot(a, a)) + kLeast, length_b = std::sqrt(dot(b, b)) + kLeast;
  return 1 - dot(a, b) / length_a / length_b;
}

double kl_divergence(std::span<const double> p, std::span<const double> q) {
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double of_p = std::clamp(p[i], kLeast, 1.0), of_q = std::clamp(q[i], kLeast, 1.0);
    sum += of_p * (std::log(of_p) - std::log(of_q));
  }
  return std::max(sum, 0.0);
}

std::vector<double> shares_of(std::span<const double> counts) {
  std::vector<double> shares(counts.begin(), counts.end());
  const double all = sum_of(counts);
  if (all > 0) {
    for (double& share : shares) share /= all;
  }
  return shares;
}

double g_statistic(std::span<const double> a, std::span<const double> b) {
  const double of_a = sum_of(a), of_b = sum_of(b), all = of_a + of_b;
  if (of_a <= 0 || of_b <= 0) return 0;
  double g = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double kind = a[i] + b[i];
    g += log_term(a[i], kind * of_a / all) + log_term(b[i], kind * of_b / all);
  }
  return 2 * g;
}

double chance_bound(std::size_t degrees) {
  constexpr double kOnceInThousand = 3.090232306167813;  // of the normal distribution
  if (degrees == 0) return 0;
  const double d = static_cast<double>(degrees), spread = 2 / (9 * d);
  return d * std::pow(1 - spread + kOnceInThousand * std::sqrt(spread), 3);
}

}  // namespace seraphim::analysis
