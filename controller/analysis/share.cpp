#include "analysis/share.h"

#include <array>
#include <cmath>

#include "analysis/wealth.h"

namespace seraphim::analysis {
namespace {

// std::lgamma writes the sign to a global; the reentrant one does not.
double log_gamma(double x) {
  int sign = 1;
  return ::lgamma_r(x, &sign);
}

double log_beta(double a, double b) {
  return log_gamma(a) + log_gamma(b) - log_gamma(a + b);
}

/// Beta-binomial against binomial. `prior`: as if so many requests had come as told.
double bet(const TrafficShare& share, double told, double prior) {
  const double a = prior * told, b = prior * (1 - told);
  const double others = share.all - share.candidate;
  return log_beta(a + share.candidate, b + others) - log_beta(a, b) - share.candidate * std::log(told) -
         others * std::log(1 - told);
}

}  // namespace

double evidence_against_share(const TrafficShare& share, double told) {
  // Half of the stake bets on shares within a tenth or so of the told one, half on any.
  constexpr double kNear = 1000, kAny = 2;
  return log_sum_exp(
      std::array{std::log(0.5) + bet(share, told, kNear), std::log(0.5) + bet(share, told, kAny)});
}

bool is_off_target(const TrafficShare& share, double told) {
  if (share.all <= 0 || told <= 0 || told >= 1) return false;
  constexpr double kEnough = 6.907755278982137;  // log(1000)
  return std::abs(share.observed() - told) >= told / 20 && evidence_against_share(share, told) >= kEnough;
}

}  // namespace seraphim::analysis
