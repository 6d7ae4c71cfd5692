// A whole rollout of a model version behind the platform's gateway, with the operator as it runs: a good
// version is promoted, a bad one is taken back, and its model with it.
#include <gtest/gtest.h>

#include "environment.h"
#include "platform_manifests.h"
#include "torch_serve_stand_in.h"
#include "traffic/gateway_environment.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using kubernetes::Resource;
using nlohmann::json;
using namespace std::chrono_literals;

constexpr const char* kDeployment = "seraphim-inference";

class PlatformRollout : public ::testing::Test {
 protected:
  PlatformRollout() {
    torch_serve_.add_version("1.0", 1);
    world_.apply(gateway_service_manifest(world_.name()));
    const auto made =
        world_.client().apply(type(), key(), gateway_manifest(world_.name(), torch_serve_.url()), true);
    if (!made) throw std::runtime_error(made.error().message);
    json route = route_manifest(world_.name(), "web");
    route["spec"]["rules"][0]["backendRefs"] = json::array({{{"name", kDeployment}, {"port", 80}}});
    world_.apply(route);
  }

  static const kubernetes::ResourceType& type() { return Resource<traffic::GatewayDeployment>::type(); }
  kubernetes::ObjectKey key() const { return {world_.name(), kDeployment}; }
  void ask_for(const std::string& version, bool analysis = true) {
    json object = to_json({.namespace_ = world_.name()});
    json& spec = object["spec"];
    spec["workload"] = {
        {"torchServe",
         {{"managementURL", torch_serve_.url()},
          {"model",
           {{"name", "custom-text"}, {"version", version}, {"url", "custom-text-v" + version + ".mar"}}}}}};
    spec["traffic"] = {{"seraphimGateway", {{"settle", "1s"}}}};
    spec["strategy"] = {{"canary", {{"steps", json::array({{{"weight", 25}, {"hold", "3s"}}})}}}};
    spec["analysis"]["prometheus"]["preset"] = "VariantLabel";
    spec["analysis"]["prometheus"]["matchLabels"] = {{"namespace", world_.name()}};
    // As many requests as this test has time for prove little: a coarse tolerance will do.
    spec["analysis"]["errorRate"] = {{"tolerance", "20%"}, {"ceiling", "50%"}};
    if (!analysis) spec.erase("analysis");
    world_.apply(object);
  }
  /// As a person, or a tool, with other values for the gateway.
  void set_models(const std::string& version) {
    must_run({environment().kubectl.string(), "set", "env", "--namespace", world_.name(),
              std::string("deployment/") + kDeployment, "MODEL_VERSION_BASELINE=" + version,
              "MODEL_VERSION_CANDIDATE=" + version});
  }
  bool is_told(const std::string& reason) const {
    const auto events = world_.events();
    return std::any_of(events.begin(), events.end(),
                       [&](const auto& event) { return event.reason == reason; });
  }
  traffic::GatewayEnvironment environment_now() {
    const auto read = world_.client().get(type(), key());
    if (!read) return {};
    return traffic::read_environment(Resource<traffic::GatewayDeployment>::decode(*read)->containers.at(0));
  }

  World world_;
  TorchServeStandIn torch_serve_;
};

TEST_F(PlatformRollout, M4AGoodVersionIsPromotedAndABadOneIsTakenBack) {
  const Operator running(world_);
  ask_for("1.0");
  ASSERT_TRUE(world_.wait_for_phase(Phase::stable, "web", 120s));
  EXPECT_EQ(environment_now(),
            (traffic::GatewayEnvironment{"0", {"custom-text", "1.0"}, {"custom-text", "1.0"}}));

  const Load load(world_, 40);
  ASSERT_TRUE(load.wait_for_good_answers(20));
  load.mark("rollouts");  // the router may have refused the very first requests, before it knew the route
  const std::string first = world_.status().stable_revision;
  ask_for("2.0");
  ASSERT_TRUE(world_.wait_for(
      "2.0 is promoted",
      [&] { return world_.status().observed_generation == 2 && world_.status().stable_revision != first; },
      120s));
  ASSERT_TRUE(world_.wait_for_phase(Phase::stable, "web", 120s));
  EXPECT_EQ(environment_now(),
            (traffic::GatewayEnvironment{"0", {"custom-text", "2.0"}, {"custom-text", "2.0"}}));

  // Somebody's `helm rollback`, or a hand: seen, read afresh, told and put back.
  must_run({environment().kubectl.string(), "set", "env", "--namespace", world_.name(),
            std::string("deployment/") + kDeployment, "CANARY_PERCENT=0.4"});
  ASSERT_TRUE(world_.wait_for("the weight is put back", [&] {
    const auto events = world_.events();
    const bool told = std::any_of(events.begin(), events.end(),
                                  [](const auto& event) { return event.reason == "WeightRestored"; });
    return told && environment_now().canary_percent == "0";
  }));

  const std::string second = world_.status().stable_revision;
  torch_serve_.break_version("3.0");
  ask_for("3.0");
  ASSERT_TRUE(world_.wait_for(
      "3.0 is rolled back",
      [&] {
        const auto status = world_.status();
        return status.last_rollback && status.candidate_revision.empty();
      },
      120s));
  EXPECT_EQ(world_.status().last_rollback->to_revision, second);
  EXPECT_EQ(environment_now(),
            (traffic::GatewayEnvironment{"0", {"custom-text", "2.0"}, {"custom-text", "2.0"}}));
  EXPECT_GT(torch_serve_.predictions("3.0"), 0);
  const json seen = load.status();
  EXPECT_EQ(seen.at("windows").back().value("failed", -1), 0) << seen.dump(1);
}

TEST_F(PlatformRollout, R3AHelmRollbackOfTheGatewayIsFollowedAndAStrangersModelIsPutBack) {
  const traffic::GatewayEnvironment one{"0", {"custom-text", "1.0"}, {"custom-text", "1.0"}};
  const Operator running(world_);
  ask_for("1.0", false);
  ASSERT_TRUE(world_.wait_for_phase(Phase::stable, "web", 120s));
  const std::string first = world_.status().stable_revision;
  ask_for("2.0", false);
  ASSERT_TRUE(world_.wait_for(
      "2.0 is promoted", [&] { return world_.status().stable_revision != first; }, 120s));
  ASSERT_TRUE(world_.wait_for_phase(Phase::stable, "web", 120s));
  const std::string second = world_.status().stable_revision;

  set_models("1.0");  // what kubectl rollout undo brings back
  ASSERT_TRUE(world_.wait_for("it is followed", [&] { return world_.status().stable_revision == first; }));
  ASSERT_TRUE(world_.wait_for_phase(Phase::rolled_back, "web", 60s));
  const auto status = world_.status();
  const auto* condition = api::find_condition(status.conditions, "RolledBack");
  ASSERT_NE(condition, nullptr);
  EXPECT_EQ(condition->reason, "RolledBackOutOfBand");
  EXPECT_EQ(status.last_rollback->from_revision, second);
  EXPECT_EQ(status.last_rollback->to_revision, first);
  EXPECT_TRUE(world_.wait_for("it is told", [&] { return is_told("RolledBack"); }));
  EXPECT_TRUE(world_.wait_for("1.0 has its workers", [&] {
    const auto now = world_.status().conditions;
    return api::find_condition(now, "Ready")->status == api::ConditionStatus::true_;
  }));
  EXPECT_EQ(environment_now(), one) << "nobody fights";
  EXPECT_EQ(world_.status().models_restores, 0);

  set_models("9.9");
  ASSERT_TRUE(world_.wait_for(
      "the unknown model is put back", [&] { return is_told("ModelsRestored") && environment_now() == one; },
      120s));
  EXPECT_EQ(world_.status().stable_revision, first);
  EXPECT_EQ(world_.status().models_restores, 1);
}

}  // namespace
}  // namespace seraphim::cluster
