// R4 of the platform's rollback playbook: "Verify health and SLOs", which the operator does by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using api::VerificationResult;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

api::VerificationStatus verification(const World& world) {
  const auto last = world.status().last_rollback;
  return last ? last->verification.value_or(api::VerificationStatus{}) : api::VerificationStatus{};
}

::testing::AssertionResult wait_for_verdict(World& world) {
  return world.wait_for("the rollback is verified",
                        [&] { return verification(world).decided_at.has_value(); });
}

auto told_once(const std::vector<SeenEvent>& events, const std::string& reason) {
  return std::count_if(events.begin(), events.end(),
                       [&](const auto& event) { return event.reason == reason && event.count == 1; });
}

TEST(Verification, R4AfterARollbackHealthAndSlosAreVerified) {
  World world;
  world.apply_route();
  const Operator running(world);
  world.apply(DeploymentManifest{.model = {.version = "v1"}});
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  const Load load(world, 50);
  ASSERT_TRUE(load.wait_for_answers(50));
  world.apply(DeploymentManifest{.model = {.version = "v2", .failure_rate = "0.3"}});
  ASSERT_TRUE(world.wait_for_phase(Phase::rolled_back, "web", 90s));
  ASSERT_TRUE(wait_for_verdict(world));
  EXPECT_EQ(verification(world).result, VerificationResult::recovered) << verification(world).message;
  for (const char* part : {"2 of 2 pods", "requests failed (0.0 %)", "Seraphim Inference Overview"})
    EXPECT_THAT(verification(world).message, HasSubstr(part));
  EXPECT_TRUE(world.wait_for("it is told", [&] { return told_once(world.events(), "Recovered") == 1; }));
  const auto* condition = api::find_condition(world.deployment().status.conditions, "Recovered");
  ASSERT_NE(condition, nullptr);
  EXPECT_EQ(condition->status, api::ConditionStatus::true_);
}

TEST(Verification, R4AStableRevisionThatFailsTooIsNotRecovered) {
  World world;
  world.apply_route();
  const Operator running(world);
  world.apply(DeploymentManifest{.model = {.version = "v1", .failure_rate = "0.4"}, .verify = "1m"});
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  const Load load(world, 50);
  ASSERT_TRUE(load.wait_for_answers(50));
  world.apply(DeploymentManifest{
      .model = {.version = "v2", .never_ready = true}, .progress_deadline_seconds = 4, .verify = "1m"});
  ASSERT_TRUE(world.wait_for_phase(Phase::rolled_back, "web", 90s));
  ASSERT_TRUE(wait_for_verdict(world));
  EXPECT_EQ(verification(world).result, VerificationResult::not_recovered) << verification(world).message;
  EXPECT_THAT(verification(world).message, HasSubstr("the ceiling is 10%"));
  EXPECT_LT(*verification(world).decided_at, verification(world).until) << "evidence does not wait";
  EXPECT_TRUE(world.wait_for("it is told", [&] { return told_once(world.events(), "NotRecovered") == 1; }));
}

}  // namespace
}  // namespace seraphim::cluster
