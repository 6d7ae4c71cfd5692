#include "kubernetes/token_bucket.h"

#include <gtest/gtest.h>

namespace seraphim::kubernetes {
namespace {

using namespace std::chrono_literals;

const SteadyTime kStart{100h};

TEST(TokenBucket, GivesTheBurstAndThenTheRate) {
  TokenBucket bucket(10, 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bucket.take(kStart), 0ms);
  EXPECT_EQ(bucket.take(kStart), 100ms);
  EXPECT_EQ(bucket.take(kStart + 99ms), 1ms) << "asking in vain costs nothing";
  EXPECT_EQ(bucket.take(kStart + 100ms), 0ms);
  EXPECT_EQ(bucket.take(kStart + 100ms), 100ms);
}

TEST(TokenBucket, IsNeverFullerThanTheBurst) {
  TokenBucket bucket(10, 3);
  EXPECT_EQ(bucket.take(kStart), 0ms);
  const auto later = kStart + 1h;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bucket.take(later), 0ms);
  EXPECT_EQ(bucket.take(later), 100ms);
}

TEST(TokenBucket, ReservesInAdvance) {
  TokenBucket bucket(10, 2);
  EXPECT_EQ(bucket.reserve(kStart), 0ms);
  EXPECT_EQ(bucket.reserve(kStart), 0ms);
  EXPECT_EQ(bucket.reserve(kStart), 100ms);
  EXPECT_EQ(bucket.reserve(kStart), 200ms);
  EXPECT_EQ(bucket.reserve(kStart + 150ms), 150ms);
  EXPECT_EQ(bucket.take(kStart + 150ms), 250ms);
}

TEST(TokenBucket, TimeThatGoesBackGivesNothing) {
  TokenBucket bucket(10, 1);
  EXPECT_EQ(bucket.take(kStart + 10s), 0ms);
  EXPECT_EQ(bucket.take(kStart), 100ms);
  EXPECT_EQ(bucket.take(kStart + 10s), 100ms);
}

}  // namespace
}  // namespace seraphim::kubernetes
