// One safe move at a time, and how many pods a weight needs.
#include "rollout/route_goal.h"

#include <gmock/gmock.h>

#include "rollout/capacity.h"
#include "rollout/comparison.h"

namespace seraphim::rollout {
namespace {

using api::Percent;

TrafficState route(const char* stable, std::int32_t stable_ready, const char* candidate,
                   std::int32_t candidate_ready, std::int32_t weight) {
  TrafficState traffic;
  traffic.stable = Backend{stable, stable_ready, 0};
  traffic.candidate = Backend{candidate, candidate_ready, 0};
  traffic.candidate_weight = Percent::whole(weight);
  return traffic;
}

std::string move(const TrafficState& traffic, const RouteGoal& goal) {
  const RouteMove next = next_route_move(traffic, goal);
  if (const auto* set = std::get_if<SetWeight>(&next)) return "weight " + api::format_percent(set->weight);
  if (const auto* point = std::get_if<PointBackend>(&next)) {
    return (point->slot == Slot::stable ? "stable to " : "candidate to ") + point->revision;
  }
  return std::holds_alternative<RouteReached>(next) ? "reached" : "waits";
}

TEST(RouteGoalMoves, ACanary) {
  const RouteGoal goal{"a", "b", Percent::whole(25), 4, 2};
  EXPECT_EQ(move({}, goal), "stable to a");
  EXPECT_EQ(move(route("a", 4, "a", 4, 0), goal), "candidate to b");
  EXPECT_EQ(move(route("a", 4, "b", 1, 0), goal), "waits");
  EXPECT_EQ(move(route("a", 4, "b", 2, 0), goal), "weight 25%");
  EXPECT_EQ(move(route("a", 4, "b", 2, 25), goal), "reached");
  EXPECT_EQ(move(route("a", 0, "b", 0, 50), goal), "weight 25%") << "lowering waits for nothing";
  EXPECT_EQ(move(route("a", 4, "c", 4, 50), goal), "weight 0%") << "another revision loses its weight first";
}

TEST(RouteGoalMoves, ThePromotionMovesAServiceOnlyWithoutWeight) {
  const RouteGoal goal{"b", "", api::kNothing, 4, 1};
  EXPECT_EQ(move(route("a", 4, "b", 4, 50), goal), "weight 100%");
  EXPECT_EQ(move(route("a", 4, "b", 3, 50), goal), "waits");
  EXPECT_EQ(move(route("a", 4, "b", 4, 100), goal), "stable to b");
  EXPECT_EQ(move(route("b", 3, "b", 4, 100), goal), "waits");
  TrafficState lagging = route("b", 4, "b", 4, 100);
  lagging.stable->foreign_ready = 4;
  EXPECT_EQ(move(lagging, goal), "waits") << "endpoints of the old revision are still there";
  EXPECT_EQ(move(route("b", 4, "b", 4, 100), goal), "weight 0%");
  EXPECT_EQ(move(route("b", 4, "b", 4, 0), goal), "reached");
}

TEST(RouteGoalMoves, GoingBackFromTheBake) {
  const RouteGoal goal{"a", "", api::kNothing, 1, 1};
  EXPECT_EQ(move(route("b", 4, "a", 1, 0), goal), "weight 100%");
  EXPECT_EQ(move(route("b", 4, "a", 0, 0), goal), "waits");
  EXPECT_EQ(move(route("b", 4, "a", 1, 100), goal), "stable to a");
}

TEST(RouteGoalMoves, FromEverythingOnlyToSomebody) {
  const RouteGoal goal{"a", "", api::kNothing, 1, 1};
  EXPECT_EQ(move(route("a", 0, "b", 4, 100), goal), "waits");
  EXPECT_EQ(move(route("a", 1, "b", 4, 100), goal), "weight 0%");
  EXPECT_EQ(move(route("a", 0, "b", 4, 99), goal), "weight 0%");
  EXPECT_EQ(move(route("a", 0, "b", 0, 100), goal), "weight 0%");
}

TEST(RouteGoalMoves, IdleLeavesNobodyElseBehindTheCandidateBackend) {
  const RouteGoal goal{"a", "a", api::kNothing, 1, 1};
  EXPECT_EQ(move(route("a", 4, "b", 4, 0), goal), "candidate to a");
  EXPECT_EQ(move(route("a", 4, "a", 4, 30), goal), "weight 0%");
  EXPECT_EQ(move(route("a", 4, "a", 4, 0), goal), "reached");
}

TEST(Capacity, WithARouterTheShareRoundedUp) {
  const api::Traffic router = api::GatewayApiTraffic{};
  EXPECT_EQ(candidate_replicas(router, 4, Percent::whole(5)), 1);
  EXPECT_EQ(candidate_replicas(router, 4, Percent::whole(50)), 2);
  EXPECT_EQ(candidate_replicas(router, 4, Percent::whole(51)), 3);
  EXPECT_EQ(candidate_replicas(router, 4, api::kEverything), 4);
  EXPECT_EQ(candidate_replicas(router, 0, Percent::whole(50)), 0);
}

TEST(Capacity, WithoutARouterNeverMoreThanTheShare) {
  const api::Traffic counted = api::ReplicasTraffic{};
  EXPECT_EQ(candidate_replicas(counted, 4, Percent::whole(20)), 1);
  EXPECT_EQ(candidate_replicas(counted, 4, Percent::whole(33)), 1);
  EXPECT_EQ(candidate_replicas(counted, 4, Percent::whole(50)), 4);
  const auto impossible = candidate_replicas(counted, 4, Percent::whole(19));
  ASSERT_FALSE(impossible.has_value());
  EXPECT_THAT(impossible.error(), testing::HasSubstr("smallest step possible is 20%"));
}

TEST(Comparison, FollowsTheRolesAndTheAppliedWeight) {
  api::Spec spec;
  spec.analysis = api::Analysis{};
  spec.strategy.steps = {{Percent::whole(10)}, {Percent::whole(50)}};
  api::Status status;
  EXPECT_FALSE(comparison(spec, status).has_value());
  status.stable_revision = "a";
  EXPECT_FALSE(comparison(spec, status).has_value());
  status.candidate_revision = "b";
  const auto stage_at = [&](std::int32_t weight) {
    status.weight.applied = Percent::whole(weight);
    return comparison(spec, status)->stage;
  };
  EXPECT_EQ(stage_at(0), analysis::Stage::priming);
  EXPECT_EQ(stage_at(10), analysis::Stage::step);
  EXPECT_EQ(stage_at(50), analysis::Stage::final);
  EXPECT_EQ(stage_at(100), analysis::Stage::bake);
  status = {};
  status.stable_revision = "b";
  status.previous_revision = "a";
  status.promoted_at = api::Time{};
  EXPECT_EQ(comparison(spec, status), (Comparison{"a", "b", analysis::Stage::bake}));
  spec.analysis.reset();
  EXPECT_FALSE(comparison(spec, status).has_value());
}

}  // namespace
}  // namespace seraphim::rollout
