// After a rollback: is the service well again?
#include <gmock/gmock.h>

#include "api/rollback.h"
#include "rollout/comparison.h"
#include "rollout/conditions.h"
#include "rollout/scene.h"

namespace seraphim::rollout {
namespace {

using api::VerificationResult;
using Finding = analysis::Recovery::Finding;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

api::VerificationStatus verification(const Plan& plan) {
  if (!plan.status.last_rollback || !plan.status.last_rollback->verification) {
    ADD_FAILURE() << "nothing is verified";
    return {};
  }
  return *plan.status.last_rollback->verification;
}

/// The verification's time is over.
Scene at_the_end() {
  return Scene::rolled_back().later(30s);
}

Narrative told(const Plan& plan, const std::string& reason) {
  for (const Narrative& line : plan.story) {
    if (line.reason == reason) return line;
  }
  ADD_FAILURE() << reason << " is not told";
  return {};
}

Plan after(const Scene& scene, const Plan& plan) {
  Observation seen = scene.seen();
  seen.object.status = plan.status;
  return decide(seen);
}

TEST(Verification, BeginsWhenTheRouterHasConfirmed) {
  const Scene bad = Scene::at_step(1).with(analysis::RollBack{"ErrorRateAboveCeiling", "bad"});
  const Plan first = bad.plan();
  EXPECT_EQ(verification(first).result, VerificationResult::pending);
  EXPECT_TRUE(verification(first).state.empty()) << "the route is still to be written";
  EXPECT_EQ(verification(first).until, bad.seen().now + 30s);
  EXPECT_THAT(verification(first).message, HasSubstr("has not confirmed yet"));
  EXPECT_EQ(reason_of(first, kRecovered), "Unknown:Verifying");

  Scene next = bad.weight(0).later(5s);
  next.seen().object.status = first.status;
  Scene unsettled = next.with_traffic([](TrafficState& traffic) { traffic.unsettled = "1 pod is old"; });
  EXPECT_TRUE(verification(unsettled.plan()).state.empty());
  const Plan begun = next.plan();
  EXPECT_FALSE(verification(begun).state.empty());
  EXPECT_EQ(verification(begun).until, next.seen().now + 30s) << "the time runs from the confirmation on";
  EXPECT_EQ(begun.look_again, api::Duration(30s));
}

TEST(Verification, IsRecoveredWhenHealthAndObjectivesAreGood) {
  const Scene scene = at_the_end().recovery(Finding::good, "1 of 1000 requests failed");
  const Plan plan = scene.plan();
  EXPECT_EQ(verification(plan).result, VerificationResult::recovered);
  EXPECT_EQ(verification(plan).decided_at, scene.seen().now);
  EXPECT_TRUE(verification(plan).state.empty());
  EXPECT_EQ(reason_of(plan, kRecovered), "True:Recovered");
  const Narrative line = told(plan, "Recovered");
  EXPECT_EQ(line.kind, Narrative::Kind::normal);
  for (const char* part : {"1 of 1000 requests failed", "4 of 4 pods", "Seraphim Inference Overview"})
    EXPECT_THAT(line.message, HasSubstr(part));
  EXPECT_EQ(verification(plan).message, line.message);
  EXPECT_EQ(weight_set(plan), std::nullopt) << "it only says something";
  EXPECT_EQ(find<PointBackend>(plan), nullptr);
  EXPECT_EQ(find<MarkVerdict>(plan), nullptr);

  const Plan next = after(scene.later(1min), plan);
  EXPECT_EQ(next.status, plan.status) << "and says it once";
  EXPECT_TRUE(next.story.empty());
  EXPECT_EQ(next.look_again, std::nullopt);
}

TEST(Verification, IsGoodAtTheEndOfItsTimeAndNotBefore) {
  const Plan early = Scene::rolled_back().later(30s - 1ms).recovery(Finding::good).plan();
  EXPECT_EQ(verification(early).result, VerificationResult::pending);
  EXPECT_EQ(early.look_again, api::Duration(1ms));
  EXPECT_TRUE(early.story.empty());
  EXPECT_EQ(verification(at_the_end().recovery(Finding::good).plan()).result, VerificationResult::recovered);
}

TEST(Verification, IsBadAsSoonAsThatIsProven) {
  const Plan plan = Scene::rolled_back().recovery(Finding::bad, "400 of 1000 requests failed").plan();
  EXPECT_EQ(verification(plan).result, VerificationResult::not_recovered);
  EXPECT_EQ(reason_of(plan, kRecovered), "False:NotRecovered");
  EXPECT_EQ(told(plan, "NotRecovered").kind, Narrative::Kind::warning);
  EXPECT_THAT(told(plan, "NotRecovered").message, HasSubstr("400 of 1000 requests failed"));
}

TEST(Verification, ARateAboveTheCeilingIsBadAtTheEnd) {
  EXPECT_EQ(verification(Scene::rolled_back().recovery(Finding::above).plan()).result,
            VerificationResult::pending);
  const Plan plan = at_the_end().recovery(Finding::above, "2 of 15 requests failed").plan();
  EXPECT_EQ(verification(plan).result, VerificationResult::not_recovered);
  EXPECT_THAT(verification(plan).message, HasSubstr("2 of 15 requests failed"));
}

TEST(Verification, NoDataIsNeverGood) {
  const Scene scene = at_the_end().recovery(Finding::missing, "Prometheus is away");
  const Plan waits = scene.plan();
  EXPECT_EQ(verification(waits).result, VerificationResult::pending) << "one answer that is late";
  EXPECT_EQ(waits.look_again, api::Duration(15s));
  const Plan plan = scene.later(15s).plan();
  EXPECT_EQ(verification(plan).result, VerificationResult::undecided);
  EXPECT_EQ(told(plan, "RecoveryUndecided").kind, Narrative::Kind::warning);
  EXPECT_THAT(verification(plan).message, HasSubstr("Prometheus is away"));
  EXPECT_EQ(reason_of(plan, kRecovered), "Unknown:Undecided");
}

TEST(Verification, WithoutAnalysisTheObjectivesAreNotKnown) {
  Scene scene = at_the_end().without_analysis();
  scene.seen().recovery.reset();
  EXPECT_EQ(verification(scene.plan()).result, VerificationResult::undecided);
  EXPECT_THAT(verification(scene.plan()).message, HasSubstr("spec.analysis is left out"));
  const Plan down = scene.pods("v1", 0).plan();
  EXPECT_EQ(verification(down).result, VerificationResult::not_recovered) << "health is known";
}

TEST(Verification, AfterARestartTheFirstLookIsWaitedFor) {
  Scene scene = at_the_end().later(10min);
  scene.seen().recovery.reset();
  EXPECT_EQ(verification(scene.plan()).result, VerificationResult::pending);
  EXPECT_EQ(verification(scene.recovery(Finding::good).plan()).result, VerificationResult::recovered);
}

TEST(Verification, PodsThatAreMissingAreNotWell) {
  const Plan plan = at_the_end().recovery(Finding::good).pods("v1", 3).plan();
  EXPECT_EQ(verification(plan).result, VerificationResult::not_recovered);
  EXPECT_THAT(verification(plan).message, HasSubstr("3 of 4 pods"));
  const Scene none = at_the_end().recovery(Finding::good).with_spec([](api::Spec& spec) {
    std::get<api::PodsWorkload>(spec.workload).replicas = 0;
  });
  EXPECT_EQ(verification(none.plan()).result, VerificationResult::not_recovered);
}

TEST(Verification, TheRouterHasToSendEverythingToTheStableOne) {
  const auto lacks = [](const std::function<void(TrafficState&)>& edit) {
    const Plan plan = at_the_end().recovery(Finding::good).with_traffic(edit).plan();
    EXPECT_EQ(verification(plan).result, VerificationResult::not_recovered);
    return verification(plan).message;
  };
  EXPECT_THAT(lacks([](auto& traffic) { traffic.unsettled = "gateway-7 reports 10%"; }),
              HasSubstr("gateway-7 reports 10%"));
  EXPECT_THAT(lacks([](auto& traffic) {
                traffic.problem = {"RouteNotFound", "there is no HTTPRoute"};
              }),
              HasSubstr("there is no HTTPRoute"));
  EXPECT_THAT(lacks([](auto& traffic) { traffic.candidate_weight.reset(); }), HasSubstr("no route to read"));
  EXPECT_THAT(lacks([](auto& traffic) { traffic.stable->ready = 0; }), HasSubstr("no ready endpoint"));
  EXPECT_THAT(lacks([](auto& traffic) {
                traffic.candidate->revision = "demo-other";
                traffic.candidate_weight = api::Percent::whole(30);
              }),
              HasSubstr("70% of the traffic"));
}

TEST(Verification, ARouterThatNeverConfirmsIsNotWell) {
  Scene scene = Scene::rolled_back();
  scene.seen().object.status.last_rollback->verification->state.clear();
  scene.seen().recovery.reset();
  const Scene unsettled =
      scene.later(30s).with_traffic([](TrafficState& traffic) { traffic.unsettled = "1 pod is old"; });
  EXPECT_EQ(verification(unsettled.plan()).result, VerificationResult::not_recovered);
  EXPECT_THAT(verification(unsettled.plan()).message, HasSubstr("1 pod is old"));
}

TEST(Verification, ANewCandidateEndsIt) {
  const Plan plan = Scene::rolled_back().spec("v3").recovery(Finding::good).plan();
  EXPECT_TRUE(tells(plan, "CandidateStarted"));
  EXPECT_EQ(verification(plan).result, VerificationResult::undecided);
  EXPECT_EQ(told(plan, "RecoveryUndecided").kind, Narrative::Kind::normal);
  EXPECT_THAT(verification(plan).message, HasSubstr("the new candidate"));
}

TEST(Verification, ASpecThatIsNotUnderstoodEndsIt) {
  const Scene scene = Scene::rolled_back().recovery(Finding::good);
  const Plan plan = scene.with_object([](auto& object) { object.problems = {"spec: is wrong"}; }).plan();
  EXPECT_EQ(verification(plan).result, VerificationResult::undecided);
  EXPECT_TRUE(tells(plan, "RecoveryUndecided"));
}

TEST(Verification, ARetryEndsIt) {
  const Scene scene = Scene::rolled_back().with_object(
      [](auto& object) { object.annotations[api::kAnnotationRetry] = "again"; });
  const Plan marks = scene.plan();
  EXPECT_EQ(verification(marks).result, VerificationResult::pending);
  const Plan plan = scene.marked("v2", api::RevisionVerdict::none).plan();
  EXPECT_EQ(plan.status.last_rollback, std::nullopt);
  EXPECT_TRUE(tells(plan, "RecoveryUndecided"));
  EXPECT_TRUE(tells(plan, "RetryRequested"));
}

TEST(Verification, AClockThatWasSetBackIsNotWaitedFor) {
  Scene scene = Scene::rolled_back().recovery(Finding::good);
  scene.seen().now -= 1h;
  EXPECT_EQ(verification(scene.plan()).until, scene.seen().now + 30s);
}

TEST(Verification, CanBeSwitchedOff) {
  const Plan plan = Scene::at_step(1)
                        .with(analysis::RollBack{"ErrorRateAboveCeiling", "bad"})
                        .with_spec([](api::Spec& spec) { spec.strategy.verify = 0s; })
                        .plan();
  EXPECT_EQ(plan.status.last_rollback->verification, std::nullopt);
  EXPECT_EQ(reason_of(plan, kRecovered), "");
}

TEST(Verification, KeepsWhatWasCounted) {
  Scene scene = Scene::rolled_back().recovery(Finding::good);
  scene.seen().recovery->state = "counted more";
  EXPECT_EQ(verification(scene.plan()).state, "counted more");
}

TEST(Verification, OfACandidateTakenBackByHand) {
  const Scene scene = Scene::at_step(2).spec("v1");
  const Plan plan = scene.plan();
  EXPECT_EQ(verification(plan).result, VerificationResult::pending);
  EXPECT_EQ(plan.status.last_rollback->reason, api::kCancelled);
  EXPECT_EQ(plan.status.last_rollback->from_revision, scene.name("v2"));
  EXPECT_EQ(plan.status.last_rollback->to_revision, scene.name("v1"));
  EXPECT_EQ(reason_of(plan, kRolledBack), "False:NotFailed");

  Scene again = scene.spec("v2").weight(0);
  again.seen().object.status = plan.status;
  again.seen().object.status.last_rollback->verification.reset();
  const Plan next = again.plan();
  EXPECT_TRUE(tells(next, "CandidateStarted")) << "a person may ask for it again";
  again.seen().object.status = next.status;
  EXPECT_EQ(again.plan().status.candidate_revision, again.name("v2"));
  EXPECT_FALSE(again.plan().status.phase == api::Phase::rolled_back);
}

TEST(Verification, OfAPromotedOneTakenBackByHand) {
  const Plan plan = Scene::baking().spec("v1").plan();
  EXPECT_EQ(plan.status.last_rollback->reason, api::kTakenBack);
  EXPECT_EQ(verification(plan).result, VerificationResult::pending);
}

TEST(Verification, OfAnEarlierRevisionThatCameBackByTheSteps) {
  World world;
  reach_bake(world);
  world.run_for(2min);
  world.use_template("v1");
  world.run_until([&](const World& w) { return w.status().stable_revision == w.name_of("v1"); });
  ASSERT_TRUE(world.status().last_rollback);
  EXPECT_EQ(world.status().last_rollback->reason, api::kReverted);
  world.run_for(1min);
  EXPECT_EQ(world.status().last_rollback->verification->result, VerificationResult::recovered)
      << "beside the bake";
  EXPECT_EQ(world.times_told("Recovered"), 1U);
}

TEST(Verification, ANewRevisionsPromotionIsNoRollback) {
  World world;
  reach_bake(world);
  EXPECT_EQ(world.status().last_rollback, std::nullopt);
}

TEST(Verification, AnotherRollbackEndsIt) {
  Scene scene = Scene::baking().with(analysis::RollBack{"ErrorRateAboveCeiling", "bad"});
  scene.seen().object.status.last_rollback = api::RollbackStatus{
      "demo-x", scene.name("v2"), api::kReverted,
      "",       scene.seen().now, api::VerificationStatus{.until = scene.seen().now + 1min}};
  const Plan plan = scene.plan();
  EXPECT_THAT(told(plan, "RecoveryUndecided").message, HasSubstr(scene.name("v2") + " was rolled back"));
  EXPECT_EQ(plan.status.last_rollback->from_revision, scene.name("v2"));
  EXPECT_EQ(verification(plan).result, VerificationResult::pending);
}

TEST(Verification, OfAnOlderRollbackDoesNotBeginWhenACandidateMakesRoom) {
  Scene scene = Scene::at_step(2).spec("v3");
  scene.seen().object.status.last_rollback =
      api::RollbackStatus{"demo-x", scene.name("v1"), "ErrorRateAboveCeiling", "", scene.seen().now - 24h};
  const Plan plan = scene.plan();
  ASSERT_TRUE(tells(plan, "Superseded"));
  EXPECT_EQ(plan.status.last_rollback, scene.seen().object.status.last_rollback);
}

TEST(Verification, WhatIsAskedOfTheMetrics) {
  const Scene scene = Scene::rolled_back();
  api::Status status = scene.seen().object.status;
  const api::Spec& spec = scene.seen().object.spec;
  EXPECT_EQ(verified_revision(spec, status), scene.name("v1"));
  api::Status decided = status;
  decided.last_rollback->verification->result = VerificationResult::recovered;
  EXPECT_EQ(verified_revision(spec, decided), std::nullopt);
  api::Status unconfirmed = status;
  unconfirmed.last_rollback->verification->state.clear();
  EXPECT_EQ(verified_revision(spec, unconfirmed), std::nullopt);
  api::Status another = status;
  another.stable_revision = "demo-other";
  EXPECT_EQ(verified_revision(spec, another), std::nullopt);
  api::Spec blind = spec;
  blind.analysis.reset();
  EXPECT_EQ(verified_revision(blind, status), std::nullopt);
}

}  // namespace
}  // namespace seraphim::rollout
