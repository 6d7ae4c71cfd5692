// The distances, against vectors computed with Python's math.fsum from the platform's formulas
// (drift/detector.py), and the test against chance.
#include "analysis/drift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seraphim::analysis {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

struct Vectors {
  std::vector<double> baseline, candidate;
  double cosine, kl, g;
};

TEST(Drift, DistancesAreThoseOfThePlatform) {
  const Vectors all[] = {
      {{500, 500}, {475, 25}, 0.2567058537554475, 0.8303656034108253, 357.5303126381342},
      {{900, 100}, {80, 20}, 0.009007569602788812, 0.03669001403475056, 7.896519109340822},
      {{7, 2, 1}, {3, 3, 4}, 0.2765219568080567, 0.37338604453742064, 3.7744602758254997},
      {{10, 0}, {0, 10}, 1.0, 20.723265816223144, 27.725887222397812},
      {{120, 80, 40}, {60, 40, 20}, 2.0044743642699814e-11, 0, 0},
      {{990, 10}, {100, 0}, 5.101131004525694e-05, 0.15123112401461675, 1.9153527740877956},
      {{1, 2, 3, 4}, {4, 3, 2, 1}, 0.33333333357676564, 0.4564348191467835, 4.257605411448928}};
  for (const auto& [baseline, candidate, cosine, kl, g] : all) {
    EXPECT_NEAR(cosine_distance(baseline, candidate), cosine, 1e-12);
    EXPECT_NEAR(kl_divergence(shares_of(baseline), shares_of(candidate)), kl, 1e-12);
    EXPECT_NEAR(g_statistic(baseline, candidate), g, 1e-9);
  }
}

TEST(Drift, KlIsOfWhatItIsGivenClippedToOne) {
  EXPECT_EQ(kl_divergence(std::vector<double>{1, 2}, std::vector<double>{2, 1}), 0)
      << "of counts the platform's detector says this: they have to be made shares first";
  EXPECT_GT(kl_divergence(shares_of(std::vector<double>{1, 2}), shares_of(std::vector<double>{2, 1})), 0.2);
}

TEST(Drift, CosineOfNothingIsNoDivisionByZero) {
  const std::vector<double> none{0, 0}, some{1, 1};
  EXPECT_NEAR(cosine_distance(none, some), 1, 1e-12);
  EXPECT_NEAR(cosine_distance(none, none), 1, 1e-12);
  EXPECT_EQ(g_statistic(none, some), 0);
}

TEST(Drift, SharesAddUpToOne) {
  EXPECT_THAT(shares_of(std::vector<double>{1, 3}), ElementsAre(0.25, 0.75));
  EXPECT_THAT(shares_of(std::vector<double>{0, 0}), ElementsAre(0, 0));
}

TEST(Drift, TheBoundOfChanceIsAboutThatOfATable) {
  // Quantiles of chi-square at 0.999, as in any table.
  const std::pair<std::size_t, double> table[] = {{1, 10.828}, {2, 13.816},  {3, 16.266},
                                                  {5, 20.515}, {10, 29.588}, {30, 59.703}};
  for (const auto& [degrees, quantile] : table) {
    EXPECT_THAT(chance_bound(degrees), DoubleNear(quantile, 0.04 * quantile)) << degrees;
    EXPECT_GT(chance_bound(degrees), 0.999 * quantile) << degrees;
  }
  EXPECT_EQ(chance_bound(0), 0);
}

}  // namespace
}  // namespace seraphim::analysis
