#include "latency_summary.h"

#include <gtest/gtest.h>

namespace seraphim::demo {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

void expect_within_two_percent(microseconds actual, microseconds exact) {
  EXPECT_GE(actual, exact);
  EXPECT_LE(static_cast<double>(actual.count()), static_cast<double>(exact.count()) * 1.02 + 1);
}

TEST(LatencySummary, EmptyIsZero) {
  const LatencySummary summary;
  EXPECT_EQ(summary.count(), 0u);
  EXPECT_EQ(summary.percentile(0.99), 0us);
}

TEST(LatencySummary, PercentilesByNearestRank) {
  LatencySummary summary;
  for (int i = 1; i <= 1000; ++i) summary.add(i * 1ms);
  expect_within_two_percent(summary.percentile(0.50), 500ms);
  expect_within_two_percent(summary.percentile(0.95), 950ms);
  expect_within_two_percent(summary.percentile(0.99), 990ms);
  EXPECT_EQ(summary.percentile(1.0), 1000ms);
  EXPECT_EQ(summary.max(), 1000ms);
}

TEST(LatencySummary, OneValueIsEveryPercentile) {
  LatencySummary summary;
  summary.add(20ms);
  for (const double share : {0.001, 0.5, 1.0}) EXPECT_EQ(summary.percentile(share), 20ms);
}

TEST(LatencySummary, TakesTheShortestAndTheLongest) {
  LatencySummary summary;
  summary.add(0us);
  summary.add(std::chrono::hours{5});
  EXPECT_LE(summary.percentile(0.5), 1us);
  EXPECT_EQ(summary.percentile(1.0), std::chrono::hours{5});
}

}  // namespace
}  // namespace seraphim::demo
