// The end of a rollout that gets no verdict (invariant 6): stated by the spec, told beforehand.
#include <gmock/gmock.h>

#include "rollout/scene.h"

namespace seraphim::rollout {
namespace {

using api::Percent;
using api::UndecidedEnd;
using ::testing::HasSubstr;

/// The last step, its hold is over, everything is healthy, and evidence is all that is missing.
Scene waiting(std::optional<UndecidedEnd> end) {
  return Scene::at_step(3).held(seconds(20)).with_spec([end](api::Spec& spec) {
    if (end) spec.analysis->undecided = api::Undecided{minutes(60), *end};
  });
}

Scene since(const Scene& scene, api::Duration time) {
  return scene.with_object(
      [&](api::SeraphimDeployment& object) { object.status.undecided_since = scene.seen().now - time; });
}

Scene overdue(UndecidedEnd end) {
  return since(waiting(end), minutes(60));
}

TEST(Undecided, TheClockStartsWhenEvidenceAloneIsMissing) {
  const Scene scene = waiting(UndecidedEnd::roll_back);
  const Plan plan = scene.plan();
  EXPECT_EQ(reason_of(plan, "Progressing"), "True:WaitingForEvidence");
  EXPECT_EQ(plan.status.undecided_since, scene.seen().now);
  ASSERT_TRUE(plan.look_again);
  EXPECT_EQ(*plan.look_again, minutes(60));
  EXPECT_THAT(message_of(plan, "Progressing"),
              HasSubstr("it is rolled back at " + api::format_time(scene.seen().now + minutes(60))));
}

TEST(Undecided, WithoutADeadlineItWaitsAsLongAsItTakes) {
  const Plan plan = since(waiting({}), minutes(60 * 24 * 30)).plan();
  EXPECT_EQ(reason_of(plan, "Progressing"), "True:WaitingForEvidence");
  EXPECT_EQ(weight_set(plan), std::nullopt);
}

TEST(Undecided, RollsBackAtItsDeadlineAndNotBefore) {
  EXPECT_EQ(weight_set(since(waiting(UndecidedEnd::roll_back), minutes(59)).plan()), std::nullopt);
  const Plan plan = overdue(UndecidedEnd::roll_back).plan();
  EXPECT_EQ(weight_set(plan), Percent::whole(0));
  EXPECT_TRUE(tells(plan, "RolledBack"));
  ASSERT_TRUE(plan.status.last_rollback);
  EXPECT_EQ(plan.status.last_rollback->reason, "Undecided");
  EXPECT_THAT(plan.status.last_rollback->message, HasSubstr("no verdict after 1h"));
}

TEST(Undecided, ItsMessageHasTheEvidenceThatThereIs) {
  Scene scene = overdue(UndecidedEnd::roll_back);
  EXPECT_EQ(scene.plan().status.last_rollback->message,
            "no verdict after 1h of waiting: there were no metrics");
  scene.seen().assessment->evidence.rollback_evidence = "2.1 of 100";
  scene.seen().assessment->evidence.promotion_evidence = "3.4 of 20";
  EXPECT_EQ(scene.plan().status.last_rollback->message,
            "no verdict after 1h of waiting: rollback evidence 2.1 of 100, promotion evidence 3.4 of 20");
}

TEST(Undecided, HoldSaysOnceThatItIsOverdue) {
  const Plan plan = overdue(UndecidedEnd::hold).plan();
  EXPECT_EQ(reason_of(plan, "Progressing"), "True:Undecided");
  EXPECT_TRUE(tells(plan, "Undecided"));
  EXPECT_EQ(weight_set(plan), std::nullopt);
}

TEST(Undecided, PromoteGoesOnWithoutTheEvidence) {
  const Plan plan = overdue(UndecidedEnd::promote).plan();
  EXPECT_EQ(plan.status.weight.desired, Percent::whole(100));
  EXPECT_FALSE(plan.status.undecided_since) << "the next wait has its own clock";
}

TEST(Undecided, PromoteNeedsDataThatIsThereAndRaisesNoSuspicion) {
  for (const Scene& scene : {overdue(UndecidedEnd::promote).suspicious(),
                             overdue(UndecidedEnd::promote)
                                 .with(analysis::Unavailable{"MetricsUnavailable", "connection refused"}),
                             overdue(UndecidedEnd::promote).not_looked()}) {
    const Plan plan = scene.plan();
    EXPECT_EQ(plan.status.weight.desired, Percent::whole(50)) << message_of(plan, "Progressing");
    EXPECT_EQ(weight_set(plan), std::nullopt);
  }
}

TEST(Undecided, AVerdictThatComesAtTheLastMomentCounts) {
  const Plan plan = overdue(UndecidedEnd::roll_back).with(analysis::Promote{}).plan();
  EXPECT_EQ(plan.status.weight.desired, Percent::whole(100));
  EXPECT_FALSE(plan.status.last_rollback);
}

TEST(Undecided, APauseStopsTheClock) {
  const Plan plan = overdue(UndecidedEnd::roll_back).paused().plan();
  EXPECT_EQ(weight_set(plan), std::nullopt);
  EXPECT_FALSE(plan.status.undecided_since);
}

TEST(Undecided, ACandidateWithoutTrafficAndUnderSuspicionDoesNotWaitForEver) {
  const Plan plan = overdue(UndecidedEnd::roll_back).weight(0).suspicious().plan();
  ASSERT_TRUE(plan.status.last_rollback);
  EXPECT_EQ(plan.status.last_rollback->reason, "Undecided");
}

TEST(Undecided, AHoldIsNoIndecision) {
  const Plan plan = Scene::at_step(3).held(seconds(10)).plan();
  EXPECT_EQ(reason_of(plan, "Progressing"), "True:HoldingStep");
  EXPECT_FALSE(plan.status.undecided_since);
}

}  // namespace
}  // namespace seraphim::rollout
