#include "simulation/random.h"

#include <algorithm>
#include <cmath>

namespace seraphim::simulation {
namespace {

constexpr double kManyExpected = 30;

}  // namespace

std::int64_t Chance::binomial(std::int64_t trials, double p) {
  if (trials <= 0 || p <= 0) return 0;
  if (p >= 1) return trials;
  const double expected = static_cast<double>(trials) * p;
  if (expected >= kManyExpected) {
    // Twelve uniforms make a normal that is good enough, and cannot go astray.
    double normal = -6;
    for (int i = 0; i < 12; ++i) normal += unit();
    const auto count = std::llround(expected + normal * std::sqrt(expected * (1 - p)));
    return std::clamp<std::int64_t>(count, 0, trials);
  }
  // From one success to the next in one step each: the gaps are geometric.
  const double per_step = std::log1p(-p);
  std::int64_t count = 0, at = 0;
  for (;;) {
    at += 1 + static_cast<std::int64_t>(std::log(1 - unit()) / per_step);
    if (at > trials) return count;
    ++count;
  }
}

}  // namespace seraphim::simulation
