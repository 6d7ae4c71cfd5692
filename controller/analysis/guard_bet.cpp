#include "analysis/guard_bet.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace seraphim::analysis {
namespace {

constexpr std::array kOddsRatios{3.0, 12.0};

}  // namespace

void bet_guard(GuardWealth& wealth, const Counts& block, const Rates& rates, const Discount& discount,
               const Parameters& parameters) {
  const double limit = std::max(parameters.slo, rates.twice_baseline_now());
  if (limit >= 0.5) return;
  wealth.wake_up(parameters.wake);
  const double cap = -std::log(parameters.alpha) / parameters.rollback_looks;
  for (std::size_t k = 0; k < kOddsRatios.size(); ++k) {
    const double worse = kOddsRatios[k] * limit / (1 - limit + kOddsRatios[k] * limit);
    const double gain = block.candidate_failed * std::log(worse / limit) +
                        block.candidate_ok * std::log((1 - worse) / (1 - limit));
    wealth.awake[k] += std::min(cap, discount(gain));
  }
}

}  // namespace seraphim::analysis
