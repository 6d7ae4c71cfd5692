// Post-mortems of one object whose revision 3 was rolled back, with an API server and a Prometheus in memory.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>

#include <memory>
#include <string>
#include <vector>

#include "kubernetes/hand_clock.h"
#include "operator/memory_server.h"
#include "operator/post_mortems.h"
#include "operator/stored_cluster.h"

namespace seraphim::op::testing {

inline const kubernetes::ObjectKey kSubject{"shop", "web"};
inline const std::string kMaps = "/api/v1/namespaces/shop/configmaps";
inline const std::string kTheEvents = "/apis/events.k8s.io/v1/namespaces/shop/events";
inline const std::string kFailed = "web-cccccccccc", kServing = "web-bbbbbbbbbb";
inline const std::string kDocument = kFailed + "-rollback-20261124-161633";

class PostMortemsTest : public ::testing::Test, protected StoredCluster {
 protected:
  PostMortemsTest() {
    prometheus_->otherwise([this](const kubernetes::Request&) { return prometheus_answer_; });
    add_revision(2, kServing, "v2", "Healthy");
    add_revision(3, kFailed, "v3", "Failed");
    rolled_back();
    restart();
  }

  void add_revision(int number, const std::string& name, const std::string& version,
                    const std::string& verdict) {
    const json record = {
        {"metadata",
         {{"name", name},
          {"namespace", "shop"},
          {"uid", name},
          {"resourceVersion", "1"},
          {"annotations", {{"serving.seraphim.io/verdict", verdict}}},
          {"ownerReferences",
           json::array({{{"uid", "owner"}, {"controller", true}, {"kind", "SeraphimDeployment"}}})}}},
        {"revision", number},
        {"data",
         {{"workload",
           {{"pods",
             {{"template",
               {{"spec", {{"containers", json::array({{{"name", "m"}, {"image", version}}})}}}}}}}}}}}};
    revisions_.upsert(*kubernetes::Resource<ControllerRevision>::decode(record));
  }

  /// The status after the rollback, a minute before the clock's present.
  void rolled_back() {
    object_ = json::parse(R"({
        "apiVersion":"serving.seraphim.io/v1alpha1","kind":"SeraphimDeployment",
        "metadata":{"namespace":"shop","name":"web","uid":"owner","resourceVersion":"7"},
        "spec":{"workload":{"pods":{"template":{"spec":{"containers":[{"name":"m","image":"v3"}]}}}},
                "traffic":{"replicas":{}},"strategy":{"canary":{"steps":[{"weight":50}]}},
                "analysis":{"prometheus":{"address":"http://p:9090/"}}},
        "status":{"phase":"RolledBack","stableRevision":"web-bbbbbbbbbb",
          "evidence":{"candidateRequests":123,"candidateFailures":25,"baselineRequests":900,"baselineFailures":1,
                      "rollbackEvidence":"140 of 100","promotionEvidence":"1 of 20","lastLook":"2026-11-24T16:16:32Z"},
          "lastRollback":{"fromRevision":"web-cccccccccc","toRevision":"web-bbbbbbbbbb","at":"2026-11-24T16:16:33Z",
                          "reason":"ErrorRateWorseThanStable","message":"candidate 25 of 123 requests failed"}}})");
  }

  /// Another process, that knows nothing but what the API server has.
  void restart() {
    post_mortems_ = std::make_unique<PostMortems>(PostMortems::Parts{
        .view = view_,
        .client = client_,
        .transport_for = [this](const std::string& address) -> std::shared_ptr<kubernetes::Transport> {
          addresses_.push_back(address);
          return prometheus_;
        },
        .events = events_,
        .clock = clock_,
        .log = log_});
    post_mortems_->on_sooner([this] { ++woken_; });
  }
  void change() {
    auto object = kubernetes::Resource<DeploymentObject>::decode(object_);
    ASSERT_TRUE(object.has_value());
    post_mortems_->changed(std::make_shared<const DeploymentObject>(*std::move(object)));
  }
  void step() { EXPECT_TRUE(post_mortems_->step({}).empty()); }
  void change_and_step() {
    change();
    step();
  }

  json& the_map() { return server_.objects.at(kMaps + "/" + kDocument); }
  std::string markdown() { return the_map()["data"]["post-mortem.md"]; }
  void add_event(const std::string& name, const std::string& reason, const std::string& note,
                 const std::string& at, const std::string& uid = "owner") {
    server_.add(kTheEvents + "/" + name, {{"metadata", {{"name", name}}},
                                          {"reason", reason},
                                          {"note", note},
                                          {"eventTime", at},
                                          {"regarding", {{"uid", uid}}}});
  }
  std::vector<std::string> news() {
    const auto requests = transport_.requests();
    std::vector<std::string> lines;
    for (; seen_ < requests.size(); ++seen_)
      lines.push_back(requests[seen_].method + " " +
                      requests[seen_].target.substr(0, requests[seen_].target.find('?')));
    return lines;
  }
  /// What was told as Events since the last time, "reason: note".
  std::vector<std::string> told() {
    kubernetes::testing::FakeTransport transport;
    std::vector<std::string> lines;
    transport.otherwise([&](const kubernetes::Request& request) {
      const json event = json::parse(request.body);
      if (event.contains("reason"))
        lines.push_back(event["reason"].get<std::string>() + ": " + event["note"].get<std::string>());
      return kubernetes::testing::reply(201, request.body);
    });
    kubernetes::ApiClient client(transport);
    events_.hurry();
    events_.flush(client, clock_, {});
    return lines;
  }
  void refuse(const std::string& method, const std::string& path, kubernetes::Response answer) {
    server_.intercept = [=](const kubernetes::Request& request) -> std::optional<kubernetes::Response> {
      if (request.method != method || !request.target.starts_with(path)) return std::nullopt;
      return answer;
    };
  }

  kubernetes::testing::HandClock clock_;
  kubernetes::testing::FakeTransport transport_;
  MemoryServer server_{transport_};
  kubernetes::ApiClient client_{transport_};
  kubernetes::EventRecorder events_{{}};
  spdlog::logger log_{"test"};  // without a sink
  std::shared_ptr<kubernetes::testing::FakeTransport> prometheus_ =
      std::make_shared<kubernetes::testing::FakeTransport>();
  kubernetes::Response prometheus_answer_ =
      kubernetes::testing::ok(R"({"status":"success","data":{"resultType":"matrix","result":[
          {"metric":{"revision":"web-cccccccccc","outcome":"success"},"values":[[1795536990,"6"]]},
          {"metric":{"revision":"web-cccccccccc","outcome":"error"},"values":[[1795536990,"2"]]},
          {"metric":{"revision":"web-bbbbbbbbbb","outcome":"success"},"values":[[1795536990,"30"]]}]}})");
  std::vector<std::string> addresses_;
  json object_;
  std::unique_ptr<PostMortems> post_mortems_;
  std::size_t seen_ = 0;
  int woken_ = 0;
};

}  // namespace seraphim::op::testing
