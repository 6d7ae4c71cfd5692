// How far two distributions are apart, and whether chance alone could bring that.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace seraphim::analysis {

// The spans of a pair have the same length: one value for each kind of event, 0 where a side has none.

/// 1 - dot(a/(|a|+1e-9), b/(|b|+1e-9)), as in the platform's drift/detector.py. 0: the same direction, 1: of
/// values that are not negative, nothing in common.
double cosine_distance(std::span<const double> a, std::span<const double> b);

/// Kullback-Leibler divergence of q from p, in nats: both clipped to [1e-9, 1], then the sum of
/// p (ln p - ln q), as in the platform's drift/detector.py. That one takes what it is given; here the caller
/// passes shares_of() counts. Never negative.
double kl_divergence(std::span<const double> p, std::span<const double> q);

/// Divided by their sum, so that they add up to 1; unchanged when the sum is not positive.
std::vector<double> shares_of(std::span<const double> counts);

/// The G statistic of "both counts are drawn from one distribution": 2 sum O ln(O/E) over both rows of the
/// table. When that is so it is about chi-square distributed with one degree less than there are kinds that
/// were counted at all.
double g_statistic(std::span<const double> a, std::span<const double> b);

/// What a chi-square variable with so many degrees of freedom exceeds once in 1000 times; by the
/// approximation of Wilson and Hilferty, which is within 4 % and on the safe side for few degrees.
double chance_bound(std::size_t degrees);

}  // namespace seraphim::analysis
