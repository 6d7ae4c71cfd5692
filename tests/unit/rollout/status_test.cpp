// What a pass writes into the status, field by field: beginnings, ends, hands, clocks.
#include <gmock/gmock.h>

#include "rollout/outlook.h"
#include "rollout/scene.h"

namespace seraphim::rollout {
namespace {

using api::Percent;
using api::RevisionVerdict;
using namespace std::chrono_literals;

TEST(Begins, ACandidateWithNothingOfTheOneBefore) {
  const Scene scene = Scene::stable().spec("v2").with_object([](auto& object) {
    object.status.evidence.rollback_evidence = "7 of 100";
    object.status.approved_step = 2;
    object.status.step = 3;
  });
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.status.candidate_revision, scene.name("v2"));
  EXPECT_EQ(plan.status.started_at, scene.seen().now);
  EXPECT_EQ(plan.status.progress_since, scene.seen().now);
  EXPECT_EQ(plan.look_again, api::Duration(60s)) << "its deadline";
  EXPECT_EQ(plan.status.evidence, api::EvidenceStatus{});
  EXPECT_EQ(plan.status.approved_step, 0);
  EXPECT_EQ(plan.status.step, 0);
  EXPECT_EQ(plan.status.observed_generation, scene.seen().object.generation);
  EXPECT_EQ(find<RecordRevision>(plan)->revision.workload, scene.seen().object.spec.workload);
}

TEST(Begins, WithoutPodsThereIsNoDeadlineAndWithOneThereIs) {
  const auto begun = [](std::int32_t replicas) {
    return Scene::stable()
        .with_spec([&](auto& spec) { std::get<api::PodsWorkload>(spec.workload).replicas = replicas; })
        .spec("v2")
        .plan();
  };
  EXPECT_EQ(begun(0).status.progress_since, std::nullopt);
  EXPECT_EQ(begun(0).look_again, std::nullopt);
  EXPECT_NE(begun(1).status.progress_since, std::nullopt);
}

TEST(Begins, WhatServedBeforeALostStatusMustBeKnownHealthyAndUp) {
  const Scene lost = Scene::stable().with_object([](auto& object) { object.status = api::Status{}; });
  const auto adopted = [&](const Scene& scene) { return tells(scene.plan(), "StableAdopted"); };
  EXPECT_TRUE(adopted(lost));
  EXPECT_TRUE(adopted(lost.pods("v1", 1)));
  EXPECT_FALSE(adopted(lost.pods("v1", 0)));
  EXPECT_FALSE(adopted(lost.marked("v1", RevisionVerdict::none)));
  EXPECT_FALSE(adopted(lost.with_traffic([](auto& traffic) { traffic.stable.reset(); })));
  Scene unrecorded = lost;
  unrecorded.seen().revisions.clear();
  EXPECT_FALSE(adopted(unrecorded));
  const Scene with_another = lost.spec("v2");
  EXPECT_EQ(with_another.plan().status.stable_revision, lost.name("v1"));
  EXPECT_EQ(with_another.plan().status.candidate_revision, lost.name("v2"));
}

TEST(Begins, TheFirstOneInitializesUntilItServesOrFails) {
  const Scene first = Scene::first_revision();
  EXPECT_EQ(first.plan().status.phase, api::Phase::initializing);
  EXPECT_EQ(first.paused().plan().status.phase, api::Phase::initializing) << "a pause holds back canaries";
  const Scene late = first.later(1min);
  const Plan failed = late.plan();
  EXPECT_TRUE(tells(failed, "FirstRevisionFailed"));
  EXPECT_EQ(failed.status.phase, api::Phase::degraded);
  Observation next = late.seen();
  next.object.status = failed.status;
  EXPECT_EQ(decide(next).status.phase, api::Phase::degraded) << "it stays so";
}

TEST(Ends, ABakeLeavesNothingBehind) {
  const Scene scene = Scene::baking().later(1min);
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.status.promoted_at, std::nullopt);
  EXPECT_TRUE(plan.status.previous_revision.empty());
  EXPECT_EQ(plan.status.weightless_since, scene.seen().now);
}

TEST(Ends, ABakeEndsAtItsTimeToTheMillisecond) {
  Scene scene = Scene::baking();
  scene.seen().object.status.promoted_at = scene.seen().now - 1min;
  EXPECT_TRUE(tells(scene.plan(), "BakeEnded"));
  scene.seen().object.status.promoted_at = scene.seen().now - 1min + 1ms;
  EXPECT_FALSE(tells(scene.plan(), "BakeEnded"));
  EXPECT_EQ(scene.plan().look_again, api::Duration(1ms));
}

TEST(Ends, ARollbackFromTheBakeLeavesNothingBehind) {
  const Scene scene = Scene::baking().with(analysis::RollBack{"ErrorRateAboveCeiling", "bad"});
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.status.stable_revision, scene.name("v1"));
  EXPECT_EQ(plan.status.promoted_at, std::nullopt);
  EXPECT_TRUE(plan.status.previous_revision.empty());
  EXPECT_EQ(plan.status.weightless_since, std::nullopt) << "the route is still to be written";
  ASSERT_TRUE(plan.status.last_rollback);
  api::RollbackStatus told = *plan.status.last_rollback;
  told.verification.reset();
  EXPECT_EQ(told, (api::RollbackStatus{scene.name("v2"), scene.name("v1"), "ErrorRateAboveCeiling", "bad",
                                       scene.seen().now}));
}

TEST(Ends, ARollbackGoesOnWithTheWordsItBeganWith) {
  // It began at 100 % and waits for the stable revision's endpoints.
  const Scene first =
      Scene::promoting().with(analysis::RollBack{"ErrorRateAboveCeiling", "bad"}).pods("v1", 0);
  Scene next = first.later(5s).with(analysis::RollBack{"LatencyAboveCeiling", "worse"});
  next.seen().object.status = first.plan().status;
  const Plan waits = next.plan();
  EXPECT_EQ(waits.status.last_rollback, first.plan().status.last_rollback);
  EXPECT_TRUE(waits.story.empty());
  const Plan done = next.pods("v1", 4).plan();
  api::RollbackStatus told = *done.status.last_rollback;
  EXPECT_TRUE(told.verification) << "its time runs when the traffic is on its way";
  told.verification.reset();
  EXPECT_EQ(told, first.plan().status.last_rollback);
  EXPECT_EQ(weight_set(done), api::kNothing);
  EXPECT_FALSE(tells(done, "RolledBack")) << "it was told when it was decided";
}

TEST(Ends, AMarkWithoutAStatusIsTakenUpWithItsWords) {
  const auto noted = [](const std::string& reason) {
    Scene scene = Scene::at_step(1).marked("v2", RevisionVerdict::failed);
    for (api::Revision& record : scene.seen().revisions) {
      if (record.name == scene.name("v2")) record.verdict_reason = reason;
    }
    return *scene.plan().status.last_rollback;
  };
  EXPECT_EQ(noted("ErrorRateAboveCeiling: 3 of 4: bad").reason, "ErrorRateAboveCeiling");
  EXPECT_EQ(noted("ErrorRateAboveCeiling: 3 of 4: bad").message, "3 of 4: bad");
  EXPECT_EQ(noted("by hand").reason, "MarkedFailed");
  EXPECT_EQ(noted("by hand").message, "by hand");
}

/// Somebody has set 37 % at step 1, which wants 20 %, so often and so long ago.
Scene edited(std::int32_t restores, api::Duration ago, std::int32_t percent = 37) {
  return Scene::at_step(1).weight(percent).with_object([&](auto& object) {
    object.status.weight_restores = restores;
    object.status.weight_restored_at = *object.status.hold_clock_since - ago;
  });
}

TEST(HandEdits, AreCountedInTheirStep) {
  const Scene scene = edited(1, 0s);
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.status.weight_restores, 2);
  EXPECT_EQ(plan.status.weight_restored_at, scene.seen().now);
  EXPECT_EQ(plan.status.weight.applied, Percent::whole(37)) << "noted first";
  EXPECT_EQ(reason_of(plan, "Progressing"), "True:Raising");
  Observation next = scene.seen();
  next.object.status = plan.status;
  EXPECT_EQ(weight_set(decide(next)), Percent::whole(20));
  EXPECT_TRUE(decide(next).story.empty()) << "told when it was noted";
}

TEST(HandEdits, BeyondTheThirdAreLeftUntilAPauseIsOver) {
  const Scene scene = edited(3, 0s);
  const Plan fourth = scene.plan();
  EXPECT_EQ(fourth.status.weight_restores, 4);
  EXPECT_EQ(fourth.status.weight_restored_at, scene.seen().now);
  EXPECT_EQ(reason_of(fourth, "TrafficReady"), "False:WeightContested");
  EXPECT_EQ(fourth.look_again, api::Duration(1min)) << "too high: lowered once per pause";
  EXPECT_EQ(edited(3, 0s, 5).plan().look_again, api::Duration(10min)) << "too low: left for the window";
  // hold_clock_since is a second ago.
  const auto later = [](api::Duration ago, std::int32_t percent) {
    return edited(4, ago - 1s, percent).plan();
  };
  EXPECT_FALSE(tells(later(59s, 37), "WeightRestored"));
  EXPECT_EQ(later(59s, 37).look_again, api::Duration(1s));
  EXPECT_TRUE(tells(later(60s, 37), "WeightRestored"));
  EXPECT_EQ(later(60s, 37).status.weight_restores, 3);
  EXPECT_FALSE(tells(later(599s, 5), "WeightRestored"));
  EXPECT_TRUE(tells(later(600s, 5), "WeightRestored"));
  EXPECT_EQ(later(600s, 5).status.weight_restores, 1) << "the count begins anew";
}

TEST(HandEdits, AreForgottenInTheNextStep) {
  const Plan plan = Scene::at_step(1)
                        .held(20s)
                        .with_object([](auto& object) {
                          object.status.weight_restores = 2;
                          object.status.weight_restored_at = api::Time{};
                          object.status.undecided_since = api::Time{};
                        })
                        .plan();
  ASSERT_EQ(plan.status.step, 2);
  EXPECT_EQ(plan.status.weight_restores, 0);
  EXPECT_EQ(plan.status.weight_restored_at, std::nullopt);
  EXPECT_EQ(plan.status.step_started_at, std::nullopt);
  EXPECT_EQ(plan.status.undecided_since, std::nullopt);
}

TEST(Approvals, AreForAsManyStepsAsThereAre) {
  const auto approved = [](const Scene& scene, const std::string& step) {
    return scene
        .with_object([&](auto& object) {
          object.annotations[api::kAnnotationApprove] = scene.name("v2") + "/" + step;
        })
        .plan();
  };
  EXPECT_EQ(approved(Scene::at_step(1), "99").status.approved_step, 3);
  EXPECT_EQ(approved(Scene::stable(), "1").status.approved_step, 0) << "there is no candidate";
  const Plan plan = approved(Scene::at_step(1), "2");
  EXPECT_TRUE(tells(plan, "StepApproved"));
  Scene again = Scene::at_step(1);
  again.seen().object.status.approved_step = 2;
  EXPECT_FALSE(tells(approved(again, "2"), "StepApproved"));
  EXPECT_EQ(approved(again, "1").status.approved_step, 2) << "an approval is not taken back";
}

TEST(Steps, AtTheEndsAreNoSteps) {
  const Scene scene = Scene::stable().spec("v2").with_spec([](auto& spec) {
    spec.strategy.steps = {
        {api::kNothing, 1s, false}, {Percent::whole(40), 1s, false}, {api::kEverything, 1s, false}};
  });
  EXPECT_EQ(find<Scale>(scene.plan())->replicas, 2) << "for 40 % of four";
}

TEST(Steps, EditedKeepApprovalsOfWhatIsBehindOnly) {
  const auto realigned = [](std::vector<api::Step> steps) {
    return Scene::at_step(3)
        .with_spec([&](auto& spec) { spec.strategy.steps = std::move(steps); })
        .with_object([](auto& object) { object.status.approved_step = 3; })
        .plan();
  };
  const Plan same = realigned({{Percent::whole(10), 1s, false}, {Percent::whole(50), 1s, false}});
  EXPECT_EQ(same.status.step, 2);
  EXPECT_EQ(same.status.approved_step, 1);
  EXPECT_NE(same.status.hold_clock_since, std::nullopt) << "the same weight goes on being held";
  EXPECT_EQ(realigned({{Percent::whole(70), 1s, false}}).status.approved_step, 0);
  EXPECT_EQ(
      realigned(
          {{Percent::whole(10), 1s, true}, {Percent::whole(20), 0s, false}, {Percent::whole(60), 0s, false}})
          .status.step,
      2)
      << "and in this pass it goes no further";
}

TEST(Measured, TheObservedWeightIsOfThisStepAndInHundredths) {
  const auto observed = [](std::int32_t step, analysis::TrafficShare share) {
    Scene scene = Scene::at_step(step);
    scene.seen().assessment->share = share;
    return scene.plan().status.weight.observed;
  };
  EXPECT_EQ(observed(1, {1234, 10000}), Percent::from_basis_points(1234));
  EXPECT_EQ(observed(1, {1, 1}), api::kEverything) << "one request is a measure";
  EXPECT_EQ(observed(1, {0, 0}), std::nullopt);
  EXPECT_EQ(observed(0, {5, 10}), std::nullopt) << "before the first step nobody was told anything";
}

TEST(Measured, TheObjectSaysHowManyPodsThereAreAndHowToFindThem) {
  Scene scene = Scene::at_step(1);
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.status.replicas, 5);
  EXPECT_EQ(plan.status.selector, std::string(api::kLabelName) + "=demo");
  for (const api::Condition& condition : plan.status.conditions)
    EXPECT_EQ(condition.observed_generation, scene.seen().object.generation) << condition.type;
  EXPECT_EQ(reason_of(scene.without_analysis().plan(), "MetricsAvailable"), "");
  scene.seen().assessment->evidence.promotion_evidence = "7 of 20";
  EXPECT_EQ(scene.plan().status.evidence.promotion_evidence, "7 of 20");
}

}  // namespace
}  // namespace seraphim::rollout
