// Parts of the world go away in the middle of a canary, and come back: the rollout ends as if they had not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit_log.h"
#include "environment.h"
#include "faults.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using namespace std::chrono_literals;
using nlohmann::json;

/// v1 is stable, v2 has its first weight, and people send requests.
class Outage : public ::testing::Test {
 protected:
  void begin(const Operator::Settings& settings, DeploymentManifest manifest = canary()) {
    world_.apply_route();
    operator_ = std::make_unique<Operator>(world_, settings);
    world_.apply(manifest);
    ASSERT_TRUE(world_.wait_for_phase(Phase::stable));
    first_ = world_.status().stable_revision;
    load_ = std::make_unique<Load>(world_, 50);
    ASSERT_TRUE(load_->wait_for_good_answers(50));
    load_->mark("canary");  // the router may have refused the very first requests, before it knew the route
    manifest.model.version = "v2";
    world_.apply(manifest);
    ASSERT_TRUE(world_.wait_for("v2 has its first weight",
                                [&] { return !weights().empty() && weights().back() == 20; }));
  }

  static DeploymentManifest canary() {
    return {.model = {.version = "v1"},
            .steps = json::array({{{"weight", 20}, {"hold", "8s"}}, {{"weight", 50}, {"hold", "3s"}}}),
            .analysis = false};
  }

  std::vector<std::int64_t> weights() const { return candidate_weights(world_); }

  void expect_promotion_without_a_failure() {
    ASSERT_TRUE(world_.wait_for(
        "v2 is promoted",
        [&] { return world_.status().stable_revision != first_ && world_.status().phase == Phase::stable; },
        120s));
    EXPECT_EQ(weights(), (std::vector<std::int64_t>{0, 20, 50, 100, 0}));
    EXPECT_EQ(world_.revisions().size(), 2u);
    const json seen = load_->status();
    EXPECT_EQ(seen.at("windows").back().value("failed", -1), 0) << seen.dump(1);
  }

  int ticks_ = 0;
  World world_;
  std::unique_ptr<Operator> operator_;
  std::unique_ptr<Load> load_;
  std::string first_;
};

TEST_F(Outage, TheApiServerIsKilledAndComesBack) {
  ASSERT_NO_FATAL_FAILURE(begin({.more_flags = {"--no-leader-elect"}}));
  PartGone(std::string("kube-apiserver")).back();
  expect_promotion_without_a_failure();
}

TEST_F(Outage, TheHistoryIsForgottenWhileAWatchIsCut) {
  ASSERT_NO_FATAL_FAILURE(begin({.more_flags = {"--no-leader-elect"}}));
  const AuditLog audit;
  {
    PartGone gone("kube-apiserver");
    compact_etcd();
    gone.back();
  }
  expect_promotion_without_a_failure();
  EXPECT_GT(audit.requests(world_.name(), "sendInitialEvents=true"), 0)
      << "it was not told that its version is gone";
}

struct WithoutStreamingLists {
  WithoutStreamingLists() {
    PartGone(std::string("kube-apiserver")).back({"--feature-gates=WatchList=false"});
  }
  ~WithoutStreamingLists() { PartGone(std::string("kube-apiserver")).back(); }
};

/// An older API server, or one whose administrator has turned them off.
TEST_F(Outage, AnApiServerWithoutStreamingListsIsAskedForPlainOnes) {
  const WithoutStreamingLists api_server;
  const AuditLog audit;
  ASSERT_NO_FATAL_FAILURE(begin({.more_flags = {"--no-leader-elect"}}));
  expect_promotion_without_a_failure();
  EXPECT_GT(audit.requests(world_.name(), "httproutes?limit="), 0) << "it did not list";
  // Deployments are looked at when somebody needs them.
  json behind_a_gateway =
      to_json(DeploymentManifest{.name = "model", .namespace_ = world_.name(), .analysis = false});
  behind_a_gateway["spec"]["workload"] = {
      {"torchServe",
       {{"managementURL", "http://127.0.0.1:1"},
        {"model", {{"name", "text"}, {"version", "1.0"}, {"url", "text.mar"}}}}}};
  behind_a_gateway["spec"]["traffic"] = {{"seraphimGateway", json::object()}};
  world_.apply(behind_a_gateway);
  EXPECT_TRUE(world_.wait_for("Deployments are listed", [&] {
    world_.annotate("model", "test/tick", std::to_string(++ticks_));  // the audit log is no object
    return audit.requests(world_.name(), "deployments?limit=") >
           audit.requests(world_.name(), "seraphimdeployments?limit=");
  }));
}

TEST_F(Outage, EtcdIsKilledAndComesBack) {
  ASSERT_NO_FATAL_FAILURE(begin({.more_flags = {"--no-leader-elect"}}));
  PartGone(std::string("etcd")).back();
  expect_promotion_without_a_failure();
}

TEST_F(Outage, ThePacketsBetweenOperatorAndApiServerAreDropped) {
  IsolatedNetwork network;
  ASSERT_NO_FATAL_FAILURE(begin({.more_flags = {"--no-leader-elect"}, .under = network.prefix()}));
  network.cut();
  // Longer than the hold, and than any call takes: the length of time is what is tested.
  EXPECT_FALSE(operator_->wait_for_end(20s));
  EXPECT_EQ(weights().back(), 20);
  network.heal();
  expect_promotion_without_a_failure();
}

TEST_F(Outage, PrometheusGoesAwayAndComesBack) {
  auto manifest = canary();
  manifest.analysis = true;
  manifest.further = {{"errorRate", {{"tolerance", "20%"}}}};
  ASSERT_NO_FATAL_FAILURE(begin({.more_flags = {"--no-leader-elect"}}, manifest));
  {
    PartGone gone("prometheus");
    EXPECT_TRUE(world_.wait_for("the operator says that it sees nothing", [&] {
      const auto status = world_.status();
      const auto* seen = api::find_condition(status.conditions, "MetricsAvailable");
      return seen != nullptr && seen->status == api::ConditionStatus::false_;
    }));
    EXPECT_EQ(weights().back(), 20);
    gone.back();
  }
  expect_promotion_without_a_failure();
}

TEST_F(Outage, TheDiskForLogsIsFull) {
  // Every write to this file fails as on a full disk.
  ASSERT_NO_FATAL_FAILURE(begin({.more_flags = {"--no-leader-elect"}, .log = "/dev/full"}));
  expect_promotion_without_a_failure();
}

TEST(Credentials, AnExpiredCertificateIsToldAndItsRenewalNoticed) {
  World world;
  world.apply_route();
  FileKubeconfig kubeconfig(environment().artifacts / world.name(), true);
  {
    Operator expired(world, {.identity = "expired", .kubeconfig = kubeconfig.path()});
    EXPECT_TRUE(expired.end(60s)) << "it cannot even ask what the cluster serves";
    EXPECT_THAT(expired.log(), ::testing::HasSubstr("401"));
  }
  kubeconfig.renew();
  const Operator valid(world, {.identity = "valid", .kubeconfig = kubeconfig.path()});
  DeploymentManifest manifest{.model = {.version = "v1"}, .analysis = false};
  world.apply(manifest);
  ASSERT_TRUE(world.wait_for_phase(Phase::stable));
}

}  // namespace
}  // namespace seraphim::cluster
