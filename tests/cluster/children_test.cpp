// Children that are made, refused and deleted: what the operator owns, and what it leaves alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "environment.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using nlohmann::json;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

bool told(const World& world, const std::string& words) {
  const auto events = world.events();
  return std::any_of(events.begin(), events.end(),
                     [&](const auto& event) { return event.note.find(words) != std::string::npos; });
}

std::string delete_with_kubectl(const World& world, const std::vector<std::string>& what) {
  std::vector<std::string> command{environment().kubectl.string(), "delete", "--namespace", world.name()};
  command.insert(command.end(), what.begin(), what.end());
  return must_run(command);
}

TEST(Children, OrphansOfANamesakeAreNamedAndNotTakenOver) {
  World world;
  world.apply_route();
  const Operator running(world);
  const DeploymentManifest manifest{.model = {.version = "v1"}, .analysis = false};
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  const std::string revision = world.status().stable_revision;
  delete_with_kubectl(world, {"seraphimdeployment", "web", "--cascade=orphan"});
  // Without its label it is in no watch of the operator's: that it is there is seen by the refusal alone.
  must_run({environment().kubectl.string(), "label", "--namespace", world.name(), "replicaset", revision,
            std::string(api::kLabelName) + "-"});
  world.apply(manifest);  // the same revision: its children have the same names
  for (const auto& [kind, plural] : std::vector<std::pair<std::string, std::string>>{
           {"ControllerRevision", "controllerrevisions"}, {"ReplicaSet", "replicasets"}}) {
    const std::string name = kind + " " + world.name() + "/" + revision;
    ASSERT_TRUE(world.wait_for("the " + kind + " is refused", [&] {
      return told(world, name + " exists and is not controlled by this SeraphimDeployment");
    }));
    delete_with_kubectl(world, {plural, revision});
  }
  delete_with_kubectl(world, {"services", "web-stable", "web-candidate"});
  EXPECT_TRUE(world.wait_for_phase(Phase::stable, "web", 90s));
}

TEST(Children, RecordsBeyondTheHistoryLimitGoWithTheirPods) {
  World world;
  world.apply_route();
  const Operator running(world);
  DeploymentManifest manifest{.namespace_ = world.name(), .steps = {{{"weight", 50}}}, .analysis = false};
  std::string first;
  for (const char* version : {"v1", "v2", "v3", "v4"}) {
    manifest.model.version = version;
    json object = to_json(manifest);
    object["spec"]["revisionHistoryLimit"] = 1;
    object["spec"]["strategy"]["canary"]["scaleDownDelay"] = "1s";
    const std::string before = world.status().stable_revision;
    world.apply(object);
    ASSERT_TRUE(world.wait_for(std::string(version) + " is stable", [&] {
      return world.status().phase == Phase::stable && world.status().stable_revision != before;
    }));
    if (first.empty()) first = world.status().stable_revision;
  }
  EXPECT_TRUE(world.wait_for("the first one's record and ReplicaSet are gone", [&] {
    return world.revisions().front().name != first && !world.view().replica_sets.get({world.name(), first});
  }));
  EXPECT_EQ(world.revisions().back().number, 4) << "numbers go on";
}

TEST(Children, ARouteOfTheOperatorsOwnCarriesTheTraffic) {
  World world;
  const Operator running(world);
  DeploymentManifest manifest{
      .model = {.version = "v1"},
      .steps = {{{"weight", 50}, {"hold", "2s"}}},
      .traffic = {{"gatewayAPI",
                   {{"parentRefs", json::array({{{"name", environment().gateway},
                                                 {"namespace", environment().gateway_namespace}}})},
                    {"hostnames", json::array({world.name() + ".test"})}}}},
      .analysis = false};
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  const Load load(world, 50);
  ASSERT_TRUE(load.wait_for_good_answers(50));
  load.mark("canary");  // the router may have refused the very first requests, before it knew the route
  const std::string first = world.status().stable_revision;
  manifest.model.version = "v2";
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for("v2 is stable", [&] {
    return world.status().phase == Phase::stable && world.status().stable_revision != first;
  }));
  EXPECT_EQ(candidate_weights(world), (std::vector<std::int64_t>{0, 50, 100, 0}));
  EXPECT_EQ(load.status().at("windows").back().value("failed", -1), 0);
}

}  // namespace
}  // namespace seraphim::cluster
