// No request goes to a candidate that nobody can see, if only it becomes visible soon.
#include <gmock/gmock.h>

#include "rollout/scene.h"

namespace seraphim::rollout {
namespace {

using api::Percent;

/// The candidate's pods are up; its metrics have not been seen, and that was noticed so long ago (zero: just
/// now).
Scene unseen(api::Duration time) {
  return Scene::at_step(0).pods("v2", 4).unseen(time);
}

TEST(FirstTraffic, WaitsUntilTheCandidatesMetricsAreSeen) {
  const Scene waiting = unseen({});
  const Plan plan = waiting.plan();
  EXPECT_EQ(reason_of(plan, "Progressing"), "True:WaitingForMetrics");
  EXPECT_EQ(plan.status.phase, api::Phase::starting);
  EXPECT_EQ(plan.status.weight.desired, Percent::whole(0));
  EXPECT_EQ(plan.status.step_started_at, waiting.seen().now) << "a restart must not begin the wait anew";
  ASSERT_TRUE(plan.look_again);
  EXPECT_EQ(*plan.look_again, seconds(15));
}

TEST(FirstTraffic, WaitsNoLongerThanDataMayBeOld) {
  EXPECT_EQ(reason_of(unseen(seconds(14)).plan(), "Progressing"), "True:WaitingForMetrics");
  const Plan plan = unseen(seconds(15)).plan();
  EXPECT_EQ(plan.status.weight.desired, Percent::whole(20)) << "a counter may be born by the first request";
}

TEST(FirstTraffic, AClockThatWasSetBackDoesNotStretchTheWait) {
  const Plan plan = unseen(-minutes(60)).plan();
  ASSERT_TRUE(plan.look_again);
  EXPECT_LE(*plan.look_again, seconds(15));
}

TEST(FirstTraffic, WaitsForNothingWithoutAnalysis) {
  EXPECT_EQ(unseen({}).without_analysis().plan().status.weight.desired, Percent::whole(20));
}

}  // namespace
}  // namespace seraphim::rollout
