// The platform's gateway (a stand-in with its interface) in front of a TorchServe: a weight is what every pod
// reports, and forced traffic is out of reach when it is 0.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>

#include "environment.h"
#include "kubernetes/transport_cpprest.h"
#include "operator/gateway_reader.h"
#include "operator/poll_runner.h"
#include "torch_serve_stand_in.h"
#include "traffic/seraphim_gateway.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Percent;
using kubernetes::Resource;
using nlohmann::json;
using rollout::Slot;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using traffic::GatewayDeployment;
using namespace std::chrono_literals;

json variable(const std::string& name, const std::string& value) {
  return {{"name", name}, {"value", value}};
}

/// As the platform's chart renders it, but for the image and quicker probes.
json gateway_manifest(const std::string& namespace_, const std::string& torch_serve) {
  const json labels = {{"app", "seraphim-inference"}};
  const json probe = {
      {"httpGet", {{"path", "/healthz"}, {"port", 8080}}}, {"periodSeconds", 1}, {"timeoutSeconds", 5}};
  const json environment_of_pod =
      json::array({variable("TS_URL", torch_serve), variable("MODEL_NAME_BASELINE", "custom-text"),
                   variable("MODEL_VERSION_BASELINE", "1.0"), variable("MODEL_NAME_CANDIDATE", "custom-text"),
                   variable("MODEL_VERSION_CANDIDATE", "1.0"), variable("CANARY_PERCENT", "0"),
                   variable("TS_TIMEOUT_MS", "5000")});
  const json container = {{"name", "app"},
                          {"image", environment().gateway_image},
                          {"imagePullPolicy", "Never"},
                          {"env", environment_of_pod},
                          {"ports", json::array({{{"containerPort", 8080}}})},
                          {"readinessProbe", probe}};
  return {{"apiVersion", "apps/v1"},
          {"kind", "Deployment"},
          {"metadata", {{"name", "seraphim-inference"}, {"namespace", namespace_}, {"labels", labels}}},
          {"spec",
           {{"replicas", 2},
            {"selector", {{"matchLabels", labels}}},
            {"template",
             {{"metadata", {{"labels", labels}}},
              {"spec", {{"terminationGracePeriodSeconds", 2}, {"containers", json::array({container})}}}}}}}};
}

std::shared_ptr<kubernetes::Transport> transport_to(const std::string& url) {
  return kubernetes::make_cpprest_transport({url}, nullptr, {});
}

class PlatformGateway : public ::testing::Test {
 protected:
  PlatformGateway() {
    object_.namespace_ = world_.name();
    object_.name = "web";
    object_.spec.workload = model("2.0");
    object_.spec.traffic = api::SeraphimGatewayTraffic{.settle = 1s};
    for (const char* version : {"1.0", "2.0"}) {
      api::Revision revision;
      revision.number = static_cast<std::int64_t>(revisions_.size()) + 1;
      revision.name = "web-" + std::to_string(revision.number);
      revision.workload = model(version);
      revisions_.push_back(revision);
    }
    gateways_.store().on_change([this](const auto&, const auto&) { changed_.notify_all(); });
    gateways_.start();
    runner_.start();
    const auto& type = Resource<GatewayDeployment>::type();
    const auto made =
        world_.client().apply(type, kKey, gateway_manifest(world_.name(), torch_serve_.url()), true);
    if (!made) throw std::runtime_error(made.error().message);
  }
  ~PlatformGateway() override {
    runner_.stop();
    gateways_.stop();
  }

  static api::TorchServeWorkload model(const std::string& version) {
    api::TorchServeWorkload model;
    model.management_url = "http://torchserve:8081";
    model.model_name = "custom-text";
    model.model_version = version;
    return model;
  }
  rollout::TrafficState look() { return adapter_.observe(object_, workers_); }
  ::testing::AssertionResult wait_until(const std::function<bool(const rollout::TrafficState&)>& condition,
                                        std::chrono::seconds limit = 90s) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    std::mutex mutex;
    std::unique_lock lock(mutex);
    while (std::chrono::steady_clock::now() < deadline) {
      if (condition(look())) return ::testing::AssertionSuccess();
      changed_.wait_for(lock, 200ms);
    }
    const auto state = look();
    return ::testing::AssertionFailure()
           << "not in time: " << state.unsettled << " " << (state.problem ? state.problem->message : "");
  }
  ::testing::AssertionResult wait_until_settled() {
    return wait_until([](const auto& state) { return !state.problem && state.unsettled.empty(); });
  }
  std::vector<std::string> addresses() {
    std::vector<std::string> addresses;
    const auto pods =
        world_.client().list(Resource<workload::Pod>::type(), world_.name(), "app=seraphim-inference", 10);
    if (!pods) return addresses;
    for (const auto& pod : (*pods)["items"]) {
      if (!pod["metadata"].contains("deletionTimestamp"))
        addresses.push_back("http://" + pod["status"].value("podIP", "") + ":8080");
    }
    return addresses;
  }
  std::vector<std::string> reported() {
    std::vector<std::string> values;
    for (const auto& address : addresses()) {
      const auto answer = transport_to(address)->call({.target = "/observability/config"}, 5s, {});
      values.push_back(answer.ok()
                           ? json::parse(answer.body)["environment"]["canary_percent"].get<std::string>()
                           : answer.status.detail);
    }
    return values;
  }
  /// How many of these requests each version answered.
  std::map<std::string, int> predict(int count) {
    std::map<std::string, int> versions;
    const auto pods = addresses();
    for (int i = 0; i < count; ++i) {
      const auto answer = transport_to(pods.at(static_cast<std::size_t>(i) % pods.size()))
                              ->call({.method = "POST",
                                      .target = "/predict",
                                      .content_type = "application/json",
                                      .body = R"({"text": "hello"})"},
                                     10s, {});
      ++versions[answer.ok() ? json::parse(answer.body).value("model_version", "") : answer.status.detail];
    }
    return versions;
  }

  World world_;
  TorchServeStandIn torch_serve_;
  const kubernetes::ObjectKey kKey{world_.name(), "seraphim-inference"};
  api::SeraphimDeployment object_;
  std::vector<api::Revision> revisions_;
  std::vector<rollout::WorkloadState> workers_;
  std::condition_variable changed_;
  kubernetes::Informer<GatewayDeployment> gateways_{world_.transport(),
                                                    {.namespace_ = world_.name()},
                                                    kubernetes::system_clock(),
                                                    kubernetes::system_random(),
                                                    [](const std::string&) {}};
  op::GatewayReader reader_{world_.client(), transport_to, kubernetes::system_clock()};
  kubernetes::WorkQueue queue_;
  op::PollRunner<op::GatewayReader> runner_{reader_, queue_, kubernetes::system_clock()};
  traffic::SeraphimGateway adapter_{gateways_.store(), reader_, [this](const auto&) { return revisions_; },
                                    world_.client()};
};

TEST_F(PlatformGateway, E5C1AWeightIsWhatEveryPodReports) {
  ASSERT_TRUE(wait_until_settled());
  EXPECT_EQ(look().stable->revision, "web-1");
  EXPECT_EQ(look().candidate_weight, Percent::whole(0));

  ASSERT_TRUE(adapter_.point_backend(object_, {Slot::candidate, "web-2"}, {}).has_value());
  ASSERT_TRUE(adapter_.set_weight(object_, {Percent::whole(25), "web-1", "web-2"}, {}).has_value());
  EXPECT_NE(look().unsettled, "") << "the old pods still run";
  ASSERT_TRUE(wait_until_settled());
  EXPECT_THAT(reported(), SizeIs(2));
  EXPECT_THAT(reported(), Each(std::string("0.2500")));
  const auto versions = predict(80);
  EXPECT_GT(versions.at("1.0"), 40);
  EXPECT_GT(versions.at("2.0"), 4);
  EXPECT_EQ(torch_serve_.predictions("2.0"), versions.at("2.0"));

  ASSERT_TRUE(adapter_.set_weight(object_, {Percent::whole(0), "web-1", "web-2"}, {}).has_value());
  ASSERT_TRUE(wait_until_settled());
  EXPECT_THAT(reported(), Each(std::string("0")));
  EXPECT_EQ(predict(20), (std::map<std::string, int>{{"1.0", 20}}));
  EXPECT_EQ(look().candidate->revision, "web-1") << "a forced request finds the stable version too";
}

TEST_F(PlatformGateway, AChangeByHelmIsSeenAndPutBack) {
  ASSERT_TRUE(wait_until_settled());
  const auto edited = world_.client().json_patch(
      Resource<GatewayDeployment>::type(), kKey,
      json::array(
          {{{"op", "replace"}, {"path", "/spec/template/spec/containers/0/env/5/value"}, {"value", "10"}}}));
  ASSERT_TRUE(edited.has_value()) << edited.error().message;
  ASSERT_TRUE(wait_until([](const auto& state) { return state.candidate_weight == Percent::whole(10); }));
  ASSERT_TRUE(adapter_.set_weight(object_, {Percent::whole(0), "web-1", "web-1"}, {}).has_value());
  ASSERT_TRUE(wait_until_settled());
  EXPECT_THAT(reported(), Each(std::string("0")));
}

TEST_F(PlatformGateway, APodWithoutItsTorchServeIsNotReady) {
  ASSERT_TRUE(wait_until_settled());
  torch_serve_.set_healthy(false);
  ASSERT_TRUE(adapter_.set_weight(object_, {Percent::whole(50), "web-1", "web-2"}, {}).has_value());
  ASSERT_TRUE(wait_until([](const auto& state) {
    return state.unsettled.find("has no TorchServe behind it: GET /readyz: HTTP 503") != std::string::npos;
  }));
  torch_serve_.set_healthy(true);
  ASSERT_TRUE(wait_until_settled());
}

}  // namespace
}  // namespace seraphim::cluster
