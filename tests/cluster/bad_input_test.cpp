// Wrong input gives one clear message, and no change of traffic.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <vector>

#include "environment.h"
#include "kubernetes/misbehaving_server.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using nlohmann::json;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

Output kubectl_apply(const json& object) {
  return run({environment().kubectl.string(), "--kubeconfig", environment().admin_kubeconfig.string(),
              "apply", "--dry-run=server", "--filename", "-"},
             object.dump());
}

struct Refusal {
  const char* name;
  std::function<void(json& spec)> spoil;
  const char* sentence;  ///< part of the API server's answer
};

void PrintTo(const Refusal& refusal, std::ostream* out) {
  *out << refusal.name;
}

json& canary(json& spec) {
  return spec["strategy"]["canary"];
}

const std::vector<Refusal> kRefusals{
    {"UnknownField", [](json& spec) { spec["stratgey"] = json::object(); },
     "unknown field \"spec.stratgey\""},
    {"WeightZero", [](json& spec) { canary(spec)["steps"][0]["weight"] = 0; }, "write"},
    {"Weight101", [](json& spec) { canary(spec)["steps"][0]["weight"] = 101; }, "write"},
    {"DescendingSteps",
     [](json& spec) {
       canary(spec)["steps"] = {{{"weight", 50}}, {{"weight", 20}}};
     },
     "write"},
    {"TwoWorkloads",
     [](json& spec) {
       spec["workload"]["torchServe"] = {{"managementURL", "http://ts:8081"},
                                         {"model", {{"name", "m"}, {"version", "1"}, {"url", "m.mar"}}}};
     },
     "write"},
    {"NoWorkload", [](json& spec) { spec["workload"] = json::object(); }, "write"},
    {"UnparsableDuration", [](json& spec) { canary(spec)["steps"][0]["hold"] = "five minutes"; }, "write"},
    {"MissingPrometheusAddress", [](json& spec) { spec["analysis"]["prometheus"] = json::object(); },
     "address"},
    {"TwoTrafficProviders", [](json& spec) { spec["traffic"]["replicas"] = json::object(); }, "write"},
};

class Refused : public ::testing::TestWithParam<Refusal> {};

TEST_P(Refused, ByTheApiServerWithASentence) {
  const World world;
  json object = to_json({.namespace_ = world.name()});
  GetParam().spoil(object["spec"]);
  const auto output = kubectl_apply(object);
  EXPECT_NE(output.code, 0) << output.text;
  EXPECT_THAT(output.text, HasSubstr(GetParam().sentence));
}

INSTANTIATE_TEST_SUITE_P(Manifest, Refused, ::testing::ValuesIn(kRefusals),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(BadInput, AGoodManifestIsAccepted) {
  const World world;
  const auto output = kubectl_apply(to_json({.namespace_ = world.name()}));
  EXPECT_EQ(output.code, 0) << output.text;
}

const api::Condition* condition(const api::Status& status, const std::string& type) {
  return api::find_condition(status.conditions, type);
}

TEST(BadInput, ARouteThatDoesNotExistIsNamedAndWaitedFor) {
  World world;
  const Operator running(world);
  world.apply(DeploymentManifest{.analysis = false});
  ASSERT_TRUE(world.wait_for("the condition says so", [&] {
    const auto* ready = condition(world.status(), "TrafficReady");
    return ready != nullptr && ready->status == api::ConditionStatus::false_ &&
           ready->reason == "RouteNotFound";
  }));
  EXPECT_THAT(condition(world.deployment().status, "TrafficReady")->message,
              HasSubstr("HTTPRoute web does not exist"));
  world.apply_route();
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
}

TEST(BadInput, ARouteWithoutTheServicesIsNotTouched) {
  World world;
  auto route = route_manifest(world.name(), "web");
  route["spec"]["rules"][0]["backendRefs"] = {{{"name", "other"}, {"port", 80}}};
  world.apply(route);
  const Operator running(world);
  world.apply(DeploymentManifest{.analysis = false});
  ASSERT_TRUE(world.wait_for("the condition says so", [&] {
    const auto* ready = condition(world.status(), "TrafficReady");
    return ready != nullptr && ready->reason == "BackendsMissing";
  }));
  const auto seen = world.view().http_routes->get({world.name(), "web"});
  EXPECT_EQ(seen->rules.at(0).at(0).name, "other");
  EXPECT_EQ(seen->rules.at(0).at(0).weight, 1);
}

TEST(BadInput, AServiceOfSomebodyElseIsNotTakenOver) {
  World world;
  world.apply_route();
  world.apply({{"apiVersion", "v1"},
               {"kind", "Service"},
               {"metadata", {{"name", "web-stable"}, {"namespace", world.name()}}},
               {"spec", {{"selector", {{"app", "mine"}}}, {"ports", json::array({{{"port", 8080}}})}}}});
  const Operator running(world);
  world.apply(DeploymentManifest{.analysis = false});
  ASSERT_TRUE(world.wait_for("an Event says so", [&] {
    for (const auto& event : world.events()) {
      if (event.note.find("web-stable exists and is not controlled by this SeraphimDeployment") !=
          std::string::npos)
        return true;
    }
    return false;
  }));
  const auto service =
      world.client().get(kubernetes::Resource<traffic::Service>::type(), {world.name(), "web-stable"});
  ASSERT_TRUE(service);
  EXPECT_EQ((*service)["spec"]["selector"], (json{{"app", "mine"}}));
}

TEST(BadInput, ATemplateThatTheApiServerRefusesFailsByItsDeadline) {
  World world;
  world.apply_route();
  const Operator running(world);
  world.apply(DeploymentManifest{.model = {.version = "v1"}, .analysis = false});
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  DeploymentManifest bad{.model = {.version = "v2"}, .progress_deadline_seconds = 5, .analysis = false};
  bad.namespace_ = world.name();
  auto object = to_json(bad);
  object["spec"]["workload"]["pods"]["template"]["spec"]["containers"][0]["volumeMounts"] = {
      {{"name", "nowhere"}, {"mountPath", "/x"}}};
  world.apply(object);
  ASSERT_TRUE(world.wait_for_phase(Phase::rolled_back));
  EXPECT_THAT(world.status().last_rollback->message, HasSubstr("nowhere"));
  EXPECT_EQ(world.weights().back().candidate, 0);
}

// ---- a Prometheus that answers wrongly, or not at all

using kubernetes::testing::Connection;
using kubernetes::testing::MisbehavingServer;

struct WrongAnswer {
  const char* name;
  int status;
  const char* body;
};

void PrintTo(const WrongAnswer& answer, std::ostream* out) {
  *out << answer.name;
}

const std::vector<WrongAnswer> kWrongAnswers{
    {"Http500", 500, R"({"status":"error","errorType":"internal","error":"out of cheese"})"},
    {"Garbage", 200, "<html>hello</html>"},
    {"NotANumber", 200,
     R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{"namespace":"x"},"values":[[1,"NaN"]]}]}})"},
    {"Nothing", 200, R"({"status":"success","data":{"resultType":"matrix","result":[]}})"},
};

class WrongPrometheus : public ::testing::TestWithParam<WrongAnswer> {};

TEST_P(WrongPrometheus, HoldsAndSaysSoButNeverMovesTraffic) {
  MisbehavingServer server({.address = environment().host_for_pods}, [](Connection& connection) {
    while (connection.read_request()) {
      connection.respond(GetParam().status, GetParam().body);
      connection.signal_server();
    }
  });
  World world;
  world.apply_route();
  const Operator running(world);
  DeploymentManifest manifest{.model = {.version = "v1"},
                              .steps = {{{"weight", 20}, {"hold", "1s"}}, {{"weight", 50}}},
                              .prometheus = server.url()};
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
  manifest.model.version = "v2";
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for("the condition says so", [&] {
    const auto* available = condition(world.status(), "MetricsAvailable");
    return available != nullptr && available->status == api::ConditionStatus::false_;
  }));
  // A server that cannot be asked holds back even the first step; one that merely knows nothing holds at it.
  const auto weight = world.weights().back().candidate;
  EXPECT_LE(weight, 20);
  ASSERT_TRUE(server.wait_for_signals(static_cast<int>(server.seen().size()) + 4));
  EXPECT_EQ(world.weights().back().candidate, weight);
  EXPECT_LE(world.status().step, 1);
  EXPECT_TRUE(world.status().last_rollback == std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Answer, WrongPrometheus, ::testing::ValuesIn(kWrongAnswers),
                         [](const auto& test) { return std::string(test.param.name); });

// ---- the operator's own start

TEST(BadInput, AKubeconfigWithAMissingCertificateEndsTheOperatorWithTheReason) {
  const World world;
  const auto file = environment().artifacts / "broken.kubeconfig";
  std::ofstream(file) << R"(apiVersion: v1
kind: Config
current-context: c
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1", certificate-authority: no-such-file.crt}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
users: [{name: u, user: {token: abc}}]
)";
  const auto output = run({environment().operator_binary.string(), "--kubeconfig", file.string()});
  EXPECT_EQ(output.code, 2);
  EXPECT_THAT(output.text, HasSubstr("no-such-file.crt"));
  EXPECT_THAT(output.text, HasSubstr("certificate-authority"));
}

TEST(BadInput, AnUnknownFlagIsAnErrorThatNamesIt) {
  const auto output = run({environment().operator_binary.string(), "--wokers", "3"});
  EXPECT_NE(output.code, 0);
  EXPECT_THAT(output.text, HasSubstr("--wokers"));
}

}  // namespace
}  // namespace seraphim::cluster
