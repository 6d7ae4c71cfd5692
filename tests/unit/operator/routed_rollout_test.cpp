// Model versions behind the platform's gateway with routes in front of it: promoted, rolled back, rolled back
// from the bake, and all of that through a crash at every single write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "operator/routed_world.h"

namespace seraphim::op::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// 1.0 serves.
void bring_up(RoutedWorld& world) {
  ASSERT_TRUE(world.settle()) << world.conditions();
  ASSERT_EQ(world.status().phase, api::Phase::stable) << world.conditions();
  world.writes.clear();
}

void expect_at_rest_with(RoutedWorld& world, const std::string& version) {
  EXPECT_EQ(world.variable("MODEL_VERSION_BASELINE"), version) << world.conditions();
  EXPECT_EQ(world.variable("MODEL_VERSION_CANDIDATE"), version) << "out of forced traffic's reach";
  EXPECT_EQ(world.variable("CANARY_PERCENT"), "0");
  EXPECT_EQ(world.weight(), 0);
  EXPECT_THAT(world.violations, IsEmpty());
}

TEST(RoutedRollout, AGatewayThatSplitByItselfIsTakenOver) {
  RoutedWorld world;
  bring_up(world);
  expect_at_rest_with(world, "1.0");
}

TEST(RoutedRollout, AGoodVersionIsPromotedWithThreeChangesOfModelsAndNoneForItsWeights) {
  RoutedWorld world;
  bring_up(world);
  world.deploy("2.0", "v2.mar");
  ASSERT_TRUE(world.settle()) << world.conditions();
  EXPECT_EQ(world.status().phase, api::Phase::stable) << world.conditions();
  // The candidate's models; the steps; everything; the stable models; back; the way back in the bake; its
  // end.
  EXPECT_THAT(world.writes, ElementsAre("1.0/2.0", "20", "60", "100", "2.0/2.0", "0", "2.0/1.0", "2.0/2.0"));
  expect_at_rest_with(world, "2.0");
}

TEST(RoutedRollout, ABadVersionLosesItsWeightFirstAndThenItsPlace) {
  RoutedWorld world;
  bring_up(world);
  world.broken = "3.0";
  world.deploy("3.0", "v3.mar");
  ASSERT_TRUE(world.settle()) << world.conditions();
  EXPECT_EQ(world.status().phase, api::Phase::rolled_back) << world.conditions();
  EXPECT_THAT(world.writes, ElementsAre("1.0/3.0", "20", "0", "1.0/1.0"));
  EXPECT_GT(world.failures["3.0"], 0);
  expect_at_rest_with(world, "1.0");
}

TEST(RoutedRollout, FromTheBakeTheWayBackIsOneWriteOfTheRoute) {
  RoutedWorld world;
  bring_up(world);
  world.deploy("3.0", "v3.mar");
  const auto way_back_is_ready = [&] {
    return world.status().phase == api::Phase::baking && world.served("candidate") == "1.0";
  };
  for (int i = 0; i < 200 && !way_back_is_ready(); ++i) world.tick();
  ASSERT_TRUE(way_back_is_ready()) << world.conditions();
  world.broken = "3.0";
  world.writes.clear();
  ASSERT_TRUE(world.settle()) << world.conditions();
  EXPECT_THAT(world.writes, ElementsAre("100", "1.0/1.0", "0"));
  expect_at_rest_with(world, "1.0");
}

TEST(RoutedRollout, ARouterThatIgnoresFiltersIsToldAndNothingIsRaised) {
  RoutedWorld world;
  bring_up(world);
  world.applies_filters = false;
  world.deploy("2.0", "v2.mar");
  for (int i = 0; i < 400; ++i) world.tick();
  EXPECT_EQ(world.weight(), 20) << "no step was left without a request of the candidate";
  EXPECT_EQ(world.status().stable_revision.empty(), false);
  EXPECT_NE(world.status().stable_revision, world.status().candidate_revision);
  EXPECT_THAT(world.conditions(), HasSubstr("does the router apply filters of backendRefs"));
  world.applies_filters = true;
  ASSERT_TRUE(world.settle()) << world.conditions();
  expect_at_rest_with(world, "2.0");
}

TEST(RoutedRollout, ARouterThatStopsApplyingFiltersIsNoticedByTheShare) {
  RoutedWorld world;
  bring_up(world);
  world.deploy("2.0", "v2.mar");
  for (int i = 0; i < 200 && world.weight() != 60; ++i) world.tick();
  ASSERT_EQ(world.weight(), 60) << world.conditions();
  world.applies_filters = false;
  for (int i = 0; i < 100; ++i) world.tick();
  EXPECT_EQ(world.weight(), 60) << world.conditions();
  EXPECT_THAT(world.conditions(), HasSubstr("WeightObserved RouterDiffers: the candidate got"));
  EXPECT_THAT(world.conditions(), HasSubstr("does the router apply filters of backendRefs"));
}

/// Right before each write of the story, which is right after the one before it.
template <typename Story>
void expect_the_same_through_a_crash(const std::string& end, const Story& story) {
  int write = 0;
  for (bool reached = true; reached && !::testing::Test::HasFailure(); ++write) {
    SCOPED_TRACE("write " + std::to_string(write));
    RoutedWorld world;
    bring_up(world);
    world.die_at(write);
    story(world);
    ASSERT_TRUE(world.settle()) << world.conditions();
    expect_at_rest_with(world, end);
    reached = world.has_died();
  }
  EXPECT_GT(write, 10) << "so many writes there are at least";
}

TEST(RoutedRollout, APromotionSurvivesACrashAtEveryWrite) {
  expect_the_same_through_a_crash("2.0", [](RoutedWorld& world) { world.deploy("2.0", "v2.mar"); });
}

TEST(RoutedRollout, ARollbackSurvivesACrashAtEveryWrite) {
  expect_the_same_through_a_crash("1.0", [](RoutedWorld& world) {
    world.broken = "3.0";
    world.deploy("3.0", "v3.mar");
  });
}

}  // namespace
}  // namespace seraphim::op::testing
