// What must not happen by a hair: raises, pods and records taken away, retries, moves of the route.
#include <gmock/gmock.h>

#include "rollout/capacity.h"
#include "rollout/route_goal.h"
#include "rollout/scene.h"

namespace seraphim::rollout {
namespace {

using api::Percent;
using api::RevisionVerdict;
using namespace std::chrono_literals;

/// "scale NAME N" and "delete NAME", in their order.
std::vector<std::string> sizes(const Plan& plan) {
  std::vector<std::string> all;
  for (const Action& action : plan.actions) {
    if (const auto* scale = std::get_if<Scale>(&action))
      all.push_back("scale " + scale->revision + " " + std::to_string(scale->replicas));
    if (const auto* gone = std::get_if<DeleteRevision>(&action)) all.push_back("delete " + gone->revision);
  }
  return all;
}

TEST(Raises, WaitForPodsThatAreAvailableAndNotOnlyReady) {
  Scene scene = Scene::at_step(0).pods("v2", 4).with_object([](auto& object) {
    object.status.step = 1;
    object.status.weight.desired = Percent::whole(20);
  });
  EXPECT_EQ(weight_set(scene.plan()), Percent::whole(20));
  for (WorkloadState& pods : scene.seen().workloads) pods.available = 0;
  EXPECT_EQ(weight_set(scene.plan()), std::nullopt);
}

TEST(Raises, ComeAPassAfterTheStepsWereEdited) {
  const Scene scene = Scene::at_step(3).with_spec([](auto& spec) {
    spec.strategy.steps = {
        {Percent::whole(10), 0s, false}, {Percent::whole(50), 0s, false}, {Percent::whole(60), 0s, false}};
  });
  const Plan plan = scene.plan();
  EXPECT_EQ(plan.status.step, 2);
  EXPECT_EQ(plan.status.hold_clock_since, scene.seen().object.status.hold_clock_since) << "the hold goes on";
  Observation next = scene.seen();
  next.object.status = plan.status;
  EXPECT_EQ(decide(next).status.step, 3);
}

TEST(Raises, DataIsFreshAtTheLimitAndAStepIsYoungBelowIt) {
  Scene scene = Scene::at_step(1).held(30s);
  scene.seen().assessment->fresh_at = scene.seen().now - 15s;
  EXPECT_EQ(scene.plan().status.step, 2);
  scene.seen().assessment->fresh_at = scene.seen().now - 15s - 1ms;
  EXPECT_EQ(scene.plan().status.step, 1);
  const analysis::Unavailable few{"NotEnoughTraffic", "no request"};
  EXPECT_EQ(reason_of(Scene::at_step(1).held(15s - 1ms).with(few).plan(), "Progressing"),
            "True:WaitingForTraffic");
  EXPECT_EQ(reason_of(Scene::at_step(1).held(15s).with(few).plan(), "Progressing"), "True:NotEnoughTraffic");
}

TEST(Records, AreWrittenForWhateverRuns) {
  Scene scene = Scene::at_step(1);
  std::erase_if(scene.seen().revisions, [&](const auto& record) { return record.name == scene.name("v2"); });
  const Plan plan = scene.plan();
  ASSERT_NE(find<RecordRevision>(plan), nullptr);
  EXPECT_EQ(find<RecordRevision>(plan)->revision.name, scene.name("v2"));
}

TEST(Records, OfOneThatWasHealthyOnceAreNotCalledSuperseded) {
  const Scene scene = Scene::at_step(1).spec("v3");
  EXPECT_EQ(judged(scene.plan(), scene.name("v2")), "superseded");
  EXPECT_EQ(judged(scene.marked("v2", RevisionVerdict::healthy).plan(), scene.name("v2")), "");
}

TEST(Records, AFailedMarkIsCarriedOutWhateverTheVerdictIsNow) {
  Scene marked = Scene::at_step(1)
                     .with(analysis::RollBack{"LatencyAboveCeiling", "slow"})
                     .marked("v2", RevisionVerdict::failed);
  for (api::Revision& record : marked.seen().revisions) record.verdict_reason = "Undecided: long ago";
  EXPECT_EQ(marked.plan().status.last_rollback->reason, "Undecided");
}

/// "v1" serves; "demo-old" has no role, two pods and a record, and had no weight for an hour.
Scene with_an_old_one() {
  Scene scene = Scene::stable();
  WorkloadState old;
  old.revision = "demo-old";
  old.desired = old.existing = old.ready = old.available = 2;
  scene.seen().workloads.push_back(old);
  scene.seen().object.status.weightless_since = scene.seen().now - 1h;
  return scene;
}

TEST(Pods, OfAForgottenRevisionGoWhenNoTrafficCanReachThem) {
  const std::vector<std::string> gone{"scale demo-old 0"};
  EXPECT_EQ(sizes(with_an_old_one().plan()), gone);
  const auto reached = [](const std::function<void(TrafficState&)>& edit) {
    return sizes(with_an_old_one().with_traffic(edit).plan());
  };
  const Backend old{"demo-old", 2, 0};
  EXPECT_EQ(reached([&](auto& traffic) { traffic.candidate = old; }), gone) << "it idles without weight";
  EXPECT_TRUE(reached([&](auto& traffic) { traffic.stable = old; }).empty());
  EXPECT_TRUE(reached([&](auto& traffic) {
                traffic.candidate = old;
                traffic.candidate_weight.reset();
              }).empty())
      << "nobody knows its weight";
  EXPECT_TRUE(reached([&](auto& traffic) {
                traffic.candidate = old;
                traffic.candidate_weight = Percent::whole(1);
              }).empty());
  EXPECT_EQ(reached([&](auto& traffic) { traffic.candidate_weight.reset(); }), gone)
      << "it is behind nothing";
}

TEST(Pods, OfAForgottenRevisionLiveOnForTheDelay) {
  Scene scene = with_an_old_one();
  scene.seen().object.status.weightless_since = scene.seen().now - 29s;
  EXPECT_TRUE(sizes(scene.plan()).empty());
  EXPECT_EQ(scene.plan().look_again, api::Duration(1s));
  scene.seen().object.status.weightless_since.reset();
  EXPECT_EQ(scene.plan().status.weightless_since, scene.seen().now);
  EXPECT_EQ(scene.plan().look_again, api::Duration(30s));
}

TEST(Pods, OfThePreviousRevisionAreKeptInTheBake) {
  Scene scene = Scene::baking();
  for (WorkloadState& pods : scene.seen().workloads) pods.desired = 3;
  EXPECT_THAT(sizes(scene.plan()), testing::UnorderedElementsAre("scale " + scene.name("v1") + " 4",
                                                                 "scale " + scene.name("v2") + " 4"));
}

TEST(Pods, WithoutARouterTheCandidateGrowsLastAndShrinksFirst) {
  const auto resized = [](std::int32_t replicas) {
    const Scene scene = Scene::at_step(3).with_spec([&](auto& spec) {
      spec.traffic = api::ReplicasTraffic{};
      std::get<api::PodsWorkload>(spec.workload).replicas = replicas;
    });
    std::vector<std::string> order = sizes(scene.plan());
    for (std::string& line : order) line = line.find(scene.name("v1")) != std::string::npos ? "v1" : "v2";
    return order;
  };
  EXPECT_EQ(resized(8), (std::vector<std::string>{"v1", "v2"}));
  EXPECT_EQ(resized(1), (std::vector<std::string>{"v2", "v1"}));
}

TEST(Pods, WithoutStepsTheCandidateNeedsThemAll) {
  const Plan plan =
      Scene::stable().with_spec([](auto& spec) { spec.strategy.steps.clear(); }).spec("v2").plan();
  EXPECT_EQ(find<Scale>(plan)->replicas, 4);
}

TEST(History, KeepsWhatIsReachableHealthyOrHasPods) {
  Scene scene = Scene::stable().with_spec([](auto& spec) { spec.revision_history_limit = -1; });
  api::Revision record = scene.seen().revisions.front();
  for (const char* name : {"demo-bare", "demo-behind", "demo-pods", "demo-going", "demo-newest"}) {
    record.name = name;
    ++record.number;
    record.verdict = RevisionVerdict::superseded;
    scene.seen().revisions.push_back(record);
  }
  for (const char* name : {"demo-pods", "demo-going"}) {
    WorkloadState pods;
    pods.revision = name;
    pods.existing = 1;
    pods.desired = std::string(name) == "demo-pods" ? 1 : 0;
    scene.seen().workloads.push_back(pods);
  }
  scene.seen().traffic.candidate->revision = "demo-behind";
  EXPECT_EQ(sizes(scene.plan()), (std::vector<std::string>{"delete demo-bare", "delete demo-behind"}))
      << "the backend moves first";
  scene = scene.route_problem();
  scene.seen().object.status.weightless_since = scene.seen().now;
  EXPECT_EQ(sizes(scene.plan()), std::vector<std::string>{"delete demo-bare"});
  scene.seen().revisions[1].verdict = RevisionVerdict::healthy;
  EXPECT_TRUE(sizes(scene.plan()).empty()) << "the newest healthy one";
}

/// "v2" failed, "v1" serves, and the spec still asks for "v2".
Scene failed_before(const std::string& token) {
  Scene scene = Scene::at_step(1).with(analysis::RollBack{"ErrorRateAboveCeiling", "bad"});
  const Plan plan = scene.plan();
  scene.seen().object.status = plan.status;
  scene.seen().traffic.candidate_weight = api::kNothing;
  scene.seen().assessment.reset();
  scene.seen().object.annotations[api::kAnnotationRetry] = token;
  return scene.marked("v2", RevisionVerdict::failed);
}

TEST(Retries, TakeTheVerdictBackFirstAndThenTheToken) {
  const Scene scene = failed_before("again");
  const Plan first = scene.plan();
  EXPECT_EQ(judged(first, scene.name("v2")), "none");
  EXPECT_TRUE(first.status.retry_token.empty());
  EXPECT_TRUE(first.status.candidate_revision.empty());
  Scene next = scene.marked("v2", RevisionVerdict::none);
  next.seen().object.status = first.status;
  const Plan second = next.plan();
  EXPECT_EQ(second.status.retry_token, "again");
  EXPECT_EQ(second.status.candidate_revision, scene.name("v2"));
  EXPECT_TRUE(tells(second, "RetryRequested"));
}

TEST(Retries, OfNothingOrWithAUsedTokenChangeNothing) {
  EXPECT_EQ(judged(failed_before("").plan(), failed_before("").name("v2")), "");
  const Scene used =
      failed_before("again").with_object([](auto& object) { object.status.retry_token = "again"; });
  EXPECT_EQ(judged(used.plan(), used.name("v2")), "");
  Scene healthy = Scene::stable().spec("v2");
  healthy.seen().object.annotations[api::kAnnotationRetry] = "again";
  EXPECT_EQ(healthy.plan().status.retry_token, "again") << "spent";
  EXPECT_FALSE(tells(healthy.plan(), "RetryRequested")) << "it has not failed";
}

TEST(LostPods, CountOnlyWhereTrafficGoesAndAnotherCanTakeIt) {
  const auto rolled_back = [](const Scene& scene) { return tells(scene.plan(), "RolledBack"); };
  EXPECT_TRUE(rolled_back(Scene::at_step(1).pods("v2", 0)));
  EXPECT_TRUE(rolled_back(Scene::at_step(1).pods("v2", 0).pods("v1", 1)));
  EXPECT_FALSE(rolled_back(Scene::at_step(1).pods("v2", 0).with_traffic([](auto& traffic) {
    traffic.candidate->ready = 1;
  }))) << "an endpoint is still there";
  EXPECT_TRUE(rolled_back(Scene::baking().pods("v2", 0))) << "through the stable backend";
  EXPECT_FALSE(rolled_back(
      Scene::baking().pods("v2", 0).with_traffic([](auto& traffic) { traffic.stable->ready = 1; })));
}

TEST(Route, AProblemLeavesTheWeightAsItIsAndNotesIt) {
  const Plan plan = Scene::at_step(1).weight(7).route_problem().plan();
  EXPECT_EQ(plan.status.weight.applied, Percent::whole(7));
  EXPECT_EQ(weight_set(plan), std::nullopt);
}

TEST(Route, MovesOfABackendLoseItsEndpointsUntilTheyFollow) {
  TrafficState traffic;
  traffic.stable = Backend{"a", 4, 0};
  traffic.candidate_weight = Percent::whole(30);
  const TrafficState moved = after_move(traffic, PointBackend{Slot::stable, "b"});
  EXPECT_EQ(moved.stable, (Backend{"b", 0, 4}));
  EXPECT_EQ(after_move(traffic, PointBackend{Slot::candidate, "b"}).candidate, (Backend{"b", 0, 0}));
  EXPECT_EQ(after_move(traffic, SetWeight{Percent::whole(40), "a", "b"}).candidate_weight,
            Percent::whole(40));
  EXPECT_EQ(after_move(traffic, RouteWaits{"endpoints"}), traffic);
}

std::string next_move(const TrafficState& traffic, const RouteGoal& goal) {
  const RouteMove next = next_route_move(traffic, goal);
  if (const auto* set = std::get_if<SetWeight>(&next)) return api::format_percent(set->weight);
  if (const auto* point = std::get_if<PointBackend>(&next)) return point->revision;
  return std::holds_alternative<RouteReached>(next) ? "reached" : "waits";
}

TEST(Route, WeightIsTakenFromStrangersAndFromNobodyWhoServesAlone) {
  const auto at = [](const char* stable, std::int32_t stable_ready, const char* candidate, std::int32_t ready,
                     std::int32_t weight) {
    TrafficState traffic;
    traffic.stable = Backend{stable, stable_ready, 0};
    traffic.candidate = Backend{candidate, ready, 0};
    traffic.candidate_weight = Percent::whole(weight);
    return traffic;
  };
  const RouteGoal alone{"a", "", api::kNothing, 1, 1};
  EXPECT_EQ(next_move(at("x", 4, "y", 4, 30), alone), "0%") << "before its selector moves";
  EXPECT_EQ(next_move(at("x", 4, "y", 4, 0), alone), "a");
  EXPECT_EQ(next_move(at("a", 0, "b", 1, 100), alone), "waits") << "one pod serves";
  const RouteGoal quarter{"a", "b", Percent::whole(25), 1, 1};
  EXPECT_EQ(next_move(at("a", 0, "b", 4, 100), quarter), "waits");
  EXPECT_EQ(next_move(at("a", 1, "b", 4, 100), quarter), "25%");
  EXPECT_EQ(next_move(at("a", 0, "b", 4, 0), quarter), "25%") << "a raise asks for the candidate's pods only";
  TrafficState new_one = at("a", 4, "b", 4, 0);
  new_one.candidate.reset();
  EXPECT_EQ(next_move(new_one, quarter), "b");
  EXPECT_EQ(next_move(new_one, alone), "a");
}

TEST(Capacity, OfNothingIsNothingByAnyMeans) {
  for (const api::Traffic& traffic :
       {api::Traffic(api::GatewayApiTraffic{}), api::Traffic(api::ReplicasTraffic{})}) {
    EXPECT_EQ(candidate_replicas(traffic, 0, Percent::whole(50)), 0);
    EXPECT_EQ(candidate_replicas(traffic, 4, api::kNothing), 0);
    EXPECT_EQ(candidate_replicas(traffic, 1, Percent::whole(50)), 1);
  }
}

}  // namespace
}  // namespace seraphim::rollout
