#include "analysis/relative_bet.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace seraphim::analysis {
namespace {

constexpr std::array kOddsRatios{1.2, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0};

}  // namespace

void bet_relative(RelativeWealth& wealth, const Counts& block, const Discount& discount,
                  const Parameters& parameters) {
  if (block.failed() <= 0) return;
  wealth.wake_up(parameters.wake);
  // A cap keeps the mean at most 1 and lets no single scrape decide.
  const double cap = -std::log(parameters.alpha) / parameters.rollback_looks;
  const double pi = block.candidate_share();
  for (std::size_t k = 0; k < kOddsRatios.size(); ++k) {
    const double psi = kOddsRatios[k];
    const double gain = block.candidate_failed * std::log(psi) - block.failed() * std::log1p(pi * (psi - 1));
    wealth.awake[k] += std::min(cap, discount(gain));
  }
}

}  // namespace seraphim::analysis
