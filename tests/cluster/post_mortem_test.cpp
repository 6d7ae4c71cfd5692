// The last step of the rollback playbook: what happened is written down, by the real operator for a real
// rollback.
#include "report/post_mortem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "environment.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

const kubernetes::ResourceType kConfigMaps{"", "v1", "configmaps", "ConfigMap"};

Output at_desk(const World& world, std::vector<std::string> words) {
  words.insert(words.begin(), environment().kubectl_seraphim.string());
  words.insert(words.end(), {"--namespace", world.name()});
  return run(words, {}, 1min);
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool was_told(const World& world, const std::string& reason) {
  const auto events = world.events();
  return std::any_of(events.begin(), events.end(), [&](const auto& event) { return event.reason == reason; });
}

/// A post-mortem of long ago; of nobody, when `owner` is empty.
void add_old_document(World& world, const std::string& name, int day, const std::string& owner) {
  json references = json::array();
  if (!owner.empty()) {
    references.push_back({{"apiVersion", api::kApiVersion},
                          {"kind", api::kKind},
                          {"name", "web"},
                          {"uid", owner},
                          {"controller", true}});
  }
  const auto made = world.client().create(
      kConfigMaps, world.name(),
      {{"apiVersion", "v1"},
       {"kind", "ConfigMap"},
       {"metadata",
        {{"name", name},
         {"namespace", world.name()},
         {"labels", {{api::kLabelName, "web"}, {report::kLabelDocument, report::kPostMortem}}},
         {"annotations",
          {{report::kAnnotationRolledBackAt, "2020-01-" + std::to_string(day) + "T00:00:00Z"}}},
         {"ownerReferences", references}}}});
  ASSERT_TRUE(made) << made.error().message;
}

bool is_there(World& world, const std::string& name) {
  return world.client().get(kConfigMaps, {world.name(), name}).has_value();
}

/// As whoever verifies would.
void recovered(World& world) {
  const json verification = {{"result", "Recovered"},
                             {"until", "2026-01-01T00:00:00Z"},
                             {"decidedAt", "2026-01-01T00:00:00Z"},
                             {"message", "0 of 400 requests failed"}};
  const json patch = {{"status", {{"lastRollback", {{"verification", verification}}}}}};
  const auto written = world.client().merge_patch(kubernetes::Resource<op::DeploymentObject>::type(),
                                                  {world.name(), "web"}, patch, "status");
  ASSERT_TRUE(written) << written.error().message;
}

/// Nothing in the world watches ConfigMaps.
void wait_for_map(const World& world, const std::string& name, const std::string& what) {
  const Output waited =
      run({environment().kubectl.string(), "--kubeconfig", environment().admin_kubeconfig.string(), "wait",
           "--namespace", world.name(), "--timeout=30s", "configmap/" + name, "--for=" + what},
          {}, 1min);
  EXPECT_EQ(waited.code, 0) << waited.text;
}

/// The document as a person has it on the desk.
struct OnDesk {
  std::string markdown, chart;
};
OnDesk read_document(const World& world) {
  const auto folder = environment().artifacts / ("post-mortem-" + world.name());
  const Output written = at_desk(world, {"post-mortem", "web", "--output-dir", folder.string()});
  EXPECT_EQ(written.code, 0) << written.text;
  return {contents(folder / report::kMarkdownKey), contents(folder / report::kChartKey)};
}

std::string of(std::int64_t failures, std::int64_t requests) {
  return std::to_string(failures) + " of " + std::to_string(requests);
}

TEST(PostMortem, R5AfterARollbackThereIsAPostMortem) {
  World world;
  world.apply_route();
  const Load load(world, 50);
  DeploymentManifest manifest{.model = {.version = "v1"}};
  {
    Operator first(world, {.identity = "one", .more_flags = {"--no-leader-elect"}});
    world.apply(manifest);
    ASSERT_TRUE(world.wait_for_phase(Phase::stable));
    ASSERT_TRUE(load.wait_for_good_answers(50));
    for (int day = 10; day < 20; ++day)
      add_old_document(world, "old-" + std::to_string(day), day, world.deployment().uid);
    add_old_document(world, "foreign", 1, "");
    manifest.model = {.version = "v2", .failure_rate = "0.2"};
    world.apply(manifest);
    ASSERT_TRUE(world.wait_for("its first step is told", [&] { return was_told(world, "WeightRaised"); }));
    first.kill();
  }
  const Operator second(world, {.identity = "two", .more_flags = {"--no-leader-elect"}});
  ASSERT_TRUE(world.wait_for_phase(Phase::rolled_back, "web", 90s));
  ASSERT_TRUE(world.wait_for("it is written", [&] { return was_told(world, "PostMortemWritten"); }));

  const auto status = world.status();
  const auto& rollback = *status.last_rollback;
  const OnDesk document = read_document(world);
  EXPECT_THAT(document.markdown,
              AllOf(HasSubstr("revision 2 was rolled back to revision 1"),
                    HasSubstr("| CandidateStarted | " + rollback.from_revision), HasSubstr("from 0% to 20%"),
                    HasSubstr("| RolledBack | rolled back " + rollback.from_revision),
                    HasSubstr("`" + rollback.reason + "`"), HasSubstr("value: v2")));
  EXPECT_THAT(document.markdown,
              HasSubstr("| errorRate | " +
                        of(status.evidence.candidate_failures, status.evidence.candidate_requests) + " | " +
                        of(status.evidence.baseline_failures, status.evidence.baseline_requests) + " |"));
  EXPECT_THAT(document.markdown, Not(HasSubstr("There are no rates over time")));
  EXPECT_THAT(document.markdown, Not(HasSubstr("no requests that Prometheus knows of")));
  EXPECT_THAT(document.chart, AllOf(HasSubstr("<polyline"), HasSubstr(">rolled back<")));

  wait_for_map(world, "old-10", "delete");
  EXPECT_TRUE(is_there(world, "old-11"));
  EXPECT_TRUE(is_there(world, "foreign"));

  recovered(world);
  wait_for_map(world, report::document_name(rollback),
               R"(jsonpath={.metadata.annotations.serving\.seraphim\.io/verification}=Recovered)");
  EXPECT_THAT(read_document(world).markdown, HasSubstr("**Recovered** at 2026-01-01T00:00:00Z: 0 of 400"));
  const Output listed = at_desk(world, {"post-mortem", "web", "--list"});
  EXPECT_THAT(listed.text, HasSubstr(report::document_name(rollback)));
}

}  // namespace
}  // namespace seraphim::cluster
