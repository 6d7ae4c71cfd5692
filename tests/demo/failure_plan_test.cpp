#include "failure_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace seraphim::demo {
namespace {

/// 'x' for each request that fails, '.' for the others.
std::string pattern_of(FailurePlan& plan, int requests) {
  std::string pattern;
  for (int i = 0; i < requests; ++i) pattern += plan.next_fails() ? 'x' : '.';
  return pattern;
}

TEST(FailurePlan, EvenFailsEveryNthRequest) {
  FailurePlan plan(FailurePattern::even, 0.2, 1);
  EXPECT_EQ(pattern_of(plan, 15), "....x....x....x");
}

TEST(FailurePlan, EvenIsExactForAwkwardRates) {
  FailurePlan tenth(FailurePattern::even, 0.1, 1);
  EXPECT_EQ(pattern_of(tenth, 10), ".........x");
  FailurePlan third(FailurePattern::even, 0.3, 1);
  const auto pattern = pattern_of(third, 10000);
  EXPECT_EQ(std::count(pattern.begin(), pattern.end(), 'x'), 3000);
}

TEST(FailurePlan, NoneAndAll) {
  for (const auto kind : {FailurePattern::even, FailurePattern::random}) {
    FailurePlan none(kind, 0, 1);
    EXPECT_EQ(pattern_of(none, 5), ".....");
    FailurePlan all(kind, 1, 1);
    EXPECT_EQ(pattern_of(all, 5), "xxxxx");
  }
}

TEST(FailurePlan, SameSeedSameFailures) {
  FailurePlan one(FailurePattern::random, 0.5, 7);
  FailurePlan same(FailurePattern::random, 0.5, 7);
  FailurePlan other(FailurePattern::random, 0.5, 8);
  const auto pattern = pattern_of(one, 200);
  EXPECT_EQ(pattern_of(same, 200), pattern);
  EXPECT_NE(pattern_of(other, 200), pattern);
}

TEST(FailurePlan, RateCanChangeWhileRunning) {
  FailurePlan plan(FailurePattern::even, 0, 1);
  EXPECT_EQ(pattern_of(plan, 4), "....");
  plan.set_rate(0.5);
  EXPECT_EQ(plan.rate(), 0.5);
  EXPECT_EQ(pattern_of(plan, 4), ".x.x");
}

}  // namespace
}  // namespace seraphim::demo
