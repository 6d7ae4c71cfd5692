// People edit what the operator owns (invariant 12).
#include <gtest/gtest.h>

#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using namespace std::chrono_literals;

bool told(const std::vector<SeenEvent>& events, const std::string& reason) {
  return std::any_of(events.begin(), events.end(), [&](const auto& event) { return event.reason == reason; });
}

class HandEdit : public ::testing::Test {
 protected:
  void begin() {
    world_.apply_route();
    running_ = std::make_unique<Operator>(world_);
    manifest_.analysis = false;
    manifest_.model.version = "v1";
    manifest_.steps = {{{"weight", 20}, {"hold", "10m"}}};
    world_.apply(manifest_);
    ASSERT_TRUE(world_.wait_for_phase(Phase::stable));
  }
  void begin_canary() {
    begin();
    manifest_.model.version = "v2";
    world_.apply(manifest_);
    ASSERT_TRUE(world_.wait_for("v2 has its weight", [&] { return candidate() == 20; }));
  }
  std::int64_t candidate() const { return world_.weights().empty() ? -1 : world_.weights().back().candidate; }

  World world_;
  DeploymentManifest manifest_;
  std::unique_ptr<Operator> running_;
};

TEST_F(HandEdit, ARaisedWeightIsPutBackInMidCanary) {
  begin_canary();
  world_.edit_weights("web", 10, 90);
  ASSERT_TRUE(world_.wait_for("the edit was seen", [&] { return world_.weights().size() >= 4; }));
  ASSERT_TRUE(world_.wait_for("it is put back", [&] { return candidate() == 20; }));
  ASSERT_TRUE(world_.wait_for("it is told", [&] { return told(world_.events(), "WeightRestored"); }));
  EXPECT_EQ(world_.status().step, 1);
}

TEST_F(HandEdit, AWeightGivenWhileNothingIsRolledOutIsTakenBack) {
  begin();
  world_.edit_weights("web", 50, 50);
  ASSERT_TRUE(world_.wait_for("the edit was seen", [&] { return world_.weights().size() >= 2; }));
  ASSERT_TRUE(world_.wait_for("it is put back", [&] { return candidate() == 0; }));
}

TEST_F(HandEdit, TheRestOfTheRouteIsItsAuthors) {
  begin_canary();
  auto route = route_manifest(world_.name(), "web");
  route["metadata"]["labels"] = {{"team", "shop"}};
  route["spec"]["hostnames"].push_back("also." + world_.name() + ".test");
  route["spec"].erase("rules");
  const auto merged = world_.client().merge_patch(kubernetes::Resource<traffic::HttpRoute>::type(),
                                                  {world_.name(), "web"}, route);
  ASSERT_TRUE(merged) << merged.error().message;
  ASSERT_TRUE(world_.wait_for("the author's change is there", [&] {
    const auto seen = world_.view().http_routes->get({world_.name(), "web"});
    return seen && seen->hostnames.size() == 2;
  }));
  // The canary goes on as if nothing had happened: the next write of the operator leaves the change alone.
  manifest_.model.version = "v1";
  world_.apply(manifest_);
  ASSERT_TRUE(world_.wait_for("the canary is cancelled", [&] { return candidate() == 0; }));
  const auto seen = world_.view().http_routes->get({world_.name(), "web"});
  EXPECT_EQ(seen->hostnames.size(), 2u);
  EXPECT_EQ(seen->meta.labels.at("team"), "shop");
}

TEST_F(HandEdit, AScaledReplicaSetIsPutBack) {
  begin();
  const auto stable = world_.status().stable_revision;
  ASSERT_TRUE(world_.client().merge_patch(kubernetes::Resource<workload::ReplicaSet>::type(),
                                          {world_.name(), stable}, {{"spec", {{"replicas", 1}}}}));
  ASSERT_TRUE(world_.wait_for("it has its pods again", [&] {
    const auto set = world_.view().replica_sets.get({world_.name(), stable});
    return set && set->desired == 2 && set->available == 2;
  }));
}

TEST_F(HandEdit, ADeletedServiceComesBack) {
  begin();
  const auto service = world_.view().services.get({world_.name(), "web-stable"});
  ASSERT_TRUE(service);
  ASSERT_TRUE(world_.client().remove(kubernetes::Resource<traffic::Service>::type(), service->meta.key,
                                     service->meta.uid));
  ASSERT_TRUE(world_.wait_for("the Service is back", [&] {
    const auto back = world_.view().services.get({world_.name(), "web-stable"});
    return back && back->meta.uid != service->meta.uid;
  }));
  ASSERT_TRUE(world_.wait_for_phase(Phase::stable));
}

TEST_F(HandEdit, ReplicasFollowTheSpecWithoutANewRevision) {
  begin();
  manifest_.replicas = 3;
  world_.apply(manifest_);
  ASSERT_TRUE(world_.wait_for("three pods serve", [&] {
    const auto set = world_.view().replica_sets.get({world_.name(), world_.status().stable_revision});
    return set && set->available == 3;
  }));
  EXPECT_EQ(world_.revisions().size(), 1u);
}

}  // namespace
}  // namespace seraphim::cluster
