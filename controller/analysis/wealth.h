// Wealth of a bettor against a null hypothesis, in log space, spread over several bets of which a part
// sleeps.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>

namespace seraphim::analysis {

/// log(sum of exp(x)) without overflow.
template <std::size_t N>
double log_sum_exp(const std::array<double, N>& xs) {
  const double most = *std::max_element(xs.begin(), xs.end());
  if (most == -std::numeric_limits<double>::infinity()) return most;
  double sum = 0;
  for (const double x : xs) sum += std::exp(x - most);
  return most + std::log(sum);
}

/// N bets with equal shares of what is awake. Wealth starts at 1 in total; it is moved from asleep to awake
/// and multiplied by factors of mean <= 1 under the null, so the total keeps mean <= 1 at any stopping time.
/// The sleeping part has not lost anything when a failure begins late: that is what makes late failures found
/// quickly.
template <std::size_t N>
struct Wealth {
  std::array<double, N> awake{};  ///< log wealth of each bet
  double asleep = 0;              ///< log wealth that bets on nothing yet

  static Wealth start(double awake_share) {
    Wealth wealth;
    wealth.awake.fill(std::log(awake_share / static_cast<double>(N)));
    wealth.asleep = std::log1p(-awake_share);
    return wealth;
  }

  double log_total() const {
    std::array<double, N + 1> all{};
    std::copy(awake.begin(), awake.end(), all.begin());
    all.back() = asleep;
    return log_sum_exp(all);
  }

  /// Moves the share `rate` of the sleeping wealth to the bets; the total stays.
  void wake_up(double rate) {
    const double addition = asleep + std::log(rate / static_cast<double>(N));
    for (double& bet : awake) bet = log_sum_exp(std::array{bet, addition});
    asleep += std::log1p(-rate);
  }

  bool operator==(const Wealth&) const = default;
};

}  // namespace seraphim::analysis
