#include "analysis/promotion_bet.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/wealth.h"

namespace seraphim::analysis {
namespace {

/// The baseline rate x in (max(q - delta, 0), q) that minimises nb KL(q|x) + nc KL(q|x + delta).
double project(double q, double nb, double nc, double delta) {
  double low = std::max(q - delta, 0.0), high = q;
  for (int i = 0; i < 60; ++i) {
    const double x = 0.5 * (low + high), y = x + delta;
    const double slope = nb * (x - q) / (x * (1 - x)) + nc * (y - q) / (y * (1 - y));
    (slope > 0 ? high : low) = x;
  }
  return 0.5 * (low + high);
}

}  // namespace

void bet_promotion(PromotionWealth& wealth, const Counts& block, double expected, const Discount& discount,
                   const Parameters& parameters) {
  wealth.candidate_requests += block.candidate();
  wealth.blocks += 1;
  const double q = std::min(expected, 1 - 2 * parameters.delta);
  const double x = project(q, block.baseline(), block.candidate(), parameters.delta);
  const double y = x + parameters.delta;
  const double gain =
      block.baseline_failed * std::log(q / x) + block.baseline_ok * std::log((1 - q) / (1 - x)) +
      block.candidate_failed * std::log(q / y) + block.candidate_ok * std::log((1 - q) / (1 - y));
  const double hedged = log_sum_exp(std::array{std::log(0.1), std::log(0.9) + discount(gain)});
  wealth.log_total += std::min(-std::log(parameters.beta) / parameters.promote_looks, hedged);
}

}  // namespace seraphim::analysis
