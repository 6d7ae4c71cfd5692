// Missing evidence and missing data hold a rollout; they are nobody's failure (invariant 6).
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "world.h"

namespace seraphim::cluster {
namespace {

using api::ConditionStatus;
using api::Phase;
using namespace std::chrono_literals;

/// Prometheus neither answers nor scrapes as long as this lives: it hangs, which is worse than being gone.
class PrometheusHangs {
 public:
  PrometheusHangs() {
    const char* state = std::getenv("SERAPHIM_CLUSTER_STATE");
    if (state == nullptr)
      throw std::runtime_error("SERAPHIM_CLUSTER_STATE is not set; run these tests with: hack/test cluster");
    std::ifstream(std::string(state) + "/run/prometheus.pid") >> pid_;
    if (pid_ <= 0 || ::kill(pid_, SIGSTOP) != 0) throw std::runtime_error("Prometheus cannot be stopped");
  }
  ~PrometheusHangs() { ::kill(pid_, SIGCONT); }
  PrometheusHangs(const PrometheusHangs&) = delete;

 private:
  pid_t pid_ = 0;
};

ConditionStatus condition(const World& world, const char* type) {
  const auto status = world.status();
  const auto* found = api::find_condition(status.conditions, type);
  return found == nullptr ? ConditionStatus::unknown : found->status;
}

TEST(MissingData, APrometheusThatHangsForAMinuteChangesNoWeight) {
  World world;
  world.apply_route();
  Operator running(world);
  DeploymentManifest manifest{.model = {.version = "v1"},
                              .steps = nlohmann::json::array({{{"weight", 20}, {"hold", "10m"}}})};
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  const Load load(world, 50);
  ASSERT_TRUE(load.wait_for_answers(50));
  manifest.model.version = "v2";
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for("the candidate is compared",
                             [&] { return world.status().evidence.candidate_requests > 20; }));
  {
    const PrometheusHangs hangs;
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_TRUE(world.wait_for("the operator says that it sees nothing", [&] {
      return condition(world, "MetricsAvailable") == ConditionStatus::false_;
    }));
    // The length of time is what is tested.
    EXPECT_FALSE(running.wait_for_end(std::chrono::duration_cast<std::chrono::milliseconds>(
        begun + 60s - std::chrono::steady_clock::now())));
    EXPECT_EQ(world.weights().back().candidate, 20);
    EXPECT_FALSE(world.status().last_rollback.has_value());
  }
  EXPECT_TRUE(world.wait_for("it sees again",
                             [&] { return condition(world, "MetricsAvailable") == ConditionStatus::true_; }));
  EXPECT_EQ(world.weights().back().candidate, 20);
  EXPECT_EQ(world.weights().size(), 2u) << "0, then 20, and nothing else";
}

TEST(MissingData, AHealthyCandidateWithHalfARequestPerSecondIsNeitherPromotedNorRolledBack) {
  World world;
  world.apply_route();
  const Operator running(world);
  // With no failure at all, half of these requests at 50 % show two tenths of a point in an hour and a half.
  DeploymentManifest manifest{.model = {.version = "v1"},
                              .steps = nlohmann::json::array({{{"weight", 50}}}),
                              .further = {{"errorRate", {{"tolerance", "0.2%"}}}}};
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  const Load load(world, 0.5);
  manifest.model.version = "v2";
  world.apply(manifest);
  ASSERT_TRUE(
      world.wait_for("the candidate has its weight", [&] { return world.weights().back().candidate == 50; }));
  ASSERT_TRUE(world.wait_for("it is said at the start how long the evidence would take",
                             [&] { return condition(world, "EnoughTraffic") == ConditionStatus::false_; }));
  ASSERT_TRUE(load.wait_for_answers(load.status()["sent"].get<std::int64_t>() + 20));
  EXPECT_EQ(world.weights().back().candidate, 50);
  EXPECT_FALSE(world.status().last_rollback.has_value());
  EXPECT_EQ(world.status().phase, Phase::progressing);
  EXPECT_EQ(world.revisions().size(), 2u);
}

}  // namespace
}  // namespace seraphim::cluster
