// The operator, the platform's gateway (a stand-in) and a real TorchServe: model versions instead of pods.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "environment.h"
#include "kubernetes/transport_cpprest.h"
#include "platform_manifests.h"
#include "torch_serve_process.h"
#include "traffic/gateway_deployment.h"
#include "workload/torch_serve_client.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

class ModelVersions : public ::testing::Test {
 protected:
  ModelVersions() {
    const auto made = world_.client().apply(kubernetes::Resource<traffic::GatewayDeployment>::type(),
                                            {world_.name(), "seraphim-inference"},
                                            gateway_manifest(world_.name(), torch_serve_.inference()), true);
    if (!made) throw std::runtime_error(made.error().message);
  }
  void deploy(const std::string& version, const std::string& archive) {
    nlohmann::json object = nlohmann::json::parse(R"({
        "apiVersion": "serving.seraphim.io/v1alpha1", "kind": "SeraphimDeployment", "metadata": {"name": "web"},
        "spec": {"workload": {"torchServe": {"progressDeadlineSeconds": 20,
                                             "model": {"name": "custom-text", "initialWorkers": 2}}},
                 "traffic": {"seraphimGateway": {"settle": "1s"}},
                 "strategy": {"canary": {"steps": [{"weight": 50, "hold": "3s"}], "scaleDownDelay": "3s"}}}})");
    object["metadata"]["namespace"] = world_.name();
    nlohmann::json& server = object["spec"]["workload"]["torchServe"];
    server["managementURL"] = torch_serve_.management();
    server["model"]["version"] = version;
    server["model"]["url"] = archive;
    world_.apply(object);
  }
  /// READY workers; -1 when the version is not registered.
  int ready(const std::string& version) {
    const auto versions = client_.versions("custom-text", {}).value_or(std::vector<workload::ModelVersion>{});
    for (const auto& one : versions) {
      if (one.version == version) return one.ready();
    }
    return -1;
  }
  std::string default_version() { return client_.default_version("custom-text", {}).value_or("?"); }

  World world_;
  TorchServeProcess torch_serve_{TorchServeProcess::Reach::pods};
  std::unique_ptr<kubernetes::Transport> transport_ =
      kubernetes::make_cpprest_transport({torch_serve_.management()}, nullptr, {});
  workload::TorchServeClient client_{*transport_, torch_serve_.management()};
};

TEST_F(ModelVersions, M3M4AGoodOneIsPromotedAndOneThatDoesNotStartIsRolledBack) {
  const Operator running(world_);
  deploy("1.0", "text-v1.mar");
  ASSERT_TRUE(world_.wait_for_phase(Phase::stable, "web", 120s));
  const auto first = world_.status().stable_revision;
  EXPECT_EQ(ready("1.0"), 2);
  EXPECT_EQ(default_version(), "1.0");

  deploy("2.0", "text-v2.mar");
  const auto has_its_weight = [&] { return world_.status().weight.applied == api::Percent::whole(50); };
  ASSERT_TRUE(world_.wait_for("2.0 has its weight", has_its_weight, 120s));
  EXPECT_GE(ready("2.0"), 1) << "READY before the weight";
  EXPECT_EQ(default_version(), "1.0");
  const auto is_promoted = [&] {
    return world_.status().phase == Phase::stable && world_.status().stable_revision != first;
  };
  ASSERT_TRUE(world_.wait_for("2.0 is promoted", is_promoted, 180s));
  const auto second = world_.status().stable_revision;
  EXPECT_TRUE(world_.wait_for(
      "1.0 has no workers", [&] { return ready("1.0") == 0; }, 60s));
  EXPECT_EQ(ready("2.0"), 2);
  EXPECT_EQ(default_version(), "2.0");

  deploy("4.0", "broken.mar");
  const auto is_rolled_back = [&] { return world_.status().last_rollback.has_value(); };
  ASSERT_TRUE(world_.wait_for("4.0 is rolled back", is_rolled_back, 90s));
  EXPECT_EQ(world_.status().last_rollback->reason, "ProgressDeadlineExceeded");
  EXPECT_THAT(world_.status().last_rollback->message, HasSubstr("Failed to start workers"));
  EXPECT_EQ(world_.status().stable_revision, second);
  EXPECT_EQ(default_version(), "2.0");
  EXPECT_EQ(ready("2.0"), 2);
}

}  // namespace
}  // namespace seraphim::cluster
