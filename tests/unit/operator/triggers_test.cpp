// Which change makes which object worth a look.
#include "operator/triggers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "kubernetes/hand_clock.h"
#include "operator/stored_cluster.h"

namespace seraphim::op {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Triggers : public ::testing::Test, protected StoredCluster {
 protected:
  Triggers() { connect_triggers(view_, queue_, clock_); }

  /// The keys that are due, in order; none is due any more.
  std::vector<std::string> due() {
    std::vector<std::string> keys;
    while (const auto key = queue_.try_take(clock_.steady())) {
      keys.push_back(to_string(*key));
      queue_.done(*key, clock_.steady());
    }
    std::sort(keys.begin(), keys.end());
    return keys;
  }
  std::string next_version() { return std::to_string(++version_); }

  DeploymentObject deployment(const std::string& name, const std::vector<std::string>& routes = {},
                              const std::string& namespace_ = "shop") {
    DeploymentObject deployment;
    deployment.meta.key = {namespace_, name};
    deployment.meta.uid = name + "-uid";
    deployment.meta.generation = 1;
    deployment.meta.resource_version = next_version();
    api::GatewayApiTraffic traffic;
    for (const auto& route : routes) traffic.routes.push_back({route});
    deployment.object.spec.traffic = traffic;
    return deployment;
  }
  template <typename T>
  T child(const std::string& name, const std::string& of) {
    T object;
    object.meta.key = {"shop", name};
    object.meta.uid = name + "-uid";
    object.meta.resource_version = next_version();
    if (!of.empty()) object.meta.labels[api::kLabelName] = of;
    return object;
  }
  FreezeObject freeze(const std::string& name) {
    FreezeObject freeze;
    freeze.meta.key = {"shop", name};
    freeze.meta.uid = name + "-uid";
    freeze.meta.generation = 1;
    freeze.meta.resource_version = next_version();
    return freeze;
  }
  template <typename T>
  void expect_children_to_count(kubernetes::Store<T>& store) {
    store.upsert(child<T>("labelled", "web"));
    EXPECT_THAT(due(), ElementsAre("shop/web")) << "new";
    store.upsert(child<T>("labelled", "web"));
    EXPECT_THAT(due(), ElementsAre("shop/web")) << "changed";
    store.remove({"shop", "labelled"}, next_version());
    EXPECT_THAT(due(), ElementsAre("shop/web")) << "gone";
    store.upsert(child<T>("stranger", ""));
    EXPECT_THAT(due(), IsEmpty());
  }
  void problem(const std::string& pod, const std::string& problem) {
    auto object = child<workload::Pod>(pod, "web");
    object.problem = problem;
    pods_.upsert(std::move(object));
  }

  int version_ = 100;
  kubernetes::testing::HandClock clock_;
  kubernetes::WorkQueue queue_;
};

TEST_F(Triggers, AnObjectThatComesAndGoes) {
  deployments_.upsert(deployment("web"));
  EXPECT_THAT(due(), ElementsAre("shop/web"));
  deployments_.remove({"shop", "web"}, next_version());
  EXPECT_THAT(due(), ElementsAre("shop/web"));
}

TEST_F(Triggers, AnOwnStatusWriteIsNoReason) {
  deployments_.upsert(deployment("web"));
  due();
  auto written = deployment("web");
  written.object.status.phase = api::Phase::stable;
  deployments_.note_written(written);
  EXPECT_EQ(deployments_.get({"shop", "web"})->object.status.phase, api::Phase::stable);
  EXPECT_THAT(due(), IsEmpty());
}

TEST_F(Triggers, WhatPeopleChangeIsAReason) {
  using Change = void (*)(DeploymentObject&);
  const std::pair<const char*, Change> changes[] = {
      {"spec", [](DeploymentObject& object) { object.meta.generation = 2; }},
      {"annotation", [](DeploymentObject& object) { object.object.annotations["a"] = "b"; }},
      {"label", [](DeploymentObject& object) { object.meta.labels["a"] = "b"; }},
      {"deletion", [](DeploymentObject& object) { object.meta.deleting = true; }},
      {"another object", [](DeploymentObject& object) { object.meta.uid = "other"; }}};
  for (const auto& [what, change] : changes) {
    SCOPED_TRACE(what);
    deployments_.upsert(deployment("web"));
    due();
    auto changed = deployment("web");
    change(changed);
    deployments_.upsert(changed);
    EXPECT_THAT(due(), ElementsAre("shop/web"));
  }
}

TEST_F(Triggers, ChildrenByTheirLabel) {
  expect_children_to_count(revisions_);
  expect_children_to_count(replica_sets_);
  expect_children_to_count(services_);
  expect_children_to_count(endpoint_slices_);
}

TEST_F(Triggers, ARouteConcernsThoseThatNameIt) {
  deployments_.upsert(deployment("one", {"main"}));
  deployments_.upsert(deployment("two", {"other", "main"}));
  deployments_.upsert(deployment("three", {"other"}));
  deployments_.upsert(deployment("four", {"main"}, "elsewhere"));
  deployments_.upsert(deployment("main", {"other"}));
  auto without = deployment("five");
  without.object.spec.traffic = api::ReplicasTraffic{};
  deployments_.upsert(without);
  due();
  http_routes_.upsert(child<traffic::HttpRoute>("main", ""));
  EXPECT_THAT(due(), ElementsAre("shop/one", "shop/two"));
  http_routes_.remove({"shop", "main"}, next_version());
  EXPECT_THAT(due(), ElementsAre("shop/one", "shop/two"));
}

TEST_F(Triggers, ARouteConcernsThoseWhoseGatewayItLeadsTo) {
  auto routed = deployment("one");
  routed.object.spec.traffic = api::SeraphimGatewayTraffic{.routes = {{"other"}, {"main"}}};
  deployments_.upsert(routed);
  auto by_itself = deployment("main");
  by_itself.object.spec.traffic = api::SeraphimGatewayTraffic{};
  deployments_.upsert(by_itself);
  due();
  http_routes_.upsert(child<traffic::HttpRoute>("main", ""));
  EXPECT_THAT(due(), ElementsAre("shop/one"));
}

TEST_F(Triggers, AGatewayConcernsThoseThatNameIt) {
  const auto behind = [&](const std::string& name, const std::string& gateway,
                          const std::string& namespace_ = "shop") {
    auto object = deployment(name, {}, namespace_);
    object.object.spec.traffic = api::SeraphimGatewayTraffic{.deployment = gateway};
    deployments_.upsert(object);
  };
  behind("one", "main");
  behind("two", "other");
  behind("three", "main", "elsewhere");
  deployments_.upsert(deployment("main"));
  due();
  gateways_.upsert(child<traffic::GatewayDeployment>("main", ""));
  EXPECT_THAT(due(), ElementsAre("shop/one"));
  gateways_.remove({"shop", "main"}, next_version());
  EXPECT_THAT(due(), ElementsAre("shop/one"));
}

TEST_F(Triggers, AnOwnRouteIsCalledLikeItsObject) {
  deployments_.upsert(deployment("web"));
  deployments_.upsert(deployment("other"));
  due();
  http_routes_.upsert(child<traffic::HttpRoute>("web", ""));
  EXPECT_THAT(due(), ElementsAre("shop/web"));
}

TEST_F(Triggers, AFreezeConcernsItselfAndItsNamespace) {
  deployments_.upsert(deployment("one"));
  deployments_.upsert(deployment("two"));
  deployments_.upsert(deployment("three", {}, "elsewhere"));
  due();
  freezes_.upsert(freeze("xmas"));
  EXPECT_THAT(due(), ElementsAre("shop/one", "shop/seraphimfreeze/xmas", "shop/two"));
  auto written = freeze("xmas");
  written.freeze.status.active = true;
  freezes_.upsert(written);
  EXPECT_THAT(due(), IsEmpty()) << "its own status";
  auto edited = freeze("xmas");
  edited.meta.generation = 2;
  freezes_.upsert(edited);
  EXPECT_THAT(due(), ElementsAre("shop/one", "shop/seraphimfreeze/xmas", "shop/two"));
  freezes_.remove({"shop", "xmas"}, next_version());
  EXPECT_THAT(due(), ElementsAre("shop/one", "shop/two")) << "gone";
}

TEST_F(Triggers, WhatAFreezeSelectsIsCountedAnew) {
  freezes_.upsert(freeze("xmas"));
  due();
  deployments_.upsert(deployment("one"));
  EXPECT_THAT(due(), ElementsAre("shop/one", "shop/seraphimfreeze/xmas"));
  auto edited = deployment("one");
  edited.meta.generation = 2;
  deployments_.upsert(edited);
  EXPECT_THAT(due(), ElementsAre("shop/one")) << "its labels are the same";
  edited = deployment("one");
  edited.meta.labels["team"] = "vision";
  deployments_.upsert(edited);
  EXPECT_THAT(due(), ElementsAre("shop/one", "shop/seraphimfreeze/xmas"));
  deployments_.upsert(deployment("far", {}, "elsewhere"));
  EXPECT_THAT(due(), ElementsAre("elsewhere/far"));
  deployments_.remove({"shop", "one"}, next_version());
  EXPECT_THAT(due(), ElementsAre("shop/one", "shop/seraphimfreeze/xmas"));
}

TEST_F(Triggers, OfAPodOnlyAnotherProblemIsNews) {
  problem("p", "");
  EXPECT_THAT(due(), IsEmpty()) << "a new pod";
  problem("p", "");
  EXPECT_THAT(due(), IsEmpty()) << "a pod that gets ready";
  problem("p", "ErrImagePull");
  EXPECT_THAT(due(), ElementsAre("shop/web"));
  problem("p", "ErrImagePull");
  EXPECT_THAT(due(), IsEmpty()) << "the same again";
  problem("p", "CrashLoopBackOff");
  EXPECT_THAT(due(), ElementsAre("shop/web"));
  pods_.remove({"shop", "p"}, next_version());
  EXPECT_THAT(due(), IsEmpty()) << "gone";
  problem("q", "Evicted");
  EXPECT_THAT(due(), ElementsAre("shop/web")) << "seen for the first time with a problem";
  auto stranger = child<workload::Pod>("r", "");
  stranger.problem = "Evicted";
  pods_.upsert(stranger);
  EXPECT_THAT(due(), IsEmpty());
}

TEST_F(Triggers, WithoutGatewayApiTheRestWorks) {
  kubernetes::Store<DeploymentObject> deployments;
  const ClusterView view{.deployments = deployments,
                         .revisions = revisions_,
                         .replica_sets = replica_sets_,
                         .pods = pods_,
                         .services = services_,
                         .endpoint_slices = endpoint_slices_,
                         .http_routes = nullptr};
  connect_triggers(view, queue_, clock_);
  deployments.upsert(deployment("web"));
  EXPECT_THAT(due(), ElementsAre("shop/web"));
}

}  // namespace
}  // namespace seraphim::op
