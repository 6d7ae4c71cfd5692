// Whole rollouts with a drift metric whose queries have no number for a revision without requests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operator/routed_world.h"

namespace seraphim::op::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// 1.0 serves, and a drift is watched.
void bring_up_with_drift(RoutedWorld& world) {
  world.watch_drift();
  ASSERT_TRUE(world.settle()) << world.conditions();
  ASSERT_EQ(world.status().phase, api::Phase::stable) << world.conditions();
  world.writes.clear();
}

TEST(DriftRollout, TheFirstStepBeginsAndTheBakeEnds) {
  RoutedWorld world;
  bring_up_with_drift(world);
  world.deploy("2.0", "v2.mar");
  for (int i = 0; i < 200 && world.weight() != 60; ++i) world.tick();
  ASSERT_EQ(world.weight(), 60) << world.conditions();
  world.tick();
  ASSERT_FALSE(world.status().evidence.metrics.empty());
  EXPECT_EQ(world.status().evidence.metrics[0].note,
            "Cosine 0.000 between 1 stable and 1 candidate events, at most 0.2");
  ASSERT_TRUE(world.settle()) << world.conditions();
  EXPECT_EQ(world.status().phase, api::Phase::stable) << world.conditions();
  EXPECT_THAT(world.writes, ElementsAre("1.0/2.0", "20", "60", "100", "2.0/2.0", "0", "2.0/1.0", "2.0/2.0"));
  EXPECT_THAT(world.violations, IsEmpty());
}

TEST(DriftRollout, AfterARollbackTheServiceIsFoundWell) {
  RoutedWorld world;
  bring_up_with_drift(world);
  world.broken = "3.0";
  world.deploy("3.0", "v3.mar");
  ASSERT_TRUE(world.settle()) << world.conditions();
  ASSERT_EQ(world.status().phase, api::Phase::rolled_back) << world.conditions();
  const auto result = [&] { return world.status().last_rollback->verification->result; };
  for (int i = 0; i < 200 && result() == api::VerificationResult::pending; ++i) world.tick();
  EXPECT_EQ(result(), api::VerificationResult::recovered) << world.conditions();
  EXPECT_THAT(world.conditions(), HasSubstr("Recovered Recovered"));
}

}  // namespace
}  // namespace seraphim::op::testing
