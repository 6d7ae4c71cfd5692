// A SeraphimDeployment, its operator, and an API server in memory that they meet at.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>

#include <string>
#include <variant>
#include <vector>

#include "api/codec.h"
#include "kubernetes/hand_clock.h"
#include "operator/memory_server.h"
#include "operator/reconciler.h"
#include "operator/stored_cluster.h"
#include "workload/fake_torch_serve.h"

namespace seraphim::op::testing {

using kubernetes::ObjectKey;
using kubernetes::ReconcileAgain;
using kubernetes::ReconcileDone;

inline const ObjectKey kWeb{"shop", "web"};
inline const std::string kOne = "/apis/serving.seraphim.io/v1alpha1/namespaces/shop/seraphimdeployments/web";
inline const std::string kRecords = "/apis/apps/v1/namespaces/shop/controllerrevisions";
inline const std::string kSets = "/apis/apps/v1/namespaces/shop/replicasets";
inline const std::string kServices = "/api/v1/namespaces/shop/services";

class ReconcilerTest : public ::testing::Test, protected StoredCluster {
 protected:
  ReconcilerTest() {
    server_.add(kOne, json::parse(R"({
        "apiVersion":"serving.seraphim.io/v1alpha1","kind":"SeraphimDeployment",
        "metadata":{"namespace":"shop","name":"web","uid":"owner"},
        "spec":{"workload":{"pods":{"replicas":2,"template":{"spec":{"containers":[{"name":"m"}]}}}},
                "traffic":{"replicas":{}},
                "strategy":{"canary":{"steps":[{"weight":50,"hold":"60s"}]}}}})"));
    watch<DeploymentObject>(deployments_, kOne);
  }

  /// What a watch would bring.
  template <typename T>
  void watch(kubernetes::Store<T>& store, const std::string& path) {
    store.upsert(*kubernetes::Resource<T>::decode(server_.objects.at(path)));
  }
  json& edit_object() {
    json& object = server_.edit(kOne);
    object["metadata"]["generation"] = object["metadata"]["generation"].get<int>() + 1;
    return object;
  }
  /// The kubelets have done their work.
  void pods_come_up() {
    for (const auto& set : replica_sets_.list()) {
      const std::string path = kSets + "/" + set->meta.key.name;
      json& object = server_.edit(path);
      const json replicas = object["spec"]["replicas"];
      object["status"] = {
          {"replicas", replicas}, {"readyReplicas", replicas}, {"availableReplicas", replicas}};
      watch<workload::ReplicaSet>(replica_sets_, path);
    }
  }
  void bring_up() {
    reconcile();
    pods_come_up();
    for (int looks = 0; looks < 5 && status().phase != api::Phase::stable; ++looks) reconcile();
    ASSERT_EQ(status().phase, api::Phase::stable);
    news();
  }

  kubernetes::ReconcileOutcome reconcile() { return reconciler_.reconcile(kWeb, {}); }
  api::Status status() { return api::decode_status(server_.objects.at(kOne)["status"]); }
  std::string condition_text() {
    std::string text;
    for (const auto& condition : status().conditions)
      text += condition.reason + ": " + condition.message + "\n";
    return text;
  }
  /// Requests since the last question: "POST /api/...".
  std::vector<std::string> news() {
    const auto requests = transport_.requests();
    std::vector<std::string> lines;
    for (; seen_ < requests.size(); ++seen_) {
      const auto& request = requests[seen_];
      lines.push_back(request.method + " " + request.target.substr(0, request.target.find('?')));
    }
    return lines;
  }
  kubernetes::Request last_request() { return transport_.requests().back(); }
  /// What was told, one line for each Event: "reason: note".
  std::vector<std::string> events() {
    kubernetes::testing::FakeTransport transport;
    std::vector<std::string> lines;
    transport.otherwise([&](const kubernetes::Request& request) {
      const json event = json::parse(request.body);
      lines.push_back(event["reason"].get<std::string>() + ": " + event["note"].get<std::string>());
      return kubernetes::testing::reply(201, request.body);
    });
    kubernetes::ApiClient client(transport);
    events_.hurry();
    events_.flush(client, clock_, {});
    return lines;
  }
  void refuse_replica_sets(int http, const std::string& reason, const std::string& message) {
    server_.intercept = [=](const kubernetes::Request& request) -> std::optional<kubernetes::Response> {
      if (request.method != "POST" || !request.target.starts_with(kSets)) return std::nullopt;
      return kubernetes::testing::refuse(http, reason, message);
    };
  }

  kubernetes::testing::HandClock clock_;
  kubernetes::testing::FakeTransport transport_;
  MemoryServer server_{transport_};
  kubernetes::ApiClient client_{transport_};
  kubernetes::EventRecorder events_{{}};
  prometheus::MetricsSource source_{[](const std::string&) { return nullptr; }};
  MetricsCollector collector_{source_, clock_};
  workload::testing::FakeTorchServe torch_serve_;
  workload::TorchServes torch_serves_{[this](const auto&) { return torch_serve_.transport; }, clock_};
  spdlog::logger log_{"test"};  // without a sink
  std::vector<std::string> story_;
  std::function<void(const ObjectKey&, const rollout::Narrative&)> listener_{};  ///< hears the story too
  Reconciler reconciler_{{.view = view_,
                          .client = client_,
                          .collector = collector_,
                          .torch_serves = torch_serves_,
                          .events = events_,
                          .clock = clock_,
                          .log = log_,
                          .on_story = [this](const ObjectKey& key, const rollout::Narrative& line) {
                            story_.push_back(line.reason);
                            if (listener_) listener_(key, line);
                          }}};
  std::size_t seen_ = 0;
};

}  // namespace seraphim::op::testing
