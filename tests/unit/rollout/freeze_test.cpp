// A freeze holds back what is new and nothing else; it shows when it does, and ends on time.
#include <gmock/gmock.h>

#include "rollout/scene.h"

namespace seraphim::rollout {
namespace {

using analysis::Promote;
using analysis::RollBack;
using api::Percent;
using api::Phase;
using testing::HasSubstr;
using testing::Not;

const RollBack kFailing{"ErrorRateWorseThanStable", "20 of 100 failed"};
const std::string kXmas =
    "the freeze xmas is in force until it is deleted (who: \"alice\", why: \"year end\")";

Scene ready_to_leave(std::int32_t step) {
  return Scene::at_step(step).held(seconds(20));
}

TEST(Freeze, ANewRevisionIsNotStartedAndNotRecorded) {
  const Scene scene = Scene::stable().spec("v2").frozen();
  const Plan plan = scene.plan();
  EXPECT_TRUE(plan.actions.empty());
  EXPECT_EQ(plan.status.candidate_revision, "");
  EXPECT_EQ(plan.status.phase, Phase::frozen);
  EXPECT_EQ(reason_of(plan, "Progressing"), "False:Frozen");
  EXPECT_EQ(message_of(plan, "Progressing"),
            "the new revision " + scene.name("v2") + " is not started while " + kXmas);
  EXPECT_TRUE(tells(plan, "Frozen"));
}

TEST(Freeze, AnEarlierRevisionIsAsNewAsAnyOther) {
  const Plan plan = Scene::stable().spec("v0").marked("v1", api::RevisionVerdict::healthy).frozen().plan();
  EXPECT_EQ(plan.status.candidate_revision, "");
}

TEST(Freeze, WhereNothingServesTheFirstRevisionStarts) {
  World world;
  world.freeze("xmas");
  serve_v1(world);
  EXPECT_EQ(world.status().stable_revision, world.name_of("v1"));
}

TEST(Freeze, ACandidateStaysWhereItIsAtEveryStep) {
  for (std::int32_t step = 1; step <= 3; ++step) {
    const Scene scene = ready_to_leave(step).with(Promote{});
    const Percent weight = scene.seen().object.status.weight.desired;
    ASSERT_GT(scene.plan().status.weight.desired, weight);
    const Plan plan = scene.frozen().plan();
    EXPECT_EQ(plan.status.weight.desired, weight) << step;
    EXPECT_EQ(weight_set(plan), std::nullopt) << step;
    EXPECT_EQ(plan.status.phase, Phase::frozen) << step;
    EXPECT_EQ(reason_of(plan, "Progressing"), "True:Frozen") << step;
    EXPECT_THAT(message_of(plan, "Progressing"),
                HasSubstr(scene.name("v2") + " gets no more traffic while " + kXmas));
  }
}

TEST(Freeze, APersistedRaiseIsNotCarriedOut) {
  const Scene raising = Scene::at_step(1).with_object([](api::SeraphimDeployment& object) {
    object.status.step = 2;
    object.status.weight.desired = Percent::whole(25);
  });
  EXPECT_EQ(weight_set(raising.plan()), Percent::whole(25));
  EXPECT_EQ(weight_set(raising.frozen().plan()), std::nullopt);
}

TEST(Freeze, WithEverythingAlreadyTheSwitchWaits) {
  EXPECT_NE(find<PointBackend>(Scene::promoting().plan()), nullptr);
  const Plan plan = Scene::promoting().frozen().plan();
  EXPECT_EQ(find<PointBackend>(plan), nullptr);
  EXPECT_EQ(reason_of(plan, "Progressing"), "True:Frozen");
  EXPECT_EQ(plan.status.phase, Phase::frozen);
}

TEST(Freeze, TheHoldGoesOnAndShowsAsWhatItIs) {
  const Plan plan = Scene::at_step(1).held(seconds(19)).frozen().plan();
  EXPECT_EQ(reason_of(plan, "Progressing"), "True:HoldingStep");
  EXPECT_TRUE(plan.status.hold_clock_since.has_value());
  EXPECT_EQ(plan.status.phase, Phase::progressing);
  EXPECT_EQ(reason_of(plan, "Frozen"), "True:FreezeInForce");
  EXPECT_FALSE(tells(plan, "Frozen")) << "it does not hold anything back yet";
}

TEST(Freeze, TheBakeKeepsTheWayBack) {
  const Scene over = Scene::baking().later(minutes(1));
  EXPECT_TRUE(tells(over.plan(), "BakeEnded"));
  const Plan plan = over.frozen().plan();
  EXPECT_FALSE(tells(plan, "BakeEnded"));
  EXPECT_EQ(plan.status.previous_revision, over.name("v1"));
  EXPECT_EQ(reason_of(plan, "Progressing"), "True:Frozen");
}

TEST(Freeze, ANewRevisionDoesNotCutTheBakeShort) {
  const Plan plan = Scene::baking().spec("v3").frozen().plan();
  EXPECT_FALSE(tells(plan, "BakeEnded"));
  EXPECT_EQ(plan.status.candidate_revision, "");
  EXPECT_EQ(plan.status.phase, Phase::baking);
}

TEST(Freeze, NoRollbackWaitsForIt) {
  for (const Scene& scene :
       {Scene::at_step(1).with(kFailing), Scene::promoting().with(kFailing), Scene::baking().with(kFailing),
        Scene::at_step(1).pods("v2", 0), Scene::at_step(0).pods("v2", 0).later(minutes(1))}) {
    const Plan free = scene.plan(), frozen = scene.frozen().plan();
    EXPECT_TRUE(tells(free, "RolledBack"));
    EXPECT_TRUE(tells(frozen, "RolledBack"));
    EXPECT_EQ(frozen.actions, free.actions);
    EXPECT_EQ(frozen.status.last_rollback, free.status.last_rollback);
  }
}

TEST(Freeze, NorDoesWhatAPersonTakesBack) {
  EXPECT_EQ(weight_set(Scene::at_step(2).spec("v1").frozen().plan()), Percent::whole(0));
  EXPECT_EQ(weight_set(Scene::at_step(2).spec("v3").frozen().plan()), Percent::whole(0));
  EXPECT_EQ(weight_set(Scene::baking().spec("v1").frozen().plan()), Percent::whole(100));
}

TEST(Freeze, AWeightThatIsTooHighIsLoweredAndAScaledStableRepaired) {
  const Scene raised = Scene::at_step(1).weight(80);
  World world;
  reach_step(world, 1);
  world.freeze("xmas");
  world.set_weight_by_hand(Percent::whole(80));
  world.pods[world.name_of("v1")].desired = 1;
  world.run_for(seconds(5));
  EXPECT_EQ(world.weight, Percent::whole(20));
  EXPECT_EQ(world.pods[world.name_of("v1")].desired, 4);
}

TEST(Freeze, NoVerdictInTimeStillRollsBack) {
  const Scene overdue =
      ready_to_leave(3)
          .with_spec([](api::Spec& spec) {
            spec.analysis->undecided = api::Undecided{minutes(60), api::UndecidedEnd::roll_back};
          })
          .with_object([](api::SeraphimDeployment& object) { object.status.undecided_since = api::Time{}; });
  EXPECT_TRUE(tells(overdue.frozen().plan(), "RolledBack"));
}

TEST(Freeze, WhatWouldGoOnWithoutAVerdictGoesOnAfterIt) {
  const Scene overdue =
      ready_to_leave(3)
          .with_spec([](api::Spec& spec) {
            spec.analysis->undecided = api::Undecided{minutes(60), api::UndecidedEnd::promote};
          })
          .with_object([](api::SeraphimDeployment& object) { object.status.undecided_since = api::Time{}; });
  const Plan plan = overdue.frozen().plan();
  EXPECT_EQ(reason_of(plan, "Progressing"), "True:Frozen");
  EXPECT_EQ(plan.status.undecided_since, api::Time{}) << "it would wait as long once more";
}

TEST(Freeze, ItLooksAgainWhenTheNextChangeComes) {
  const api::Time now = Scene::stable().seen().now;
  EXPECT_EQ(Scene::stable().frozen(now + minutes(90)).plan().look_again, minutes(90));
  EXPECT_EQ(Scene::at_step(1).held(seconds(19)).frozen(now + minutes(90)).plan().look_again, seconds(1));
}

TEST(Freeze, ItEndsByTheTimerAlone) {
  World world;
  serve_v1(world);
  world.freeze("xmas", world.now + minutes(10));
  world.use_template("v2");
  world.run_for(minutes(9));
  const std::size_t looks = world.looks;
  EXPECT_EQ(world.status().phase, Phase::frozen);
  EXPECT_EQ(world.times_told("Frozen"), 1U);
  world.run_for(seconds(62));
  EXPECT_LT(world.looks, looks + 8) << "it waits for the timer, and does not ask";
  EXPECT_EQ(world.status().candidate_revision, world.name_of("v2"));
  EXPECT_EQ(world.times_told("FreezeEnded"), 1U);
}

TEST(Freeze, ItIsNamedByAConditionAlsoWhereItHoldsNothing) {
  const api::Time until = Scene::stable().seen().now + minutes(90);
  const Plan plan = Scene::stable().frozen(until).plan();
  EXPECT_EQ(reason_of(plan, "Frozen"), "True:FreezeInForce");
  EXPECT_EQ(
      message_of(plan, "Frozen"),
      "the freeze xmas is in force until " + api::format_time(until) +
          " (who: \"alice\", why: \"year end\"): no new revision is started, no candidate gets more traffic "
          "or is promoted; rolling back still works");
  EXPECT_EQ(plan.status.phase, Phase::stable);
  EXPECT_TRUE(plan.story.empty());
  EXPECT_EQ(reason_of(Scene::stable().plan(), "Frozen"), "False:NotFrozen");
}

TEST(Freeze, OfSeveralTheLastToEndIsNamed) {
  Scene scene = Scene::stable().spec("v2").frozen();
  const api::Time now = scene.seen().now;
  scene.seen().freezes = {{"a", "x", "bob", now + minutes(1)},
                          {"b", "y", "eve", now + minutes(5)},
                          {"c", "z", "ann", now + minutes(3)}};
  EXPECT_THAT(message_of(scene.plan(), "Frozen"),
              HasSubstr("the freeze b is in force until " + api::format_time(now + minutes(5)) +
                        " (who: \"eve\", why: \"y\") and 2 more: a, c"));
}

TEST(Freeze, APersonOverridesItWithAReason) {
  const Scene scene = Scene::stable().spec("v2").frozen().overriding("fixes the leak");
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.status.candidate_revision, scene.name("v2"));
  EXPECT_EQ(reason_of(plan, "Frozen"), "False:FreezeOverridden");
  EXPECT_THAT(
      message_of(plan, "Frozen"),
      HasSubstr("the annotation serving.seraphim.io/override-freeze overrides it: \"fixes the leak\"; "
                "remove the annotation when that is over"));
  EXPECT_TRUE(tells(plan, "FreezeOverridden"));
  EXPECT_GT(ready_to_leave(1).frozen().overriding("x").plan().status.step, 1);
}

TEST(Freeze, AnOverrideWithoutAReasonIsRefused) {
  for (const char* words : {"", "  "}) {
    const Plan plan = Scene::stable().spec("v2").frozen().overriding(words).plan();
    EXPECT_EQ(plan.status.candidate_revision, "");
    EXPECT_EQ(reason_of(plan, "Frozen"), "True:OverrideWithoutReason");
    EXPECT_THAT(message_of(plan, "Frozen"),
                HasSubstr("is empty and overrides nothing: write the reason as its value"));
    EXPECT_TRUE(tells(plan, "OverrideWithoutReason"));
  }
}

TEST(Freeze, AnOverrideOfNothingSaysNothing) {
  const Plan plan = Scene::stable().overriding("fixes the leak").plan();
  EXPECT_EQ(reason_of(plan, "Frozen"), "False:NotFrozen");
  EXPECT_TRUE(plan.story.empty());
}

}  // namespace
}  // namespace seraphim::rollout
