// Metrics besides the error rate decide, on a real Prometheus: each alone rolls back a candidate whose
// answers are all good.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using nlohmann::json;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

/// The rollback of a candidate that takes 80 ms for what stable does at once.
api::RollbackStatus rollback_of_a_slow_candidate(World& world, const json& further) {
  world.apply_route();
  const Operator running(world);
  DeploymentManifest manifest{.model = {.version = "v1"},
                              .steps = json::array({{{"weight", 20}, {"hold", "10m"}}}),
                              .further = further};
  world.apply(manifest);
  EXPECT_TRUE(world.wait_for_phase(Phase::stable));
  const Load load(world, 50);
  EXPECT_TRUE(load.wait_for_answers(50));
  load.mark("rollout");
  manifest.model.version = "v2";
  manifest.model.latency = "80ms";
  world.apply(manifest);
  EXPECT_TRUE(world.wait_for_phase(Phase::rolled_back, "web", 60s));
  EXPECT_EQ(world.weights().back().candidate, 0);
  EXPECT_EQ(load.status()["windows"].back()["failed"], 0);
  return world.status().last_rollback.value_or(api::RollbackStatus{});
}

TEST(Metrics, ASlowCandidateIsRolledBackByItsLatency) {
  World world;
  const auto rollback = rollback_of_a_slow_candidate(world, {{"latency", {{"objective", "40ms"}}}});
  EXPECT_THAT(rollback.reason, ::testing::StartsWith("Latency"));
  EXPECT_THAT(rollback.message, HasSubstr("requests slower than 40ms (100.0 %)"));
  const auto metrics = world.status().evidence.metrics;
  ASSERT_EQ(metrics.size(), 1u);
  EXPECT_EQ(metrics[0].note, "the bucket up to 0.05 s") << "40 ms falls between two buckets";
  EXPECT_EQ(world.status().evidence.candidate_failures, 0);
}

TEST(Metrics, ARatioOfTheUsersRollsBack) {
  World world;
  const std::string both = R"({revision="{{revision}}",namespace="{{namespace}}")";
  const json ratio = {{"good", "seraphim_inference_latency_seconds_bucket" + both + R"(,le="0.05"})"},
                      {"total", "seraphim_inference_latency_seconds_count" + both + "}"}};
  const auto rollback = rollback_of_a_slow_candidate(
      world, {{"metrics", json::array({{{"name", "quickness"}, {"ratio", ratio}}})}});
  EXPECT_THAT(rollback.reason, ::testing::StartsWith("Metric"));
  EXPECT_THAT(rollback.message, HasSubstr("quickness: candidate "));
}

TEST(Metrics, AValueOutOfBoundsRollsBack) {
  World world;
  const std::string of = R"({revision="{{candidate}}",namespace="{{namespace}}"})";
  // 0/0 is NaN as long as the candidate has had no request.
  const json value = {{"query", "max(seraphim_inference_latency_seconds_sum" + of +
                                    " / seraphim_inference_latency_seconds_count" + of + ")"},
                      {"max", "0.05"},
                      {"breaches", 2}};
  const auto rollback = rollback_of_a_slow_candidate(
      world, {{"metrics", json::array({{{"name", "mean-latency"}, {"value", value}}})}});
  EXPECT_EQ(rollback.reason, "MetricOutOfBounds");
  EXPECT_THAT(rollback.message, HasSubstr("is above 0.05 in 2 looks in a row"));
}

}  // namespace
}  // namespace seraphim::cluster
