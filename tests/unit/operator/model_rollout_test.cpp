// From the first model version to the promotion of the second: reconciler, adapters, a TorchServe and an API
// server in memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>

#include "api/codec.h"
#include "kubernetes/hand_clock.h"
#include "operator/memory_server.h"
#include "operator/reconciler.h"
#include "operator/stored_cluster.h"
#include "workload/fake_torch_serve.h"

namespace seraphim::op::testing {
namespace {

using namespace std::chrono_literals;
using kubernetes::ObjectKey;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const ObjectKey kShop{"shop", "web"};
const std::string kObject = "/apis/serving.seraphim.io/v1alpha1/namespaces/shop/seraphimdeployments/web";
const std::string kGateway = "/apis/apps/v1/namespaces/shop/deployments/seraphim-inference";

/// Every pod of the gateway always agrees.
class Settled final : public traffic::GatewayReadings {
 public:
  std::string unsettled(const ObjectKey&, const traffic::GatewayQuestion&) override { return {}; }
  void forget(const ObjectKey&) override {}
};

class ModelRollout : public ::testing::Test, protected StoredCluster {
 protected:
  ModelRollout() {
    server_.add(kObject, json::parse(R"({
        "apiVersion":"serving.seraphim.io/v1alpha1","kind":"SeraphimDeployment",
        "metadata":{"namespace":"shop","name":"web","uid":"owner"},
        "spec":{"workload":{"torchServe":{"managementURL":"http://t:8081",
                    "model":{"name":"text","version":"1.0","url":"v1.mar","initialWorkers":2}}},
                "traffic":{"seraphimGateway":{}},
                "strategy":{"canary":{"steps":[{"weight":50,"hold":"60s"}]}}}})"));
    server_.add(kGateway, json::parse(R"({
        "apiVersion":"apps/v1","kind":"Deployment",
        "metadata":{"namespace":"shop","name":"seraphim-inference","uid":"gateway"},
        "spec":{"replicas":2,"selector":{"matchLabels":{"app":"seraphim-inference"}},
                "template":{"spec":{"containers":[{"name":"app","image":"gateway","env":[
                    {"name":"MODEL_NAME_BASELINE","value":"text"},{"name":"MODEL_VERSION_BASELINE","value":"1.0"},
                    {"name":"CANARY_PERCENT","value":"0"}]}]}}},
        "status":{"observedGeneration":1,"replicas":2,"updatedReplicas":2,"readyReplicas":2,
                  "availableReplicas":2}})"));
    watch<DeploymentObject>(deployments_, kObject);
    gateways_.replace({}, "1");
    watch<traffic::GatewayDeployment>(gateways_, kGateway);
  }
  template <typename T>
  void watch(kubernetes::Store<T>& store, const std::string& path) {
    store.upsert(*kubernetes::Resource<T>::decode(server_.objects.at(path)));
  }
  void reconcile() {
    const auto outcome = reconciler_.reconcile(kShop, {});
    const auto* again = std::get_if<kubernetes::ReconcileAgain>(&outcome);
    EXPECT_EQ(again, nullptr) << again->why;
  }
  std::vector<ObjectKey> ask() { return torch_serves_.watch.step({}); }
  /// What the operator's threads would do.
  void work() {
    for (const auto& order : torch_serves_.orders.take_due(9)) {
      torch_serves_.orders.carry_out(order, {});
      torch_serves_.watch.look_soon(order.what.on);
    }
    (void)ask();
  }
  void run(int rounds = 6) {
    for (int i = 0; i < rounds; ++i) {
      reconcile();
      work();
    }
  }
  void bring_up() {
    reconcile();
    (void)ask();
    run();
    ASSERT_EQ(status().phase, api::Phase::stable) << conditions();
  }
  void deploy(const std::string& version, const std::string& url) {
    json& object = server_.edit(kObject);
    object["metadata"]["generation"] = object["metadata"]["generation"].get<int>() + 1;
    json& model = object["spec"]["workload"]["torchServe"]["model"];
    model["version"] = version;
    model["url"] = url;
    watch<DeploymentObject>(deployments_, kObject);
  }
  api::Status status() { return api::decode_status(server_.objects.at(kObject)["status"]); }
  std::string conditions() {
    std::string text;
    for (const auto& condition : status().conditions)
      text += condition.reason + ": " + condition.message + "\n";
    return text;
  }
  std::string variable(const std::string& name) {
    for (const json& entry :
         server_.objects.at(kGateway)["spec"]["template"]["spec"]["containers"][0]["env"]) {
      if (entry["name"] == name) return entry.value("value", "");
    }
    return "-";
  }

  kubernetes::testing::HandClock clock_;
  kubernetes::testing::FakeTransport transport_;
  MemoryServer server_{transport_};
  kubernetes::ApiClient client_{transport_};
  kubernetes::EventRecorder events_{{}};
  std::shared_ptr<kubernetes::testing::FakeTransport> prometheus_ =
      std::make_shared<kubernetes::testing::FakeTransport>();
  prometheus::MetricsSource source_{[this](const std::string&) { return prometheus_; }};
  MetricsCollector collector_{source_, clock_};
  workload::testing::FakeTorchServe torch_serve_;
  workload::TorchServes torch_serves_{[this](const auto&) { return torch_serve_.transport; }, clock_};
  kubernetes::Store<traffic::GatewayDeployment> gateways_;
  Settled readings_;
  spdlog::logger log_{"test"};  // without a sink
  ClusterView seen() {
    ClusterView view = view_;
    view.gateways = &gateways_;
    view.gateway_readings = &readings_;
    return view;
  }
  Reconciler reconciler_{{.view = seen(),
                          .client = client_,
                          .collector = collector_,
                          .torch_serves = torch_serves_,
                          .events = events_,
                          .clock = clock_,
                          .log = log_}};
};

TEST_F(ModelRollout, NothingIsDecidedBeforeTheServerWasAsked) {
  reconcile();
  EXPECT_THAT(transport_.requests(), IsEmpty()) << "not even a status";
  EXPECT_THAT(ask(), ElementsAre(kShop));
  reconcile();
  EXPECT_EQ(revisions_.size(), 1u);
}

TEST_F(ModelRollout, TheFirstVersionIsRegisteredAndServes) {
  bring_up();
  EXPECT_THAT(torch_serve_.writes(), ElementsAre("POST ?url=v1.mar&initial_workers=2"));
  EXPECT_EQ(torch_serve_.chosen, "1.0");
  const auto asked = transport_.requests().size();
  run();
  EXPECT_EQ(transport_.requests().size(), asked) << "a quiet world is left alone";
  EXPECT_THAT(torch_serve_.writes(), IsEmpty());
}

TEST_F(ModelRollout, TheSecondOneGetsWeightWhenItsWorkerIsReadyAndBecomesTheDefaultAtItsPromotion) {
  bring_up();
  torch_serve_.writes();
  deploy("2.0", "v2.mar");
  reconcile();
  EXPECT_THAT(torch_serve_.writes(), IsEmpty());
  reconcile();
  EXPECT_EQ(variable("CANARY_PERCENT"), "0") << "no worker yet";
  run();
  EXPECT_EQ(variable("CANARY_PERCENT"), "0.5000") << conditions();
  EXPECT_EQ(variable("MODEL_VERSION_CANDIDATE"), "2.0");
  EXPECT_EQ(torch_serve_.versions.at("2.0").ready, 1) << "half of two";
  EXPECT_EQ(torch_serve_.chosen, "1.0") << "not before the promotion";
  clock_.advance(61s);
  run(12);
  EXPECT_EQ(status().phase, api::Phase::stable) << conditions();
  EXPECT_EQ(variable("MODEL_VERSION_BASELINE"), "2.0");
  EXPECT_EQ(torch_serve_.chosen, "2.0");
  EXPECT_EQ(torch_serve_.versions.at("2.0").ready, 2);
  clock_.advance(31s);
  run();
  EXPECT_EQ(torch_serve_.versions.at("1.0").min_workers, 0) << "registered, without workers";
}

TEST_F(ModelRollout, AVersionThatDoesNotStartIsRolledBackAtTheDeadlineAndItsTroubleIsNamed) {
  bring_up();
  deploy("4.0", "bad.mar");
  run();
  EXPECT_THAT(conditions(), HasSubstr("0 of 1 workers of"));
  EXPECT_THAT(conditions(), HasSubstr("Failed to start workers for model text version: 4.0"));
  clock_.advance(601s);
  run();
  ASSERT_TRUE(status().last_rollback) << conditions();
  EXPECT_EQ(status().last_rollback->reason, "ProgressDeadlineExceeded");
  EXPECT_THAT(status().last_rollback->message, HasSubstr("Failed to start workers"));
  clock_.advance(31s);
  torch_serve_.writes();
  run();
  clock_.advance(10min);
  run();
  EXPECT_THAT(torch_serve_.writes(), IsEmpty()) << "it is not tried any more";
}

TEST_F(ModelRollout, ItsOwnMetricsAreAskedForByVersion) {
  bring_up();
  server_.edit(kObject)["spec"]["analysis"] = json::parse(R"({"prometheus":{"address":"http://p:9090"},
      "metrics":[{"name":"queue","value":{"max":"1",
          "query":"q{v='{{candidateVersion}}'} - q{v='{{stableVersion}}'}"}}]})");
  deploy("2.0", "v2.mar");
  run(3);
  (void)collector_.step({});
  std::string asked;
  for (const auto& request : prometheus_->requests()) asked += request.body + "\n";
  EXPECT_THAT(asked, HasSubstr("query=q%7Bv%3D%272.0%27%7D%20-%20q%7Bv%3D%271.0%27%7D&"));
}

TEST_F(ModelRollout, WhatTheServerForgotIsRegisteredAnew) {
  bring_up();
  torch_serve_.versions.clear();
  torch_serve_.chosen.clear();
  clock_.advance(15s);
  EXPECT_THAT(ask(), ElementsAre(kShop));
  run();
  EXPECT_EQ(torch_serve_.versions.at("1.0").ready, 2);
}

}  // namespace
}  // namespace seraphim::op::testing
