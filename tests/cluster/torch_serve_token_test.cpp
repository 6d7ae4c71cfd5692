// A TorchServe that asks for a token: it is read from the Secret that the object names, and read again when
// it changes. Nobody is told it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "environment.h"
#include "operator_pod.h"
#include "platform_manifests.h"
#include "torch_serve_stand_in.h"
#include "traffic/gateway_deployment.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

constexpr const char* kSecret = "torchserve-token";
const std::string kFirst = "kFirstToken5e1", kSecond = "kSecondToken9b2";

class TorchServeToken : public ::testing::Test {
 protected:
  TorchServeToken() {
    torch_serve_.add_version("1.0", 1);
    torch_serve_.require_token(kFirst);
    const auto made = world_.client().apply(kubernetes::Resource<traffic::GatewayDeployment>::type(),
                                            {world_.name(), "seraphim-inference"},
                                            gateway_manifest(world_.name(), torch_serve_.url()), true);
    if (!made) throw std::runtime_error(made.error().message);
    // In a pod the chart gives the right; the user of this host gets the same here.
    if (!operators_run_in_pods()) grant();
  }
  void grant() {
    const json meta = {{"name", "torchserve-tokens"}, {"namespace", world_.name()}};
    apply_yaml({{"apiVersion", "rbac.authorization.k8s.io/v1"},
                {"kind", "Role"},
                {"metadata", meta},
                {"rules", json::array({{{"apiGroups", json::array({""})},
                                        {"resources", json::array({"secrets"})},
                                        {"resourceNames", json::array({kSecret})},
                                        {"verbs", json::array({"get"})}}})}});
    apply_yaml(
        {{"apiVersion", "rbac.authorization.k8s.io/v1"},
         {"kind", "RoleBinding"},
         {"metadata", meta},
         {"roleRef",
          {{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "Role"}, {"name", "torchserve-tokens"}}},
         {"subjects", json::array({{{"apiGroup", "rbac.authorization.k8s.io"},
                                    {"kind", "User"},
                                    {"name", "seraphim-operator"}}})}});
  }
  void apply_yaml(const json& object) const {
    must_run({environment().kubectl.string(), "apply", "--server-side", "--filename", "-"}, object.dump());
  }
  void keep(const std::string& token) const {
    apply_yaml({{"apiVersion", "v1"},
                {"kind", "Secret"},
                {"metadata", {{"name", kSecret}, {"namespace", world_.name()}}},
                {"stringData", {{"token", token}}}});
  }
  void deploy(const std::string& version) {
    json object = json::parse(R"({
        "apiVersion": "serving.seraphim.io/v1alpha1", "kind": "SeraphimDeployment", "metadata": {"name": "web"},
        "spec": {"workload": {"torchServe": {"model": {"name": "custom-text"}}},
                 "traffic": {"seraphimGateway": {"settle": "1s"}},
                 "strategy": {"canary": {"steps": [{"weight": 50}], "scaleDownDelay": "3s"}}}})");
    object["metadata"]["namespace"] = world_.name();
    json& server = object["spec"]["workload"]["torchServe"];
    server["managementURL"] = torch_serve_.url();
    server["tokenSecret"] = {{"name", kSecret}, {"overPlainHTTP", true}};
    server["model"]["version"] = version;
    server["model"]["url"] = "custom-text-v" + version + ".mar";
    world_.apply(object);
  }
  bool is_said(const std::string& sentence) {
    for (const auto& condition : world_.status().conditions) {
      if (condition.message.find(sentence) != std::string::npos) return true;
    }
    return false;
  }
  /// All that the operator wrote where people look.
  std::string told(const Operator& running) {
    std::string all = running.log() + world_.describe();
    all += must_run({environment().kubectl.string(), "get", "--namespace", world_.name(), "--output", "json",
                     "seraphimdeployments,controllerrevisions,events,events.events.k8s.io"});
    return all;
  }

  World world_;
  TorchServeStandIn torch_serve_;
};

TEST_F(TorchServeToken, IsReadFromItsSecretAndAgainWhenItChanges) {
  const Operator running(world_, {.chart_values = std::string("torchServe.tokenSecrets={") + kSecret + "}"});
  deploy("1.0");
  ASSERT_TRUE(world_.wait_for("it is said that there is no Secret", [&] {
    return is_said("Secret " + world_.name() + "/" + kSecret + " does not exist: create it");
  }));
  EXPECT_EQ(torch_serve_.refused(), 0) << "nothing is sent without a token";
  keep(kFirst);
  ASSERT_TRUE(world_.wait_for_phase(Phase::stable, "web", 120s));
  const auto first = world_.status().stable_revision;

  keep(kSecond);
  torch_serve_.require_token(kSecond);
  deploy("2.0");
  ASSERT_TRUE(world_.wait_for(
      "2.0 is promoted",
      [&] { return world_.status().phase == Phase::stable && world_.status().stable_revision != first; },
      180s));
  EXPECT_GE(torch_serve_.refused(), 1) << "the old token was tried once more";
  EXPECT_EQ(torch_serve_.workers("2.0"), 1);
  const std::string everything = told(running);
  for (const auto& token : {kFirst, kSecond}) EXPECT_THAT(everything, Not(HasSubstr(token)));
  EXPECT_THAT(everything, HasSubstr(kSecret)) << "the Secret's name is told, so this is where to look";
}

}  // namespace
}  // namespace seraphim::cluster
