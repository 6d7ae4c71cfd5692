// The main job on real parts: a good revision is promoted, a bad one rolled back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "environment.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using api::RevisionVerdict;
using namespace std::chrono_literals;

std::int64_t count_of(const std::vector<SeenEvent>& events, const std::string& reason) {
  return std::count_if(events.begin(), events.end(),
                       [&](const auto& event) { return event.reason == reason; });
}

/// Percent of the window's answers that the version gave.
double share_of(const nlohmann::json& window, const std::string& version) {
  const auto all = static_cast<double>(answers_of(window));
  return all == 0 ? 0 : 100 * static_cast<double>(answers_of(window, version)) / all;
}

/// kubectl-seraphim simulate comes to the same decisions from Prometheus's history, look by look.
void expect_the_same_replayed(const World& world, const DeploymentManifest& manifest, const Operator& running,
                              const std::string& stable, const std::string& candidate, int code) {
  DeploymentManifest placed = manifest;
  placed.namespace_ = world.name();
  const auto replayed =
      run({environment().kubectl_seraphim.string(), "simulate", "--filename", "-", "--stable", stable,
           "--candidate", candidate, "--compare", running.log_file().string()},
          to_json(placed).dump());
  EXPECT_EQ(replayed.code, code) << replayed.text;
  EXPECT_THAT(replayed.text, ::testing::ContainsRegex("compare: [1-9][0-9]* looks, 0 differ"));
}

TEST(Rollout, AGoodRevisionIsPromotedStepByStepAndNoRequestFails) {
  World world;
  world.apply_route();
  const Operator running(world);
  world.apply(DeploymentManifest{.model = {.version = "v1"}});
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  const auto first = world.status().stable_revision;

  const Load load(world, 50);
  ASSERT_TRUE(load.wait_for_answers(100));
  // The router may have refused the very first requests, before it knew the route.
  load.mark("before");
  world.apply(DeploymentManifest{.model = {.version = "v2"}});
  for (const auto& [window, weight] : std::map<std::string, std::int64_t>{{"step-1", 20}, {"step-2", 50}}) {
    ASSERT_TRUE(world.wait_for("v2 has its weight",
                               [&, weight = weight] { return world.weights().back().candidate == weight; }));
    // What the router still sends by the old weight, for a second or two, belongs to the window before.
    load.mark("before " + window);
    ASSERT_TRUE(load.wait_for_share("v2", static_cast<double>(weight)));
    load.mark(window);
  }
  ASSERT_TRUE(world.wait_for(
      "v2 gets everything", [&] { return world.weights().back().candidate == 100; }, 120s));
  load.mark("promotion");
  ASSERT_TRUE(world.wait_for("v2 is promoted", [&] {
    return world.status().stable_revision != first && world.status().phase == Phase::stable;
  }));
  ASSERT_TRUE(load.wait_until_silent("v1"));
  load.mark("after");
  ASSERT_TRUE(load.wait_for_answers(load.status()["sent"].get<std::int64_t>() + 50));

  const auto seen = load.status();
  for (const auto& window : seen["windows"]) {
    if (window["name"] == "start") continue;
    EXPECT_EQ(window["failed"], 0) << window.dump(1);
    const std::map<std::string, double> expected{{"step-1", 20}, {"step-2", 50}};
    const auto step = expected.find(window["name"]);
    if (step == expected.end()) continue;
    EXPECT_NEAR(share_of(window, "v2"), step->second, 3) << window.dump(1);
  }
  EXPECT_EQ(seen["windows"].back()["by_version"].contains("v1"), false) << seen.dump(1);
  EXPECT_EQ(candidate_weights(world), (std::vector<std::int64_t>{0, 20, 50, 100, 0}));
  const auto revisions = world.revisions();
  ASSERT_EQ(revisions.size(), 2u);
  EXPECT_EQ(revisions[1].verdict, RevisionVerdict::healthy);
  EXPECT_EQ(revisions[1].name, world.status().stable_revision);
  const auto events = world.events();
  for (const auto& event : events) EXPECT_EQ(event.count, 1) << event.reason << ": " << event.note;
  expect_the_same_replayed(world, {.model = {.version = "v2"}}, running, first, revisions[1].name, 0);
}

TEST(Rollout, ABadRevisionIsRolledBackAndNotTriedAgain) {
  World world;
  world.apply_route();
  std::string bad;
  {
    const Operator running(world);
    world.apply(DeploymentManifest{.model = {.version = "v1"}});
    ASSERT_TRUE(world.wait_for_phase(Phase::stable));
    const auto first = world.status().stable_revision;
    const Load load(world, 50);
    ASSERT_TRUE(load.wait_for_answers(50));
    world.apply(DeploymentManifest{.model = {.version = "v2", .failure_rate = "0.2"}});
    ASSERT_TRUE(world.wait_for_phase(Phase::rolled_back, "web", 90s));
    EXPECT_EQ(world.status().stable_revision, first);
    ASSERT_TRUE(world.status().last_rollback.has_value());
    bad = world.status().last_rollback->from_revision;
    EXPECT_EQ(world.weights().back().candidate, 0);
    ASSERT_EQ(world.revisions().size(), 2u);
    EXPECT_EQ(world.revisions()[1].verdict, RevisionVerdict::failed);
    // Traffic goes to the stable revision only, as soon as the router has followed.
    ASSERT_TRUE(load.wait_until_silent("v2"));
    load.mark("after");
    ASSERT_TRUE(load.wait_for_answers(load.status()["sent"].get<std::int64_t>() + 50));
    EXPECT_EQ(load.status()["windows"].back()["failed"], 0);
    EXPECT_EQ(count_of(world.events(), "RolledBack"), 1);
    expect_the_same_replayed(world, {.model = {.version = "v2"}}, running, first, bad, 1);
  }
  // Neither a restarted operator nor the same spec applied once more gives it another chance.
  const Operator again(world, {.identity = "two"});
  world.apply(DeploymentManifest{.model = {.version = "v2", .failure_rate = "0.2"}});
  world.annotate("web", "example.test/touched", "yes");
  ASSERT_TRUE(world.wait_for("the failed revision's pods are gone", [&] {
    const auto set = world.view().replica_sets.get({world.name(), bad});
    return !set || set->existing == 0;
  }));
  EXPECT_EQ(world.status().phase, Phase::rolled_back);
  EXPECT_EQ(world.weights().back().candidate, 0);
  EXPECT_EQ(world.revisions().size(), 2u);
}

TEST(Rollout, ARevisionThatNeverGetsReadyIsRolledBackByItsDeadline) {
  World world;
  world.apply_route();
  const Operator running(world);
  world.apply(DeploymentManifest{.model = {.version = "v1"}});
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  world.apply(
      DeploymentManifest{.model = {.version = "v2", .never_ready = true}, .progress_deadline_seconds = 6});
  ASSERT_TRUE(world.wait_for_phase(Phase::rolled_back));
  EXPECT_EQ(candidate_weights(world), (std::vector<std::int64_t>{0}));
  EXPECT_EQ(world.status().last_rollback->reason, "ProgressDeadlineExceeded");
}

TEST(Rollout, ARetryGivesAFailedRevisionAnotherChance) {
  World world;
  world.apply_route();
  auto running = std::make_unique<Operator>(world);
  world.apply(DeploymentManifest{.model = {.version = "v1"}});
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  DeploymentManifest slow{
      .model = {.version = "v2", .never_ready = true}, .progress_deadline_seconds = 4, .analysis = false};
  world.apply(slow);
  ASSERT_TRUE(world.wait_for_phase(Phase::rolled_back));
  const auto failed = world.status().last_rollback->from_revision;
  // Another process tells of the second chance in the same words: it finds the Event of the first one.
  running.reset();
  running = std::make_unique<Operator>(world, Operator::Settings{.identity = "two"});
  world.annotate("web", api::kAnnotationRetry, "once");
  ASSERT_TRUE(
      world.wait_for("it is tried again", [&] { return world.status().candidate_revision == failed; }));
  ASSERT_TRUE(world.wait_for_phase(Phase::rolled_back));
  EXPECT_EQ(world.revisions().size(), 2u);
}

TEST(Rollout, ASpecRevertedInMidCanaryEndsTheCanaryAtOnce) {
  World world;
  world.apply_route();
  const Operator running(world);
  const DeploymentManifest first{.model = {.version = "v1"}, .steps = {{{"weight", 20}, {"hold", "10m"}}}};
  world.apply(first);
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  const auto stable = world.status().stable_revision;
  auto second = first;
  second.model.version = "v2";
  world.apply(second);
  ASSERT_TRUE(world.wait_for("v2 has traffic", [&] { return world.weights().back().candidate == 20; }));
  world.apply(first);
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  EXPECT_EQ(world.status().stable_revision, stable);
  EXPECT_EQ(candidate_weights(world), (std::vector<std::int64_t>{0, 20, 0}));
  const auto revisions = world.revisions();
  ASSERT_EQ(revisions.size(), 2u);
  EXPECT_EQ(revisions[1].verdict, RevisionVerdict::superseded);
  EXPECT_EQ(count_of(world.events(), "Promoted"), 0);
}

TEST(Rollout, AnApprovalIsWaitedFor) {
  World world;
  world.apply_route();
  const Operator running(world);
  DeploymentManifest manifest{.model = {.version = "v1"},
                              .steps = {{{"weight", 20}}, {{"weight", 50}, {"approval", true}}},
                              .analysis = false};
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  manifest.model.version = "v2";
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for_phase(Phase::awaiting_approval));
  EXPECT_EQ(world.weights().back().candidate, 50);
  world.annotate("web", api::kAnnotationApprove, world.status().candidate_revision + "/2");
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  EXPECT_EQ(world.revisions()[1].verdict, RevisionVerdict::healthy);
}

TEST(Rollout, PromotedWithABakeAndRolledBackDuringIt) {
  World world;
  world.apply_route();
  const Operator running(world);
  DeploymentManifest manifest{
      .model = {.version = "v1"}, .steps = {{{"weight", 50}}}, .bake = "10m", .analysis = false};
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  const auto first = world.status().stable_revision;
  manifest.model.version = "v2";
  manifest.model.failure_rate = "0.3";
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for_phase(Phase::baking));
  const auto second = world.status().stable_revision;
  EXPECT_NE(second, first);
  const Load load(world, 50);
  manifest.analysis = true;  // from now on somebody looks
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for_phase(Phase::rolled_back, "web", 60s));
  EXPECT_EQ(world.status().stable_revision, first);
  EXPECT_EQ(world.status().last_rollback->from_revision, second);
}

}  // namespace
}  // namespace seraphim::cluster
