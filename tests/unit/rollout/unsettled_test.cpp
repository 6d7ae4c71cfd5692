// A router that follows only by and by: the weight counts when it is true everywhere.
#include <gmock/gmock.h>

#include "rollout/scene.h"

namespace seraphim::rollout {
namespace {

using api::Percent;

Scene settling(const Scene& scene) {
  return scene.with_traffic(
      [](TrafficState& traffic) { traffic.unsettled = "pod a reports the old weight"; });
}

TEST(Unsettled, TimeAtTheWeightDoesNotCount) {
  const Plan plan = settling(Scene::at_step(1)).plan();
  EXPECT_FALSE(plan.status.hold_clock_since.has_value());
  EXPECT_EQ(reason_of(plan, "Progressing"), "True:TrafficSettling");
  EXPECT_THAT(message_of(plan, "Progressing"), testing::HasSubstr("pod a reports the old weight"));
}

TEST(Unsettled, NoStepIsLeft) {
  const Scene ready = Scene::at_step(1).held(minutes(60)).requests(1000);
  EXPECT_GT(ready.plan().status.weight.desired, Scene::at_step(1).seen().object.status.weight.desired);
  const Plan plan = settling(ready).plan();
  EXPECT_EQ(plan.status.weight.desired, ready.seen().object.status.weight.desired);
  EXPECT_THAT(plan.actions, testing::IsEmpty());
}

TEST(Unsettled, TheFirstTrafficWaits) {
  const Scene up = Scene::at_step(0).pods("v2", 4);
  EXPECT_GT(up.plan().status.weight.desired, Percent::whole(0));
  EXPECT_EQ(settling(up).plan().status.weight.desired, Percent::whole(0));
}

TEST(Unsettled, RollingBackWaitsForNothing) {
  const Plan plan =
      settling(Scene::at_step(1)).with(analysis::RollBack{"ErrorRate", "too many errors"}).plan();
  EXPECT_EQ(weight_set(plan), Percent::whole(0));
  EXPECT_TRUE(tells(plan, "RolledBack"));
}

}  // namespace
}  // namespace seraphim::rollout
