// Model versions of a real TorchServe behind the platform's gateway (a stand-in), split by a route in front
// of it: weights restart nothing, a bad version loses its weight first, and a router that cannot do this is
// told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "environment.h"
#include "filtering_router.h"
#include "kubernetes/transport_cpprest.h"
#include "platform_manifests.h"
#include "torch_serve_process.h"
#include "torch_serve_stand_in.h"
#include "traffic/gateway_environment.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using kubernetes::Resource;
using nlohmann::json;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using traffic::GatewayDeployment;
using namespace std::chrono_literals;

/// The gateway, what stands in front of it, and what is read of them.
class PlatformRoute : public ::testing::Test {
 protected:
  void install(const std::string& torch_serve) {
    world_.apply(gateway_service_manifest(world_.name()));
    const auto made =
        world_.client().apply(type(), key(), gateway_manifest(world_.name(), torch_serve), true);
    if (!made) throw std::runtime_error(made.error().message);
  }
  void ask_for(const std::string& management, const std::string& version, const std::string& archive) {
    json object = to_json({.namespace_ = world_.name()});
    json& spec = object["spec"];
    spec["workload"] = {{"torchServe",
                         {{"managementURL", management},
                          {"model", {{"name", "custom-text"}, {"version", version}, {"url", archive}}}}}};
    spec["traffic"] = {{"seraphimGateway", {{"settle", "1s"}, {"routes", json::array({{{"name", "web"}}})}}}};
    spec["strategy"]["canary"]["steps"] =
        json::array({{{"weight", 20}, {"hold", "3s"}}, {{"weight", 60}, {"hold", "3s"}}});
    spec["analysis"]["prometheus"]["preset"] = "VariantLabel";
    spec["analysis"]["prometheus"]["matchLabels"] = {{"namespace", world_.name()}};
    // As many requests as this test has time for prove little: a coarse tolerance will do.
    spec["analysis"]["errorRate"] = {{"tolerance", "20%"}, {"ceiling", "50%"}};
    world_.apply(object);
  }

  static const kubernetes::ResourceType& type() { return Resource<GatewayDeployment>::type(); }
  kubernetes::ObjectKey key() const { return {world_.name(), "seraphim-inference"}; }
  GatewayDeployment gateway_now() {
    const auto read = world_.client().get(type(), key());
    if (!read) throw std::runtime_error(read.error().message);
    return *Resource<GatewayDeployment>::decode(*read);
  }
  traffic::GatewayEnvironment environment_now() {
    return traffic::read_environment(gateway_now().containers.at(0));
  }
  /// Waits until the candidate has this weight; the gateway's template at that moment.
  std::int64_t template_at(std::int32_t percent) {
    EXPECT_TRUE(world_.wait_for(
        "the weight is " + std::to_string(percent),
        [&] { return world_.status().weight.applied == api::Percent::whole(percent); }, 120s));
    return gateway_now().meta.generation;
  }
  /// CANARY_PERCENT of every pod, by its own word.
  std::vector<std::string> reported() {
    std::vector<std::string> values;
    const auto pods =
        world_.client().list(Resource<workload::Pod>::type(), world_.name(), "app=seraphim-inference", 10);
    if (!pods) return values;
    for (const auto& pod : (*pods)["items"]) {
      if (pod["metadata"].contains("deletionTimestamp")) continue;
      const auto answer = ask("http://" + pod["status"].value("podIP", "") + ":8080/observability/config");
      const auto body = json::parse(answer.substr(answer.find(' ') + 1), nullptr, false);
      values.push_back(body.is_object() ? body["environment"].value("canary_percent", "?") : answer);
    }
    return values;
  }
  bool is_told(const std::string& words) {
    const auto conditions = world_.status().conditions;
    return std::any_of(conditions.begin(), conditions.end(), [&](const auto& condition) {
      return condition.message.find(words) != std::string::npos;
    });
  }
  ::testing::AssertionResult wait_until_promoted(const std::string& instead_of) {
    return world_.wait_for(
        "the new version is promoted and alone",
        [&] {
          const auto status = world_.status();
          return status.phase == Phase::stable && status.stable_revision != instead_of;
        },
        180s);
  }

  World world_;
};

TEST_F(PlatformRoute, AGoodVersionIsPromotedAndABadOneIsTakenBackAndNoStepRestartsTheGateway) {
  const FilteringRouter router;
  const TorchServeProcess torch_serve(TorchServeProcess::Reach::pods);
  install(torch_serve.inference());
  world_.apply(variant_route_manifest(world_.name(), "web", router.gateway_namespace(), router.gateway()));
  const Operator running(world_);
  ask_for(torch_serve.management(), "1.0", "text-v1.mar");
  ASSERT_TRUE(world_.wait_for_phase(Phase::stable, "web", 120s));
  const std::string first = world_.status().stable_revision;

  const Load load(world_, 40, {}, router.url());
  ASSERT_TRUE(load.wait_for_good_answers(20));
  load.mark("rollouts");  // the router may have refused the very first requests, before it knew the route
  ask_for(torch_serve.management(), "2.0", "text-v2.mar");
  const auto at_first_step = template_at(20);
  EXPECT_EQ(environment_now(),
            (traffic::GatewayEnvironment{"0", {"custom-text", "1.0"}, {"custom-text", "2.0"}}));
  EXPECT_THAT(reported(), ::testing::AllOf(SizeIs(2), Each(std::string("0"))));
  EXPECT_EQ(template_at(60), at_first_step) << "a step restarts nothing";
  ASSERT_TRUE(wait_until_promoted(first));
  EXPECT_THAT(candidate_weights(world_), ElementsAre(0, 20, 60, 100, 0));
  EXPECT_EQ(environment_now(),
            (traffic::GatewayEnvironment{"0", {"custom-text", "2.0"}, {"custom-text", "2.0"}}));

  const std::string second = world_.status().stable_revision;
  ask_for(torch_serve.management(), "5.0", "failing.mar");
  ASSERT_TRUE(world_.wait_for(
      "5.0 is rolled back and out of reach",
      [&] {
        const auto status = world_.status();
        return status.last_rollback && status.candidate_revision.empty() &&
               environment_now().candidate.version == "2.0";
      },
      120s));
  EXPECT_EQ(world_.status().last_rollback->to_revision, second);
  EXPECT_THAT(world_.status().last_rollback->reason, HasSubstr("ErrorRate"));
  EXPECT_EQ(candidate_weights(world_).back(), 0);
  EXPECT_EQ(environment_now(),
            (traffic::GatewayEnvironment{"0", {"custom-text", "2.0"}, {"custom-text", "2.0"}}));
  const json seen = load.status();
  EXPECT_EQ(seen.at("windows").back().value("failed", -1), 0) << seen.dump(1);
}

TEST_F(PlatformRoute, ARouterThatDoesNotApplyTheFiltersIsToldAndNothingIsRaised) {
  TorchServeStandIn torch_serve;
  torch_serve.add_version("1.0", 1);
  install(torch_serve.url());
  // The cluster's Traefik accepts the route, and applies filters of rules only.
  world_.apply(
      variant_route_manifest(world_.name(), "web", environment().gateway_namespace, environment().gateway));
  const Operator running(world_);
  ask_for(torch_serve.url(), "1.0", "custom-text-v1.0.mar");
  ASSERT_TRUE(world_.wait_for_phase(Phase::stable, "web", 120s));
  const std::string first = world_.status().stable_revision;
  const Load load(world_, 40);
  ASSERT_TRUE(load.wait_for_good_answers(20));
  ask_for(torch_serve.url(), "2.0", "custom-text-v2.0.mar");
  (void)template_at(20);
  ASSERT_TRUE(world_.wait_for(
      "it is told", [&] { return is_told("does the router apply filters of backendRefs"); }, 90s));
  EXPECT_EQ(world_.status().stable_revision, first);
  EXPECT_THAT(candidate_weights(world_), ElementsAre(0, 20));
  EXPECT_EQ(torch_serve.predictions("2.0"), 0);
  ask_for(torch_serve.url(), "1.0", "custom-text-v1.0.mar");  // the person gives up
  ASSERT_TRUE(world_.wait_for(
      "2.0 is out of reach", [&] { return environment_now().candidate.version == "1.0"; }, 90s));
  EXPECT_EQ(candidate_weights(world_).back(), 0);
}

}  // namespace
}  // namespace seraphim::cluster
