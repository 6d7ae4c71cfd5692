// Many rollouts at once while operators are killed at random: nobody outside notices, and each rollout ends
// right.
//
// SERAPHIM_CHAOS_SECONDS (60) says for how long, SERAPHIM_CHAOS_SEED which chances.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>

#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using nlohmann::json;
using namespace std::chrono_literals;

constexpr int kRollouts = 20;
constexpr double kRequestsPerSecond = 50;  // of all of them together

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// One deployment, its clients, and what it should be doing.
struct Rollout {
  std::string name;
  DeploymentManifest manifest{};
  std::unique_ptr<Load> load{};
  int revisions = 1;  ///< applied so far
  bool bad = false;   ///< the last one
  int good = 1;       ///< the last one that ought to be promoted
};

class Chaos : public ::testing::Test {
 protected:
  void SetUp() override {
    std::cout << "chaos: seed " << seed_ << "\n";
    start_operators();
    for (int i = 0; i < kRollouts; ++i) begin("web-" + std::to_string(i));
    for (auto& rollout : rollouts_) {
      ASSERT_TRUE(world_.wait_for_phase(Phase::stable, rollout.name, 300s));
      rollout.load = std::make_unique<Load>(world_, kRequestsPerSecond / kRollouts, host(rollout.name));
      ASSERT_TRUE(rollout.load->wait_for_good_answers(3));
      rollout.load->mark(
          "chaos");  // the router may have refused the very first requests, before it knew the route
    }
  }

  std::string host(const std::string& name) const { return name + "." + world_.name() + ".test"; }

  void begin(const std::string& name) {
    world_.apply(route_manifest(world_.name(), name, host(name)));
    Rollout rollout{.name = name};
    rollout.manifest = {
        .name = name,
        .model = {.version = "v1"},
        .replicas = 1,
        .steps = json::array({{{"weight", 20}, {"hold", "3s"}}, {{"weight", 50}, {"hold", "3s"}}}),
        .traffic = {{"gatewayAPI", {{"routes", json::array({{{"name", name}}})}}}},
        .interval = "2s",
        .further = {{"errorRate", {{"tolerance", "25%"}}}}};
    world_.apply(rollout.manifest);
    rollouts_.push_back(std::move(rollout));
  }

  /// Every third revision fails most of its requests.
  void next_revision(Rollout& rollout) {
    const int number = ++rollout.revisions;
    rollout.bad = number % 3 == 0;
    rollout.manifest.model = {.version = "v" + std::to_string(number),
                              .failure_rate = rollout.bad ? "0.9" : "0"};
    if (!rollout.bad) rollout.good = number;
    world_.apply(rollout.manifest);
  }

  /// The revision that was applied last has been judged.
  bool at_rest(const Rollout& rollout) const {
    const auto object = world_.deployment(rollout.name);
    return object.status.observed_generation == object.generation &&
           (object.status.phase == Phase::stable || object.status.phase == Phase::rolled_back);
  }

  /// Revisions are numbered in the order in which they were applied.
  std::int64_t stable_number(const std::string& name) const {
    const auto stable = world_.status(name).stable_revision;
    for (const auto& revision : world_.revisions(name)) {
      if (revision.name == stable) return revision.number;
    }
    return 0;
  }

  void start_operators() {
    for (auto& slot : operators_) {
      if (!slot)
        slot = std::make_unique<Operator>(world_,
                                          Operator::Settings{.identity = "op-" + std::to_string(++starts_)});
    }
  }

  void kill_one() {
    auto& victim = operators_[random_() % operators_.size()];
    victim->kill();
    victim.reset();
    ++kills_;
  }

  /// Failed requests that no bad revision is to blame for.
  std::int64_t failures_without_cause(const Rollout& rollout) const {
    const json seen = rollout.load->status().at("windows").back();
    std::int64_t failures = seen.value("failed", std::int64_t{0});
    const json versions = seen.value("by_version", json::object());
    for (const auto& [version, counts] : versions.items()) {
      if (version.starts_with("v") && std::stoi(version.substr(1)) % 3 == 0)
        failures -= counts.value("failed", std::int64_t{0});
    }
    return failures;
  }

  const std::uint64_t seed_ = number_from("SERAPHIM_CHAOS_SEED", std::random_device{}());
  std::mt19937_64 random_{seed_};
  World world_;
  std::vector<Rollout> rollouts_;
  std::array<std::unique_ptr<Operator>, 2> operators_{};
  int starts_ = 0, kills_ = 0;
};

TEST_F(Chaos, OperatorsAreKilledAtRandomAndNobodyNotices) {
  const auto end =
      std::chrono::steady_clock::now() + std::chrono::seconds(number_from("SERAPHIM_CHAOS_SECONDS", 60));
  int rollouts = 0;
  while (std::chrono::steady_clock::now() < end) {
    start_operators();
    for (auto& rollout : rollouts_) {
      if (!at_rest(rollout)) continue;
      next_revision(rollout);
      ++rollouts;
    }
    // A random moment: the length of time is what is tested.
    (void)operators_[0]->wait_for_end(std::chrono::milliseconds(random_() % 15'000));
    kill_one();
  }
  start_operators();
  std::int64_t answers = 0, failures = 0;
  for (const auto& rollout : rollouts_) {
    ASSERT_TRUE(world_.wait_for(
        rollout.name + " is at rest", [&] { return at_rest(rollout); }, 300s));
    const auto status = world_.status(rollout.name);
    EXPECT_EQ(status.phase, rollout.bad ? Phase::rolled_back : Phase::stable) << rollout.name;
    EXPECT_EQ(stable_number(rollout.name), rollout.good) << rollout.name;
    answers += answers_of(rollout.load->status());
    failures += failures_without_cause(rollout);
  }
  std::cout << "chaos: " << rollouts << " rollouts, operators killed " << kills_ << " times, " << answers
            << " answers, " << failures << " failures without a cause\n";
  EXPECT_EQ(failures, 0);
  EXPECT_GT(kills_, 2);
}

}  // namespace
}  // namespace seraphim::cluster
