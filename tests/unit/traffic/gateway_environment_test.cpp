// What the gateway's environment means, and that a patch changes just that.
#include "traffic/gateway_environment.h"

#include <gtest/gtest.h>

#include "traffic/gateway_scene.h"

namespace seraphim::traffic::testing {
namespace {

GatewayDeployment decoded_gateway(const json& object) {
  return *kubernetes::Resource<GatewayDeployment>::decode(object);
}
GatewayEnvironment read(const Variables& variables) {
  return read_environment(decoded_gateway(gateway(variables)).containers.at(1));
}
json patched(const json& object, const GatewayEnvironment& wanted) {
  return object.patch(environment_patch(decoded_gateway(object), 1, wanted));
}

TEST(GatewayEnvironment, HasTheGatewaysDefaults) {
  EXPECT_EQ(read({}), (GatewayEnvironment{"0", {"custom-text", ""}, {"custom-text", ""}}));
  EXPECT_EQ(read({{"MODEL_NAME", "a"}}), (GatewayEnvironment{"0", {"a", ""}, {"a", ""}}));
  EXPECT_EQ(read({{"MODEL_NAME", "a"}, {"MODEL_NAME_BASELINE", "b"}, {"MODEL_VERSION_BASELINE", "1"}}),
            (GatewayEnvironment{"0", {"b", "1"}, {"b", ""}}));
  EXPECT_EQ(read(kChartVariables),
            (GatewayEnvironment{"10", {"custom-text", "1.0"}, {"custom-text", "2.0"}}));
}

TEST(GatewayEnvironment, TheLastOfTwoCounts) {
  EXPECT_EQ(read({{"CANARY_PERCENT", "5"}, {"CANARY_PERCENT", "7"}}).canary_percent, "7");
}

TEST(GatewayEnvironment, OtherVariablesAreNotKept) {
  const auto container =
      decoded_gateway(gateway({{"API_KEY", "secret"}, {"CANARY_PERCENT", "5"}})).containers.at(1);
  EXPECT_EQ(container.variables.size(), 1u);
  EXPECT_EQ(container.variables.at("CANARY_PERCENT").index, 1u);
}

TEST(GatewayEnvironment, APatchSetsJustWhatDiffers) {
  const json object = gateway();
  auto wanted = read(kChartVariables);
  EXPECT_TRUE(environment_patch(decoded_gateway(object), 1, wanted).empty());
  wanted.canary_percent = "0.2500";
  json expected = object;
  expected["spec"]["template"]["spec"]["containers"][1]["env"][5]["value"] = "0.2500";
  EXPECT_EQ(patched(object, wanted), expected) << "neither a version nor anything else";
}

TEST(GatewayEnvironment, APatchAddsWhatIsMissing) {
  const GatewayEnvironment wanted{"0", {"m", "1"}, {"m", "2"}};
  const Variables cases[] = {{}, {{"OTHER", "x"}}, {{"MODEL_NAME", "m"}, {"MODEL_VERSION_CANDIDATE", ""}}};
  for (const auto& before : cases) {
    const json object = gateway(before);
    const json after = patched(object, wanted);
    EXPECT_EQ(read_environment(decoded_gateway(after).containers.at(1)), wanted) << after;
    for (const auto& [name, value] : before) {
      if (value.empty()) continue;
      EXPECT_EQ(variables_in(after).at(name), value);
    }
    EXPECT_EQ(after["spec"]["template"]["spec"]["containers"][0],
              object["spec"]["template"]["spec"]["containers"][0]);
  }
}

TEST(GatewayEnvironment, APatchHoldsOnlyWhileNothingThatMattersChanged) {
  const json object = gateway();
  auto wanted = read(kChartVariables);
  wanted.canary_percent = "0.5000";
  const json patch = environment_patch(decoded_gateway(object), 1, wanted);

  for (const std::size_t index : {1u, 2u, 3u, 4u, 5u}) {
    json edited = object;
    edited["spec"]["template"]["spec"]["containers"][1]["env"][index]["value"] = "another";
    EXPECT_THROW((void)edited.patch(patch), json::exception) << index;
  }
  json scaled = object;
  scaled["spec"]["replicas"] = 7;
  scaled["metadata"]["resourceVersion"] = "99";
  EXPECT_NO_THROW((void)scaled.patch(patch)) << "the number of pods is an autoscaler's";
  json moved = object;
  std::swap(moved["spec"]["template"]["spec"]["containers"][0],
            moved["spec"]["template"]["spec"]["containers"][1]);
  EXPECT_THROW((void)moved.patch(patch), json::exception);
}

TEST(GatewayEnvironment, WhatCannotBeTestedIsGuardedByTheVersion) {
  const json object = gateway({{"CANARY_PERCENT", "5"}}, 77);
  const json patch = environment_patch(decoded_gateway(object), 1, {"0", {"m", "1"}, {"m", "1"}});
  EXPECT_EQ(patch.back(), json({{"op", "add"}, {"path", "/metadata/resourceVersion"}, {"value", "77"}}));
}

struct Counts {
  std::int64_t observed;
  int existing, updated, ready, outdated, current;
};

TEST(GatewayDeployment, CountsPodsByTheirTemplate) {
  const Counts kCases[] = {
      {2, 2, 2, 2, 0, 2},  // rolled out
      {1, 2, 2, 2, 2, 0},  // the controller has not seen the change yet
      {2, 3, 1, 2, 2, 0},  // the new one is not ready
      {2, 3, 1, 3, 2, 1},  // it is
      {2, 2, 2, 1, 0, 1},  // one of the new ones is not
      {2, 0, 0, 0, 0, 0},
  };
  for (const auto& row : kCases) {
    GatewayDeployment deployment;
    deployment.meta.generation = 2;
    deployment.observed_generation = row.observed;
    deployment.existing = row.existing;
    deployment.updated = row.updated;
    deployment.ready = row.ready;
    EXPECT_EQ(outdated_pods(deployment), row.outdated);
    EXPECT_EQ(current_pods(deployment), row.current);
  }
}

}  // namespace
}  // namespace seraphim::traffic::testing
