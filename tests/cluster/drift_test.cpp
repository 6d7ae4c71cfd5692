// Drift of predictions decides, on a real Prometheus: both revisions answer everything well, and what they
// predict is counted by label.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using nlohmann::json;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

json drift_between(const std::string& measure) {
  const auto predictions = [](const std::string& side) {
    return "sum by (label) (increase(demo_predictions_total{namespace=\"{{namespace}}\",revision=\"{{" +
           side + "}}\"}[1m]))";
  };
  const json drift = {{"measure", measure},
                      {"baseline", predictions("stable")},
                      {"candidate", predictions("candidate")},
                      {"max", "0.15"},
                      {"minRequests", 50}};
  return {{"metrics", json::array({{{"name", "prediction-drift"}, {"drift", drift}}})},
          {"errorRate", {{"tolerance", "20%"}, {"ceiling", "50%"}}}};
}

/// Stable predicts positive for a half; its load has begun.
struct PredictingRollout {
  explicit PredictingRollout(const std::string& measure) {
    manifest.steps = json::array({{{"weight", 50}, {"hold", "3s"}}});
    manifest.further = drift_between(measure);
    manifest.model = {.version = "v1", .positive_share = "50%"};
    world.apply_route();
    world.apply(manifest);
    EXPECT_TRUE(world.wait_for_phase(Phase::stable));
  }
  void ask_for(const std::string& positive_share) {
    manifest.model = {.version = "v2", .positive_share = positive_share};
    world.apply(manifest);
  }

  World world;
  const Operator running{world};
  DeploymentManifest manifest{};
};

TEST(Drift, ACandidateThatPredictsOtherwiseIsRolledBack) {
  PredictingRollout rollout("KL");
  const Load load(rollout.world, 50);
  ASSERT_TRUE(load.wait_for_good_answers(100));
  load.mark("rollout");
  rollout.ask_for("95%");
  ASSERT_TRUE(rollout.world.wait_for_phase(Phase::rolled_back, "web", 120s));
  const auto last = rollout.world.status().last_rollback.value_or(api::RollbackStatus{});
  EXPECT_EQ(last.reason, "MetricDrifted");
  EXPECT_THAT(last.message, HasSubstr("prediction-drift: KL "));
  EXPECT_THAT(last.message, HasSubstr("is above 0.15 in 3 looks in a row; most at \"label="));
  EXPECT_EQ(rollout.world.weights().back().candidate, 0);
  EXPECT_EQ(load.status()["windows"].back()["failed"], 0) << "all its answers were good";
}

TEST(Drift, ACandidateThatPredictsAlikeIsPromoted) {
  PredictingRollout rollout("Cosine");
  const Load load(rollout.world, 50);
  ASSERT_TRUE(load.wait_for_good_answers(100));
  rollout.ask_for("50%");
  const std::string first = rollout.world.status().stable_revision;
  std::string note;  // of the last look that judged
  ASSERT_TRUE(rollout.world.wait_for(
      "v2 is promoted",
      [&] {
        const auto status = rollout.world.status();
        for (const auto& metric : status.evidence.metrics) note = metric.note;
        return status.stable_revision != first && status.phase == Phase::stable;
      },
      120s));
  EXPECT_THAT(note, ::testing::MatchesRegex(
                        "Cosine 0\\.0.. between [0-9]+ stable and [0-9]+ candidate events, at most 0\\.15"));
  EXPECT_FALSE(rollout.world.status().last_rollback.has_value());
}

}  // namespace
}  // namespace seraphim::cluster
