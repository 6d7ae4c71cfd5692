// Platform row R1: deploys are frozen, and a rollback is not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/freeze_codec.h"
#include "environment.h"
#include "operator/freeze_object.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using nlohmann::json;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

json freeze_manifest(const World& world, const json& more = json::object()) {
  json spec = {{"reason", "incident 12"}, {"who", "alice"}};
  spec.update(more);
  return {{"apiVersion", api::kApiVersion},
          {"kind", api::kFreezeKind},
          {"metadata", {{"name", "incident"}, {"namespace", world.name()}}},
          {"spec", spec}};
}

std::string in(std::chrono::seconds time) {
  return api::format_time(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + time);
}

std::size_t count_of_events(const World& world, const std::string& reason) {
  const auto events = world.events();
  return static_cast<std::size_t>(std::count_if(
      events.begin(), events.end(), [&](const SeenEvent& event) { return event.reason == reason; }));
}

std::string condition_of(const World& world, const char* type) {
  const auto status = world.status();
  const auto* found = api::find_condition(status.conditions, type);
  return found == nullptr ? "" : found->reason + ": " + found->message;
}

/// The first revision serves. Without analysis: a freeze asks nobody.
void serve_first(World& world) {
  world.apply_route();
  world.apply(DeploymentManifest{.model = {.version = "v1"}, .analysis = false});
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
}

TEST(R1Freeze, BlocksANewCandidateAndEndsOnTime) {
  World world;
  const Operator running(world);
  serve_first(world);
  const std::string until = in(12s);
  world.apply(freeze_manifest(world, {{"until", until}}));
  ASSERT_TRUE(world.wait_for("the condition names the freeze", [&] {
    return condition_of(world, "Frozen").find("incident") != std::string::npos;
  }));
  EXPECT_THAT(condition_of(world, "Frozen"), HasSubstr("the freeze incident is in force until " + until +
                                                       " (who: \"alice\", why: \"incident 12\")"));
  world.apply(DeploymentManifest{.model = {.version = "v2"}, .analysis = false});
  ASSERT_TRUE(world.wait_for_phase(Phase::frozen));
  EXPECT_EQ(world.revisions().size(), 1U) << "it is not even recorded";
  ASSERT_TRUE(world.wait_for("v2 starts", [&] { return !world.status().candidate_revision.empty(); }));
  EXPECT_GE(in(0s), until) << "not before its time";
  EXPECT_LE(in(0s), api::format_time(*api::parse_time(until) + 3s)) << "and not much later";
  ASSERT_TRUE(world.wait_for("v2 is promoted", [&] { return world.status().phase == Phase::stable; }));
  ASSERT_TRUE(world.wait_for("the story is told", [&] {
    return count_of_events(world, "Frozen") == 1 && count_of_events(world, "FreezeEnded") == 1;
  }));

  const auto read =
      world.client().get(kubernetes::Resource<op::FreezeObject>::type(), {world.name(), "incident"}, {});
  ASSERT_TRUE(read) << read.error().message;
  const auto status = api::decode_freeze(*read).status;
  EXPECT_FALSE(status.active);
  EXPECT_EQ(status.affected, 1);
}

TEST(R1Freeze, NeverBlocksARollback) {
  World world;
  world.apply_route();
  const Operator running(world);
  world.apply(DeploymentManifest{.model = {.version = "v1"}});
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  const Load load(world, 50);
  ASSERT_TRUE(load.wait_for_good_answers(100));
  world.apply(DeploymentManifest{.model = {.version = "v2", .failure_rate = "0.5"}});
  ASSERT_TRUE(world.wait_for("v2 has traffic", [&] { return world.weights().back().candidate > 0; }));
  world.apply(freeze_manifest(world));
  ASSERT_TRUE(world.wait_for_phase(Phase::rolled_back));
  EXPECT_EQ(world.weights().back().candidate, 0);
  EXPECT_THAT(condition_of(world, "Frozen"), HasSubstr("FreezeInForce"));
}

TEST(R1Freeze, HoldsACandidateAndAnOverrideLetsItGoOn) {
  World world;
  const Operator running(world);
  serve_first(world);
  world.apply(DeploymentManifest{.model = {.version = "v2"}, .analysis = false});
  ASSERT_TRUE(
      world.wait_for("v2 has its first weight", [&] { return world.weights().back().candidate == 20; }));
  world.apply(freeze_manifest(world));
  ASSERT_TRUE(world.wait_for_phase(Phase::frozen));
  EXPECT_EQ(world.weights().back().candidate, 20);
  world.annotate("web", api::kAnnotationOverrideFreeze, "");
  ASSERT_TRUE(world.wait_for("an override without a reason is refused", [&] {
    return condition_of(world, "Frozen").find("write the reason as its value") != std::string::npos;
  }));
  world.annotate("web", api::kAnnotationOverrideFreeze, "fixes incident 12");
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  ASSERT_TRUE(world.wait_for("it is told", [&] { return count_of_events(world, "FreezeOverridden") == 1; }));
  EXPECT_EQ(candidate_weights(world), (std::vector<std::int64_t>{0, 20, 50, 100, 0}));
}

TEST(R1Freeze, TheApiServerSaysWhatToWriteInstead) {
  const World world;
  const std::pair<json, const char*> mistakes[] = {
      {{{"reason", " "}}, "write why nothing new may be rolled out"},
      {{{"until", "2026-01-01T00:00:00Z"}, {"from", "2026-01-02T00:00:00Z"}}, "write a time after from"},
      {{{"timeZone", "../etc"}}, "write the IANA name of a time zone such as Europe/Berlin"},
      {{{"windows", json::array({{{"start", "9:00"}, {"end", "10:00"}}})}}, "write hours and minutes"},
      {{{"windows", json::array({{{"days", {"Friday"}}, {"start", "09:00"}, {"end", "10:00"}}})}},
       "write a list of Mon, Tue"},
      {{{"selector", {{"matchExpressions", json::array({{{"key", "a"}, {"operator", "In"}}})}}}},
       "In and NotIn compare with values"}};
  for (const auto& [spec, sentence] : mistakes) {
    const auto output =
        run({environment().kubectl.string(), "--kubeconfig", environment().admin_kubeconfig.string(), "apply",
             "--dry-run=server", "--filename", "-"},
            freeze_manifest(world, spec).dump());
    EXPECT_NE(output.code, 0) << spec;
    EXPECT_THAT(output.text, HasSubstr(sentence)) << spec;
  }
}

}  // namespace
}  // namespace seraphim::cluster
