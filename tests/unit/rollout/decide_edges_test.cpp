// What stands beside the main road: odd objects, lost status, lagging caches, old records, clocks that jump.
#include <gmock/gmock.h>

#include "rollout/scene.h"

namespace seraphim::rollout {
namespace {

using api::Percent;
using api::Phase;
using api::RevisionVerdict;

const analysis::RollBack kClearlyWorse{"ErrorRateWorseThanStable", "20 of 100 failed"};

TEST(Edges, AnObjectOnItsWayOutIsLeftAlone) {
  const Scene scene =
      Scene::at_step(2).with(kClearlyWorse).with_object([](auto& object) { object.deleting = true; });
  const Plan plan = scene.plan();
  EXPECT_TRUE(plan.actions.empty());
  EXPECT_TRUE(plan.status == scene.seen().object.status);
  EXPECT_FALSE(plan.look_again.has_value());
}

TEST(Edges, AnUnusableSpecChangesNothingAndSaysWhy) {
  const Scene scene = Scene::at_step(1).held(minutes(9)).with_object([](auto& object) {
    object.problems = {"spec.traffic is missing: write gatewayAPI or replicas"};
  });
  const Plan plan = scene.plan();
  EXPECT_TRUE(plan.actions.empty());
  EXPECT_EQ(plan.status.phase, Phase::degraded);
  EXPECT_EQ(plan.status.candidate_revision, scene.name("v2"));
  EXPECT_EQ(reason_of(plan, "SpecValid"), "False:InvalidSpec");
  EXPECT_THAT(message_of(plan, "SpecValid"), testing::HasSubstr("write gatewayAPI or replicas"));
}

TEST(Edges, AnEmptyObservationGetsAPlan) {
  EXPECT_FALSE(decide(Observation{}).actions.empty()) << "even that is a first revision";
}

TEST(Edges, TheRecordComesBeforeThePods) {
  const Scene scene = Scene::stable().spec("v2");
  const Plan plan = scene.plan();
  ASSERT_GE(plan.actions.size(), 2U);
  const auto* record = std::get_if<RecordRevision>(&plan.actions[0]);
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->revision.number, 2);
  const auto* scale = std::get_if<Scale>(&plan.actions[1]);
  ASSERT_NE(scale, nullptr);
  EXPECT_EQ(scale->revision, scene.name("v2"));
}

TEST(Edges, ALaggingCacheIsAskedAgainBeforeAnythingIsPutBack) {
  const Plan plan = Scene::at_step(1).weight(37).unconfirmed().plan();
  EXPECT_TRUE(plan.confirm_traffic);
  EXPECT_TRUE(plan.actions.empty());
  EXPECT_TRUE(plan.story.empty());
}

TEST(Edges, ALostStatusIsTakenUpFromWhatServes) {
  const Scene scene = Scene::stable().with_object([](auto& object) { object.status = api::Status{}; });
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.status.stable_revision, scene.name("v1"));
  EXPECT_TRUE(plan.status.candidate_revision.empty());
  EXPECT_TRUE(tells(plan, "StableAdopted"));
}

TEST(Edges, AFailedRevisionStaysOutWhenTheRecordsCacheLags) {
  const Scene scene = Scene::at_step(1).with(kClearlyWorse);
  Observation next = scene.seen();
  next.object.status = scene.plan().status;  // written; the record still shows no verdict
  next.traffic.candidate_weight = api::kNothing;
  next.assessment.reset();
  const Plan plan = decide(next);
  EXPECT_TRUE(plan.status.candidate_revision.empty());
  EXPECT_EQ(plan.status.phase, Phase::rolled_back);
}

TEST(Edges, AMarkThatWasWrittenBeforeACrashIsEnough) {
  const Plan plan = Scene::at_step(1).marked("v2", RevisionVerdict::failed).plan();
  EXPECT_EQ(weight_set(plan), api::kNothing);
  EXPECT_TRUE(plan.status.candidate_revision.empty());
}

TEST(Edges, AClockSetBackDoesNotStretchTheHold) {
  const Plan plan = Scene::at_step(1).later(-minutes(60)).plan();
  ASSERT_TRUE(plan.look_again.has_value());
  EXPECT_LE(*plan.look_again, seconds(20));
}

TEST(Edges, BlindTimeIsNotHoldTime) {
  Scene scene =
      Scene::at_step(1).held(seconds(15)).with(analysis::Unavailable{"MetricsStale", "nothing new"});
  scene.seen().assessment->fresh_at = scene.seen().now - seconds(10);
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.status.held, seconds(5));
  EXPECT_FALSE(plan.status.hold_clock_since.has_value());
}

TEST(Edges, APauseStopsTheHoldClock) {
  const Plan plan = Scene::at_step(1).held(seconds(7)).paused().plan();
  EXPECT_EQ(plan.status.held, seconds(7));
  EXPECT_FALSE(plan.status.hold_clock_since.has_value());
}

TEST(Edges, ARestartNeitherShortensNorLengthensTheHold) {
  const Plan blind = Scene::at_step(1).held(seconds(7)).not_looked().plan();
  EXPECT_EQ(blind.status.held, api::Duration::zero());
  EXPECT_TRUE(blind.status.hold_clock_since.has_value()) << "the first look decides";
}

TEST(Edges, ReplicasChangeForBothWithoutANewRevision) {
  const Scene scene = Scene::at_step(2).with_spec(
      [](auto& spec) { std::get<api::PodsWorkload>(spec.workload).replicas = 8; });
  const Plan plan = scene.plan();
  std::map<std::string, int> sizes;
  for (const Action& action : plan.actions) {
    if (const auto* scale = std::get_if<Scale>(&action)) sizes[scale->revision] = scale->replicas;
  }
  EXPECT_EQ(sizes[scene.name("v1")], 8);
  EXPECT_EQ(sizes[scene.name("v2")], 2);
  EXPECT_EQ(find<RecordRevision>(plan), nullptr);
}

TEST(Edges, TheCandidateKeepsItsPodsWhileItHoldsWeight) {
  const Scene scene = Scene::at_step(3).with_spec([](auto& spec) {
    spec.strategy.steps = {{Percent::whole(10), seconds(20), false}};
  });
  EXPECT_EQ(find<Scale>(scene.plan()), nullptr);
}

TEST(Edges, AMissingRouteOfOurOwnIsWrittenWithEverythingAtTheStableRevision) {
  const auto gone = [](TrafficState& traffic) {
    traffic.own_route_outdated = true;
    traffic.candidate_weight.reset();
  };
  const Plan stable = Scene::at_step(2).with_traffic(gone).plan();
  ASSERT_NE(find<EnsureRoute>(stable), nullptr);
  EXPECT_EQ(find<EnsureRoute>(stable)->weight, api::kNothing);
  const Plan outdated =
      Scene::at_step(2).with_traffic([](TrafficState& traffic) { traffic.own_route_outdated = true; }).plan();
  ASSERT_NE(find<EnsureRoute>(outdated), nullptr);
  EXPECT_EQ(find<EnsureRoute>(outdated)->weight, Percent::whole(25));
}

TEST(Edges, OnlyOldRecordsBeyondTheLimitGo) {
  Scene scene = Scene::stable().with_spec([](auto& spec) { spec.revision_history_limit = 1; });
  std::vector<api::Revision>& records = scene.seen().revisions;
  const api::Revision first = records.front();
  for (int number = 2; number <= 5; ++number) {
    api::Revision more = first;
    more.name = "demo-old" + std::to_string(number);
    more.number = number;
    more.verdict = RevisionVerdict::superseded;
    records.push_back(more);
  }
  const Plan plan = scene.plan();
  std::vector<std::string> gone;
  for (const Action& action : plan.actions) {
    if (const auto* deleted = std::get_if<DeleteRevision>(&action)) gone.push_back(deleted->revision);
  }
  EXPECT_EQ(gone, (std::vector<std::string>{"demo-old2", "demo-old3"}))
      << "old4 is the one kept, old5 the newest";
}

TEST(Edges, AnApprovalOfAnotherRevisionOrNonsenseApprovesNothing) {
  for (const char* words : {"demo-other/3", "/3", "3", "yes", ""}) {
    const Plan plan =
        Scene::at_step(1)
            .with_object([&](auto& object) { object.annotations[api::kAnnotationApprove] = words; })
            .plan();
    EXPECT_EQ(plan.status.approved_step, 0) << words;
  }
  Scene scene = Scene::at_step(1);
  for (const std::string step : {"0", "-1", "x", "1x", "99999999999999", ""}) {
    scene.seen().object.annotations[api::kAnnotationApprove] = scene.name("v2") + "/" + step;
    EXPECT_EQ(scene.plan().status.approved_step, 0) << step;
  }
  scene.seen().object.annotations[api::kAnnotationApprove] = scene.name("v2") + "/1";
  EXPECT_EQ(scene.plan().status.approved_step, 1);
}

TEST(Edges, ARetryOfARunningCandidateIsSpentAndDoesNotSaveItLater) {
  Scene scene = Scene::at_step(1);
  scene.seen().object.annotations[api::kAnnotationRetry] = "now";
  EXPECT_EQ(scene.plan().status.retry_token, "now");
  EXPECT_FALSE(tells(scene.plan(), "RetryRequested"));
}

/// Seed 17958569710730 of the simulator: the write that gave the stable backend everything landed late.
TEST(Edges, ABackendIsTakenBackOnlyByARouteReadAfresh) {
  const Scene confirmed =
      Scene::promoting()
          .with_traffic([](TrafficState& traffic) { traffic.stable->revision = traffic.candidate->revision; })
          .spec("v3");
  const Plan plan = confirmed.plan(), cached = confirmed.unconfirmed().plan();
  ASSERT_NE(find<PointBackend>(plan), nullptr);
  EXPECT_EQ(*find<PointBackend>(plan), (PointBackend{Slot::stable, confirmed.name("v1")}));
  EXPECT_TRUE(cached.confirm_traffic);
  EXPECT_EQ(find<PointBackend>(cached), nullptr);
}

/// Seed 162 of the simulator.
TEST(Edges, AWeightSetByHandForPodsOnTheirWayUpIsPutBackAndJudgesNobody) {
  const Scene scene = Scene::at_step(0).pods("v2", 0).weight(37);
  const Plan plan = scene.plan();
  EXPECT_EQ(judged(plan, scene.name("v2")), "");
  EXPECT_TRUE(tells(plan, "WeightRestored"));
  EXPECT_FALSE(tells(plan, "RolledBack"));
}

/// The first revision was replaced before it was judged, and has pods that serve.
Scene first_replaced(std::int32_t available) {
  Scene scene = Scene::first_revision().pods("v1", 4);
  scene.seen().traffic.stable = Backend{"demo-before", 4, 0};
  scene.seen().traffic.candidate = Backend{scene.name("v1"), 4, 0};
  scene.seen().object.status.weightless_since = scene.seen().now - minutes(10);
  WorkloadState before;
  before.revision = "demo-before";
  before.desired = before.existing = before.ready = before.available = 4;
  for (WorkloadState& pods : scene.seen().workloads) pods.available = available;
  scene.seen().workloads.push_back(before);
  return scene;
}

/// Seed 102 of the simulator.
TEST(Edges, AFirstRevisionTakesOverFromOneThatServesWhenItIsAvailable) {
  EXPECT_FALSE(weight_set(first_replaced(3).plan())) << "ready is not yet available";
  EXPECT_EQ(weight_set(first_replaced(4).plan()), api::kEverything);
}

/// Seed 204058 of the simulator: the one before came in through the candidate backend and was replaced there.
TEST(Edges, AFirstRevisionTakesOverThroughTheStableBackendWhenItIsAvailable) {
  const auto mirrored = [](std::int32_t available) {
    Scene scene = first_replaced(available);
    std::swap(scene.seen().traffic.stable, scene.seen().traffic.candidate);
    scene.seen().traffic.candidate_weight = api::kEverything;
    return scene;
  };
  EXPECT_FALSE(weight_set(mirrored(3).plan())) << "ready is not yet available";
  EXPECT_EQ(weight_set(mirrored(4).plan()), api::kNothing);
}

/// Seed 653 of the simulator: the router had not followed yet.
TEST(Edges, WhoeverServedBeforeAFirstRevisionKeepsItsPodsForTheScaleDownDelay) {
  Scene scene = first_replaced(4);
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.status.weightless_since, std::nullopt) << "it has lost nothing before the route is written";
  EXPECT_EQ(find<Scale>(plan), nullptr);
}

/// Seed 17958388981911 of the simulator: the route was written, and the status that said so got lost.
TEST(Edges, WhoeverServedBeforeKeepsItsPodsAlsoWhenTheStatusOfTheSwitchGotLost) {
  Scene scene = first_replaced(4);
  scene.seen().traffic.candidate_weight = api::kEverything;
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.status.weightless_since, std::nullopt) << "a backend is still to be moved";
  EXPECT_EQ(find<Scale>(plan), nullptr);
  scene.seen().object.status = plan.status;
  scene.seen().traffic.stable = Backend{scene.name("v1"), 4, 0};
  scene.seen().traffic.candidate_weight = api::kNothing;
  scene.seen().now += minutes(10);
  EXPECT_EQ(scene.plan().status.weightless_since, scene.seen().now);
  EXPECT_EQ(find<Scale>(scene.plan()), nullptr);
}

/// Seed 17959000016791 of the simulator: the write of the route took longer than the scale-down delay.
TEST(Edges, AWithdrawnCandidateKeepsItsPodsForTheDelayAfterTheRouteIsWritten) {
  Scene scene = Scene::at_step(1).with(analysis::RollBack{"ErrorRateAboveCeiling", "bad"});
  const Plan plan = scene.plan();
  ASSERT_EQ(weight_set(plan), api::kNothing);
  EXPECT_EQ(plan.status.weightless_since, std::nullopt) << "the call has not even begun";
  scene.seen().object.status = plan.status;
  scene.seen().traffic.candidate_weight = api::kNothing;
  scene.seen().traffic.candidate->revision = scene.name("v1");
  scene.seen().now += minutes(10);
  EXPECT_EQ(find<Scale>(scene.plan()), nullptr) << "it took ten minutes";
  scene.seen().object.status = scene.plan().status;
  scene.seen().now += seconds(29);
  EXPECT_EQ(find<Scale>(scene.plan()), nullptr);
  scene.seen().now += seconds(1);
  const Plan later = scene.plan();
  ASSERT_NE(find<Scale>(later), nullptr);
  EXPECT_EQ(*find<Scale>(later), (Scale{scene.name("v2"), 0}));
}

/// Seed 17958399940073 of the simulator: the API server took no writes for as long as the deadline.
TEST(Edges, TheDeadlineOfPodsCountsFromWhenTheyWereAskedFor) {
  Scene scene = Scene::first_revision().with_spec(
      [](api::Spec& spec) { std::get<api::PodsWorkload>(spec.workload).replicas = 8; });
  scene.seen().object.status.progress_since = scene.seen().now - minutes(60);
  const Plan plan = scene.plan();
  EXPECT_EQ(judged(plan, scene.name("v1")), "");
  EXPECT_EQ(plan.status.progress_since, scene.seen().now);
  scene.seen().workloads.front().problem = "exceeded quota";
  EXPECT_EQ(judged(scene.plan(), scene.name("v1")), "failed") << "a refusal counts";
}

TEST(Edges, TheMessagesSayWhatIsAwaitedAndWhatWouldTurnItBack) {
  const Plan plan = Scene::at_step(1).held(seconds(5)).plan();
  EXPECT_THAT(message_of(plan, "Progressing"), testing::HasSubstr("step 1 is held until 20"));
  EXPECT_THAT(message_of(plan, "Progressing"), testing::HasSubstr("goes back to"));
  EXPECT_EQ(plan.look_again, api::Duration(seconds(15)));
}

TEST(Edges, DecidingTwiceOnTheSameStatusChangesNothing) {
  for (const Scene& scene :
       {Scene::stable(), Scene::at_step(1), Scene::at_step(3), Scene::baking(), Scene::at_step(1).paused(),
        Scene::at_step(1).route_problem(),
        Scene::at_step(1).with(analysis::Unavailable{"MetricsUnavailable", "refused"})}) {
    Observation next = scene.seen();
    next.object.status = scene.plan().status;
    const Plan again = decide(next);
    EXPECT_TRUE(again.actions.empty());
    EXPECT_TRUE(again.status == next.object.status);
    EXPECT_TRUE(again.story.empty());
  }
}

}  // namespace
}  // namespace seraphim::rollout
