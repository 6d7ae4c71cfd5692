// The operator is killed at different moments of a canary: the end is the same as without (invariants 2, 7,
// 8).
#include <gtest/gtest.h>

#include <ostream>
#include <set>
#include <vector>

#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using namespace std::chrono_literals;

struct Moment {
  const char* name;
  std::function<bool(const World&, const std::string& first)> reached;
};

void PrintTo(const Moment& moment, std::ostream* out) {
  *out << moment.name;
}

bool has_candidate(const World& world) {
  return !world.status().candidate_revision.empty();
}

bool had_weight(const World& world, std::int64_t weight) {
  const auto weights = world.weights();
  return !weights.empty() && weights.back().candidate == weight;
}

const std::vector<Moment> kMoments{
    {"RevisionRecorded",
     [](const World& world, const std::string&) { return world.revisions().size() == 2; }},
    {"CandidateComesUp",
     [](const World& world, const std::string&) {
       const auto set = world.view().replica_sets.get({world.name(), world.status().candidate_revision});
       return has_candidate(world) && set && set->existing > 0;
     }},
    {"FirstWeightWritten", [](const World& world, const std::string&) { return had_weight(world, 20); }},
    {"SecondStep", [](const World& world, const std::string&) { return world.status().step == 2; }},
    {"Promoting", [](const World& world, const std::string&) { return had_weight(world, 100); }},
};

class Killed : public ::testing::TestWithParam<Moment> {};

TEST_P(Killed, ConvergesToTheSameEnd) {
  World world;
  world.apply_route();
  std::string first;
  DeploymentManifest manifest{.model = {.version = "v1"},
                              .steps = {{{"weight", 20}, {"hold", "3s"}}, {{"weight", 50}, {"hold", "3s"}}},
                              .analysis = false};
  {
    Operator running(world, {.identity = "one", .more_flags = {"--no-leader-elect"}});
    world.apply(manifest);
    ASSERT_TRUE(world.wait_for_phase(Phase::stable));
    first = world.status().stable_revision;
    manifest.model.version = "v2";
    world.apply(manifest);
    ASSERT_TRUE(world.wait_for(GetParam().name, [&] { return GetParam().reached(world, first); }));
    running.kill();
  }
  const Operator again(world, {.identity = "two", .more_flags = {"--no-leader-elect"}});
  ASSERT_TRUE(world.wait_for("v2 is promoted", [&] {
    return world.status().stable_revision != first && world.status().phase == Phase::stable;
  }));

  std::vector<std::int64_t> weights;
  for (const auto& change : world.weights()) {
    EXPECT_EQ(change.stable + change.candidate, 100);
    weights.push_back(change.candidate);
  }
  EXPECT_EQ(weights, (std::vector<std::int64_t>{0, 20, 50, 100, 0}));
  const auto revisions = world.revisions();
  ASSERT_EQ(revisions.size(), 2u);
  EXPECT_EQ(revisions[0].number, 1);
  EXPECT_EQ(revisions[1].number, 2);
  EXPECT_EQ(revisions[1].verdict, api::RevisionVerdict::healthy);
  EXPECT_EQ(world.status().stable_revision, revisions[1].name);
}

INSTANTIATE_TEST_SUITE_P(Operator, Killed, ::testing::ValuesIn(kMoments),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Restart, AHoldIsNeitherShortenedNorBegunAnew) {
  World world;
  world.apply_route();
  DeploymentManifest manifest{
      .model = {.version = "v1"}, .steps = {{{"weight", 20}, {"hold", "12s"}}}, .analysis = false};
  {
    Operator running(world, {.identity = "one", .more_flags = {"--no-leader-elect"}});
    world.apply(manifest);
    ASSERT_TRUE(world.wait_for_phase(Phase::stable));
    manifest.model.version = "v2";
    world.apply(manifest);
    ASSERT_TRUE(world.wait_for("v2 has weight", [&] {
      return had_weight(world, 20) && world.status().hold_clock_since.has_value();
    }));
    running.kill();
  }
  const Operator again(world, {.identity = "two", .more_flags = {"--no-leader-elect"}});
  ASSERT_TRUE(world.wait_for("v2 has everything", [&] { return had_weight(world, 100); }));
  const auto weights = world.weights();
  const auto held = weights.back().at - weights[weights.size() - 2].at;
  EXPECT_GE(held, 11s);
  EXPECT_LE(held, 17s);
}

}  // namespace
}  // namespace seraphim::cluster
