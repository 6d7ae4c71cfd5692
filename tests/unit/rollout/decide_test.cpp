// decide() as a table: each line is a sentence of the specification.
#include <gmock/gmock.h>

#include <cctype>

#include "rollout/scene.h"

namespace seraphim::rollout {
namespace {

using analysis::Continue;
using analysis::Promote;
using analysis::RollBack;
using analysis::Unavailable;
using api::Percent;
using api::Phase;

const RollBack kWorse{"ErrorRateWorseThanStable", "20 of 100 failed"};
const Unavailable kNoMetrics{"MetricsUnavailable", "connection refused"};
const Unavailable kStale{"MetricsStale", "no sample for 40s"};
const Unavailable kFew{"NotEnoughTraffic", "no request in this step"};

struct Expect {
  std::optional<int> desired;  ///< percent written as intent
  std::optional<int> weight;   ///< percent set at the route; -1: none may be set
  std::string progressing;     ///< "True:Reason"
  std::optional<Phase> phase;
  std::string v2_judged;
  std::string told;
};

struct Case {
  std::string name;
  std::function<Scene()> given;
  Expect expect;
};

void PrintTo(const Case& one, std::ostream* out) {
  *out << one.name;
}

class Decide : public testing::TestWithParam<Case> {};

TEST_P(Decide, AsSpecified) {
  const Case& one = GetParam();
  const Scene scene = one.given();
  const Plan plan = scene.plan();
  const Expect& expect = one.expect;
  EXPECT_FALSE(plan.confirm_traffic);
  if (expect.desired) {
    EXPECT_EQ(plan.status.weight.desired, Percent::whole(*expect.desired));
  }
  if (expect.weight) {
    const auto wanted = *expect.weight < 0 ? std::nullopt : std::optional(Percent::whole(*expect.weight));
    EXPECT_EQ(weight_set(plan), wanted);
  }
  if (!expect.progressing.empty()) {
    EXPECT_EQ(reason_of(plan, "Progressing"), expect.progressing);
  }
  if (expect.phase) {
    EXPECT_EQ(plan.status.phase, *expect.phase);
  }
  EXPECT_EQ(judged(plan, scene.name("v2")), expect.v2_judged);
  if (expect.told == "nothing") {
    EXPECT_TRUE(plan.story.empty());
  } else if (!expect.told.empty()) {
    EXPECT_TRUE(tells(plan, expect.told)) << expect.told;
  }
}

std::string test_name(const testing::TestParamInfo<Case>& info) {
  std::string name = info.param.name;
  for (char& letter : name) {
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
  }
  return name;
}

Scene step1() {
  return Scene::at_step(1);
}
Scene last() {
  return Scene::at_step(3).held(seconds(20));
}

// The world's steps: 20% for 20s, 25% for 20s, 50% for 20s, then 100%.
INSTANTIATE_TEST_SUITE_P(
    Steps, Decide,
    testing::Values(Case{"held until its time is over",
                         [] { return step1().held(seconds(19)); },
                         {20, -1, "True:HoldingStep", Phase::progressing, "", ""}},
                    Case{"next step when time and evidence agree: the intent is written first",
                         [] { return step1().held(seconds(20)); },
                         {25, -1, "True:Raising", {}, "", ""}},
                    Case{"no raise with too few requests",
                         [] { return step1().held(seconds(20)).requests(9); },
                         {20, -1, "True:NotEnoughTraffic", {}, "", "NotEnoughTraffic"}},
                    Case{"right after the raise nobody expects requests yet: nothing is told",
                         [] { return step1().held(seconds(14)).with(kFew); },
                         {20, -1, "True:WaitingForTraffic", {}, "", "nothing"}},
                    Case{"a while later too few requests are a hold, told once",
                         [] { return step1().held(seconds(16)).with(kFew); },
                         {20, -1, "True:NotEnoughTraffic", {}, "", "NotEnoughTraffic"}},
                    Case{"ten requests are enough",
                         [] { return step1().held(seconds(20)).requests(10); },
                         {25, -1, "", {}, "", ""}},
                    Case{"after five minutes a few are enough",
                         [] { return step1().held(minutes(5)).requests(1); },
                         {25, -1, "", {}, "", ""}},
                    Case{"not yet after a second less",
                         [] { return step1().held(seconds(299)).requests(1); },
                         {20, -1, "", {}, "", ""}},
                    Case{"suspicion holds",
                         [] { return step1().held(seconds(60)).suspicious(); },
                         {20, -1, "True:EvidenceSuspicious", {}, "", "EvidenceSuspicious"}},
                    Case{"a promotion verdict below the last step changes nothing",
                         [] { return step1().held(seconds(5)).with(Promote{}); },
                         {20, -1, "True:HoldingStep", {}, "", ""}},
                    Case{"blind is not bad: it holds",
                         [] { return step1().held(seconds(60)).with(kNoMetrics); },
                         {20, -1, "True:MetricsUnavailable", Phase::progressing, "", "MetricsUnavailable"}},
                    Case{"stale is not good",
                         [] { return step1().held(seconds(60)).with(kStale); },
                         {20, -1, "True:MetricsStale", {}, "", ""}},
                    Case{"no traffic at all is not good",
                         [] { return step1().held(minutes(20)).with(kFew); },
                         {20, -1, "True:NotEnoughTraffic", {}, "", ""}},
                    Case{"no look yet is not good",
                         [] { return step1().held(minutes(20)).not_looked(); },
                         {20, -1, "True:MetricsUnavailable", {}, "", ""}},
                    Case{"without analysis time alone decides",
                         [] { return step1().without_analysis().held(seconds(20)); },
                         {25, -1, "", {}, "", ""}},
                    Case{"paused: the weight stays",
                         [] { return step1().held(seconds(60)).paused(); },
                         {20, -1, "True:Paused", Phase::paused, "", "SpecPaused"}},
                    Case{"a step not applied yet is not left",
                         [] {
                           return step1()
                               .held(seconds(60))
                               .with_traffic(
                                   [](TrafficState& traffic) { traffic.candidate_weight = api::kNothing; })
                               .with_object([](api::SeraphimDeployment& object) {
                                 object.status.weight.applied = api::kNothing;
                               });
                         },
                         {20, 20, "", {}, "", "WeightRaised"}},
                    Case{"a candidate short of pods is not raised",
                         [] { return Scene::at_step(3).held(seconds(60)).with(Promote{}).pods("v2", 1); },
                         {50, -1, "True:WaitingForPods", {}, "", ""}}),
    test_name);

INSTANTIATE_TEST_SUITE_P(
    Promotion, Decide,
    testing::Values(
        Case{"needs the verdict at the last step",
             [] { return last().with(Continue{}); },
             {50, -1, "True:WaitingForEvidence", {}, "", ""}},
        Case{"the intent first", [] { return last().with(Promote{}); }, {100, -1, "", {}, "", ""}},
        Case{"the hold counts for it too",
             [] { return Scene::at_step(3).held(seconds(19)).with(Promote{}); },
             {50, -1, "True:HoldingStep", {}, "", ""}},
        Case{"not under suspicion",
             [] { return last().with(Promote{}).suspicious(); },
             {50, -1, "", {}, "", ""}},
        Case{"without analysis by time", [] { return last().without_analysis(); }, {100, -1, "", {}, "", ""}},
        Case{"then the stable backend moves while it has no weight",
             [] { return Scene::promoting(); },
             {100, -1, "True:Promoting", Phase::promoting, "", ""}},
        Case{"its weight comes back when its endpoints are ready",
             [] {
               return Scene::promoting().with_traffic([](TrafficState& traffic) {
                 traffic.stable = Backend{traffic.candidate->revision, 4, 0};
               });
             },
             {0, 0, "", Phase::baking, "", "Promoted"}},
        Case{"and not before",
             [] {
               return Scene::promoting().with_traffic([](TrafficState& traffic) {
                 traffic.stable = Backend{traffic.candidate->revision, 0, 4};
               });
             },
             {100, -1, "True:WaitingForEndpoints", Phase::promoting, "", ""}},
        Case{"the bake ends by time",
             [] { return Scene::baking().later(minutes(1)); },
             {0, -1, "", Phase::stable, "healthy", "BakeEnded"}},
        Case{"the bake does not end without data",
             [] { return Scene::baking().later(minutes(1)).with(kNoMetrics); },
             {0, -1, "", Phase::baking, "", ""}},
        Case{"the bake does not end while paused",
             [] { return Scene::baking().later(minutes(1)).paused(); },
             {0, -1, "", Phase::baking, "", ""}}),
    test_name);

INSTANTIATE_TEST_SUITE_P(
    RollingBack, Decide,
    testing::Values(Case{"at a step",
                         [] { return step1().with(kWorse); },
                         {0, 0, "", Phase::rolled_back, "failed", "RolledBack"}},
                    Case{"although paused",
                         [] { return step1().with(kWorse).paused(); },
                         {0, 0, "", Phase::rolled_back, "failed", ""}},
                    Case{"although one stable pod is unready",
                         [] { return step1().with(kWorse).pods("v1", 3); },
                         {0, 0, "", Phase::rolled_back, "failed", ""}},
                    Case{"although no stable pod is ready",
                         [] { return step1().with(kWorse).pods("v1", 0); },
                         {0, 0, "", Phase::rolled_back, "failed", ""}},
                    Case{"although the route has a problem",
                         [] { return step1().with(kWorse).route_problem(); },
                         {0, 0, "", {}, "failed", ""}},
                    Case{"although the spec is broken",
                         [] {
                           return step1().with(kWorse).with_object([](api::SeraphimDeployment& object) {
                             object.problems = {"spec.workload is missing: write pods"};
                           });
                         },
                         {0, 0, "", Phase::degraded, "failed", ""}},
                    Case{"although the cache lags",
                         [] { return step1().with(kWorse).weight(5).unconfirmed(); },
                         {0, 0, "", {}, "failed", ""}},
                    Case{"even when a cache says that the weight is 0 already",
                         [] { return step1().with(kWorse).weight(0).unconfirmed(); },
                         {0, 0, "", {}, "failed", ""}},
                    Case{"with a new spec at the same moment: still failed",
                         [] { return step1().with(kWorse).spec("v3"); },
                         {0, 0, "", {}, "failed", "RolledBack"}},
                    Case{"all pods lost while it has traffic",
                         [] { return step1().pods("v2", 0); },
                         {0, 0, "", Phase::rolled_back, "failed", "RolledBack"}},
                    Case{"all pods of both lost: nobody gains",
                         [] { return step1().pods("v2", 0).pods("v1", 0); },
                         {20, -1, "", {}, "", ""}},
                    Case{"from 100 the stable backend must have endpoints",
                         [] { return Scene::promoting().with(kWorse).pods("v1", 0); },
                         {100, -1, "True:Withdrawing", Phase::rolled_back, "", "RolledBack"}},
                    Case{"from the bake through the backend that stands by",
                         [] { return Scene::baking().with(kWorse); },
                         {0, 100, "", Phase::rolled_back, "failed", "RolledBack"}},
                    Case{"from the bake with one pod of the previous revision",
                         [] { return Scene::baking().with(kWorse).pods("v1", 1); },
                         {0, 100, "", Phase::rolled_back, "failed", ""}},
                    Case{"from the bake not into nothing",
                         [] { return Scene::baking().with(kWorse).pods("v1", 0); },
                         {0, -1, "", Phase::rolled_back, "", "RolledBack"}},
                    Case{"the pods are not there at the deadline",
                         [] { return Scene::at_step(0).pods("v2", 0).later(minutes(1)); },
                         {0, -1, "", Phase::rolled_back, "failed", "RolledBack"}},
                    Case{"the deadline is not over",
                         [] { return Scene::at_step(0).pods("v2", 0).later(seconds(30)); },
                         {0, -1, "True:WaitingForPods", Phase::starting, "", ""}},
                    Case{"the deadline does not run in a pause without traffic",
                         [] { return Scene::at_step(0).pods("v2", 0).later(minutes(9)).paused(); },
                         {0, -1, "", Phase::paused, "", ""}}),
    test_name);

INSTANTIATE_TEST_SUITE_P(
    SpecChanges, Decide,
    testing::Values(Case{"new spec in mid-canary: weight 0 first",
                         [] { return Scene::at_step(2).spec("v3"); },
                         {0, 0, "", {}, "superseded", "Superseded"}},
                    Case{"back to the stable one: cancelled at once",
                         [] { return Scene::at_step(2).spec("v1"); },
                         {0, 0, "", Phase::stable, "superseded", "Cancelled"}},
                    Case{"also while paused",
                         [] { return Scene::at_step(2).spec("v1").paused(); },
                         {0, 0, "", Phase::stable, "superseded", "Cancelled"}},
                    Case{"a failed revision is not tried again",
                         [] {
                           return Scene::stable()
                               .with_object([](api::SeraphimDeployment& object) {
                                 object.status.last_rollback = api::RollbackStatus{
                                     api::revision_name(
                                         "demo",
                                         api::PodsWorkload{4, 8080, {}, std::chrono::seconds(60), {"v2"}}),
                                     object.status.stable_revision,
                                     "ErrorRateWorseThanStable",
                                     "bad",
                                     {}};
                               })
                               .spec("v2");
                         },
                         {0, -1, "False:Idle", Phase::rolled_back, "", "RevisionRefused"}},
                    Case{"steps edited: the weight is lowered to the new list's",
                         [] {
                           return Scene::at_step(3).with_spec([](api::Spec& spec) {
                             spec.strategy.steps = {{Percent::whole(10), seconds(20), false},
                                                    {Percent::whole(60), seconds(20), false}};
                           });
                         },
                         {10, 10, "", {}, "", "StepsChanged"}},
                    Case{"steps edited: the same weight goes on",
                         [] {
                           return Scene::at_step(2).with_spec([](api::Spec& spec) {
                             spec.strategy.steps.erase(spec.strategy.steps.begin());
                           });
                         },
                         {25, -1, "", {}, "", "StepsChanged"}},
                    Case{"steps edited: all higher: back to the start",
                         [] {
                           return Scene::at_step(1).with_spec([](api::Spec& spec) {
                             spec.strategy.steps = {{Percent::whole(70), seconds(20), false}};
                           });
                         },
                         {0, 0, "", Phase::starting, "", "StepsChanged"}},
                    Case{"back to the previous one in the bake",
                         [] { return Scene::baking().spec("v1"); },
                         {0, 100, "", Phase::stable, "superseded", "TakenBack"}},
                    Case{"a new one in the bake ends it",
                         [] { return Scene::baking().spec("v3"); },
                         {0, -1, "", Phase::starting, "healthy", "BakeEnded"}}),
    test_name);

INSTANTIATE_TEST_SUITE_P(
    Hands, Decide,
    testing::Values(
        Case{"a weight by hand is noted first",
             [] { return step1().weight(37); },
             {20, -1, "", {}, "", "WeightRestored"}},
        Case{"to 0", [] { return step1().weight(0); }, {20, -1, "", {}, "", "WeightRestored"}},
        Case{
            "to 0 while suspicious", [] { return step1().weight(0).suspicious(); }, {20, -1, "", {}, "", ""}},
        Case{"to 100", [] { return step1().weight(100); }, {20, -1, "", {}, "", "WeightRestored"}},
        Case{"and then put back",
             [] {
               return step1().weight(37).with_object([](api::SeraphimDeployment& object) {
                 object.status.weight.applied = Percent::whole(37);
                 object.status.weight_restores = 1;
                 object.status.weight_restored_at = api::Time{};
               });
             },
             {20, 20, "", {}, "", ""}},
        Case{
            "idle as well", [] { return Scene::stable().weight(37); }, {0, -1, "", {}, "", "WeightRestored"}},
        Case{"a fourth time it is left and said so",
             [] {
               return step1().weight(5).with_object([](api::SeraphimDeployment& object) {
                 object.status.weight_restores = 3;
                 object.status.weight_restored_at = object.status.hold_clock_since;
               });
             },
             {20, -1, "True:WeightContested", {}, "", "WeightContested"}},
        Case{"a rollback ignores the contest",
             [] {
               return step1().weight(37).with(kWorse).with_object([](api::SeraphimDeployment& object) {
                 object.status.weight_restores = 4;
                 object.status.weight_restored_at = object.status.hold_clock_since;
               });
             },
             {0, 0, "", {}, "failed", "RolledBack"}}),
    test_name);

INSTANTIATE_TEST_SUITE_P(
    Trouble, Decide,
    testing::Values(
        Case{"a route problem changes no traffic",
             [] { return step1().held(seconds(60)).route_problem(); },
             {20, -1, "True:RouteNotFound", Phase::degraded, "", "RouteNotFound"}},
        Case{"a raise persisted before Prometheus went away waits",
             [] {
               return Scene::at_step(0)
                   .pods("v2", 4)
                   .with(kNoMetrics)
                   .with_object([](api::SeraphimDeployment& object) {
                     object.status.step = 1;
                     object.status.weight.desired = Percent::whole(20);
                   });
             },
             {20, -1, "True:MetricsUnavailable", {}, "", ""}},
        Case{"no canary begins without Prometheus",
             [] { return Scene::at_step(0).pods("v2", 4).with(kNoMetrics); },
             {0, -1, "", Phase::starting, "", ""}},
        Case{"a weight without endpoints is withdrawn",
             [] { return step1().with_traffic([](TrafficState& traffic) { traffic.candidate->ready = 0; }); },
             {20, 0, "", {}, "", "WeightWithdrawn"}},
        Case{"no replicas: nothing is compared",
             [] {
               return Scene::at_step(0).with_spec(
                   [](api::Spec& spec) { std::get<api::PodsWorkload>(spec.workload).replicas = 0; });
             },
             {0, -1, "True:NoReplicas", Phase::starting, "", ""}},
        Case{"an unreachable weight says which is the smallest",
             [] {
               return Scene::at_step(0).with_spec([](api::Spec& spec) {
                 spec.traffic = api::ReplicasTraffic{};
                 spec.strategy.steps.front().weight = Percent::whole(5);
               });
             },
             {0, -1, "True:WeightUnreachable", Phase::degraded, "", "WeightUnreachable"}}),
    test_name);

}  // namespace
}  // namespace seraphim::rollout
