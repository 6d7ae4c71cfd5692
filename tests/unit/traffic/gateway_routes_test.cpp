// The platform's gateway behind routes that force a variant: the weight is theirs, the models are the
// gateway's.
#include "traffic/gateway_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "traffic/routed_gateway_scene.h"

namespace seraphim::traffic::testing {

using api::Percent;
using rollout::PointBackend;
using rollout::Slot;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kInference = "/apis/apps/v1/namespaces/shop/deployments/seraphim-inference";
constexpr const char* kHttpRoutes = "/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes/";

class GatewayRoutesTest : public ::testing::Test {
 protected:
  GatewayRoutesTest() {
    object_.spec.workload = revisions_.back().workload;
    object_.status.stable_revision = "web-1";
    object_.status.candidate_revision = "web-2";
    transport_.otherwise([this](const kubernetes::Request& request) { return server_.answer(request); });
    deployments_.replace({}, "1");
    variables_[5].second = "0";
    install(gateway(variables_));
    offer(variant_route("web", 100, 0));
  }

  void install(const json& object) {
    server_.objects[kInference] = object;
    know(deployments_, object);
  }
  void offer(const json& object) {
    server_.objects[route_path(object["metadata"]["name"])] = object;
    know(routes_, object);
  }
  static std::string route_path(const std::string& name) { return kHttpRoutes + name; }
  api::SeraphimGatewayTraffic& settings() {
    return std::get<api::SeraphimGatewayTraffic>(object_.spec.traffic);
  }
  rollout::TrafficState observe() { return adapter_.observe(object_, {}); }
  kubernetes::Result<void> set(int percent) {
    return adapter_.set_weight(object_, {Percent::whole(percent), "web-1", "web-2"}, {});
  }
  std::vector<int> weights(const std::string& name = "web") {
    std::vector<int> weights;
    for (const json& backend : server_.objects[route_path(name)]["spec"]["rules"][0]["backendRefs"])
      weights.push_back(backend["weight"].get<int>());
    return weights;
  }
  std::string problem() {
    const auto state = observe();
    return state.problem ? state.problem->reason + ": " + state.problem->message : "";
  }

  Variables variables_ = kChartVariables;
  std::vector<api::Revision> revisions_{served_revision("web-1", 1, "1.0"),
                                        served_revision("web-2", 2, "2.0")};
  api::SeraphimDeployment object_ = deployment(api::SeraphimGatewayTraffic{.routes = {{"web"}}});
  kubernetes::testing::FakeTransport transport_;
  kubernetes::ApiClient client_{transport_};
  PatchingServer server_;
  kubernetes::Store<GatewayDeployment> deployments_;
  kubernetes::Store<HttpRoute> routes_;
  FakeReadings readings_;
  SeraphimGateway gateway_{deployments_, readings_, [this](const auto&) { return revisions_; }, client_};
  GatewayRoutes adapter_{gateway_, deployments_, &routes_, client_};
};

TEST_F(GatewayRoutesTest, SlotsAreTheGatewaysAndTheWeightIsTheRoutes) {
  offer(variant_route("web", 75, 25, 21));
  const auto state = observe();
  EXPECT_EQ(problem(), "");
  EXPECT_EQ(state.stable->revision, "web-1");
  EXPECT_EQ(state.candidate->revision, "web-2");
  EXPECT_EQ(state.candidate_weight, Percent::whole(25));
  EXPECT_FALSE(state.own_route_outdated);
  EXPECT_EQ(state.unsettled, "");
  ASSERT_FALSE(readings_.questions.empty());
  EXPECT_EQ(readings_.questions.back().canary_percent, "0") << "each pod is asked whether it splits";
}

TEST_F(GatewayRoutesTest, AWeightIsWrittenIntoTheRouteAlone) {
  ASSERT_TRUE(set(25).has_value());
  EXPECT_THAT(calls(transport_), ElementsAre("PATCH " + route_path("web")));
  EXPECT_THAT(weights(), ElementsAre(75, 25));
  EXPECT_EQ(observe().candidate_weight, Percent::whole(25)) << "own writes are seen at once";
  ASSERT_TRUE(set(25).has_value());
  EXPECT_EQ(transport_.requests().size(), 1u) << "nothing to write";
}

TEST_F(GatewayRoutesTest, WeightZeroLeavesTheModelsToTheNextPass) {
  offer(variant_route("web", 75, 25, 21));
  ASSERT_TRUE(set(0).has_value());
  EXPECT_THAT(weights(), ElementsAre(100, 0));
  EXPECT_EQ(variables_in(server_.objects[kInference])["MODEL_VERSION_CANDIDATE"], "2.0");
}

TEST_F(GatewayRoutesTest, ASlotIsTheGatewaysModel) {
  ASSERT_TRUE(adapter_.point_backend(object_, {Slot::candidate, "web-1"}, {}).has_value());
  EXPECT_THAT(calls(transport_), ElementsAre(std::string("PATCH ") + kInference));
  EXPECT_EQ(variables_in(server_.objects[kInference])["MODEL_VERSION_CANDIDATE"], "1.0");
  EXPECT_THAT(weights(), ElementsAre(100, 0));
}

TEST_F(GatewayRoutesTest, AGatewayThatSplitsByItselfIsStoppedAndNothingIsRaisedBefore) {
  variables_[5].second = "10";
  install(gateway(variables_, 11));
  offer(variant_route("web", 75, 25, 21));
  const auto state = observe();
  EXPECT_TRUE(state.own_route_outdated);
  EXPECT_EQ(state.candidate_weight, Percent::whole(25));
  EXPECT_THAT(state.unsettled, HasSubstr("CANARY_PERCENT is not 0"));
  ASSERT_TRUE(adapter_.ensure_route(object_, {Percent::whole(25)}, {}).has_value());
  const auto now = variables_in(server_.objects[kInference]);
  EXPECT_EQ(now.at("CANARY_PERCENT"), "0");
  EXPECT_EQ(now.at("MODEL_VERSION_CANDIDATE"), "2.0") << "the candidate keeps its slot";
  EXPECT_THAT(weights(), ElementsAre(75, 25));
  EXPECT_FALSE(observe().own_route_outdated);
}

TEST_F(GatewayRoutesTest, TheHeaderIsTheOneThatTheGatewayReads) {
  variables_.emplace_back("CANARY_FORCE_HEADER", "X-Lane");
  install(gateway(variables_, 11));
  EXPECT_THAT(problem(), HasSubstr("BackendsMissing"));
  offer(route_with("web",
                   json::array({forcing("candidate", 40, "x-lane"), forcing("baseline", 60, "x-lane")}), 21));
  EXPECT_EQ(problem(), "");
  EXPECT_EQ(observe().candidate_weight, Percent::whole(40));
  ASSERT_TRUE(set(50).has_value());
  EXPECT_THAT(weights(), ElementsAre(50, 50));
}

TEST_F(GatewayRoutesTest, AHeaderThatNobodyCanTellIsAProblem) {
  variables_.emplace_back("CANARY_FORCE_HEADER", "");
  install(gateway(variables_, 11));
  EXPECT_THAT(problem(), HasSubstr("GatewayHeaderUnknown: the gateway's CANARY_FORCE_HEADER is empty"));
  offer(variant_route("web", 75, 25, 21));
  EXPECT_EQ(observe().candidate_weight, Percent::whole(25)) << "a rollback has to know from where";
  ASSERT_TRUE(set(0).has_value());
  EXPECT_THAT(weights(), ElementsAre(100, 0));
}

TEST_F(GatewayRoutesTest, ProblemsSayWhatToWriteAndARollbackKnowsFromWhere) {
  json refused = variant_route("web", 80, 20, 21);
  refused["status"]["parents"] =
      json::array({{{"conditions", json::array({{{"type", "Accepted"},
                                                 {"status", "False"},
                                                 {"reason", "UnsupportedValue"},
                                                 {"message", "no filters here"}}})}}});
  offer(refused);
  EXPECT_THAT(problem(), HasSubstr("RouteNotAccepted: HTTPRoute web is not accepted by its gateway: "
                                   "UnsupportedValue: no filters here"));
  EXPECT_EQ(observe().candidate_weight, Percent::whole(20));
  json object = gateway(variables_, 11);
  object["spec"]["paused"] = true;
  install(object);
  EXPECT_THAT(problem(), HasSubstr("GatewayPaused"));
  EXPECT_EQ(observe().candidate_weight, Percent::whole(20));
  install(gateway(variables_, 12));
  offer(variant_route("web", 80, 20, 22));
  settings().routes = {{"web"}, {"other"}};
  EXPECT_THAT(problem(), HasSubstr("RouteNotFound: HTTPRoute other does not exist in namespace shop"));
  GatewayRoutes nowhere{gateway_, deployments_, nullptr, client_};
  EXPECT_EQ(nowhere.observe(object_, {}).problem->reason, "GatewayAPIMissing");
}

TEST_F(GatewayRoutesTest, WithSeveralRoutesTheOneThatIsFarthestOffCounts) {
  settings().routes = {{"web"}, {"inside"}};
  offer(variant_route("inside", 70, 30));
  object_.status.weight.desired = Percent::whole(0);
  EXPECT_EQ(observe().candidate_weight, Percent::whole(30));
  ASSERT_TRUE(set(10).has_value());
  EXPECT_THAT(weights(), ElementsAre(90, 10));
  EXPECT_THAT(weights("inside"), ElementsAre(90, 10));
}

TEST_F(GatewayRoutesTest, ARaiseOverSomebodysChangeIsDecidedAnew) {
  server_.edit(route_path("web"))["spec"]["rules"][0]["backendRefs"][0]["weight"] = 7;
  const auto written = set(25);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().kind, kubernetes::ApiError::Kind::conflict);
  EXPECT_THAT(weights(), ElementsAre(7, 0));
  ASSERT_TRUE(set(25).has_value()) << "read afresh";
}

TEST_F(GatewayRoutesTest, TakingTrafficAwayWaitsForNothingAndForNoOtherRoute) {
  settings().routes = {{"gone"}, {"web"}};
  offer(variant_route("web", 75, 25, 21));
  server_.edit(route_path("web"))["spec"]["rules"][0]["backendRefs"][1]["weight"] = 90;
  EXPECT_TRUE(set(0).has_value()) << "what is not there has no traffic, and no verdict waits for it";
  EXPECT_THAT(weights(), ElementsAre(100, 0));
  EXPECT_FALSE(set(25).has_value());
}

TEST_F(GatewayRoutesTest, ARouteThatOnlyTheApiServerKnowsLosesItsTrafficToo) {
  settings().routes = {{"web"}, {"new"}};
  server_.objects[route_path("new")] = variant_route("new", 50, 50);
  ASSERT_TRUE(set(0).has_value());
  EXPECT_THAT(weights("new"), ElementsAre(100, 0));
}

TEST_F(GatewayRoutesTest, ABadRuleOrRouteHidesNoTrafficFromARollback) {
  json route = variant_route("web", 75, 25, 21);
  route["spec"]["rules"].push_back({{"backendRefs", json::array({forcing("baseline", 1)})}});
  offer(route);
  EXPECT_THAT(problem(), HasSubstr("BackendMissing: HTTPRoute web, rule 2"));
  EXPECT_EQ(observe().candidate_weight, Percent::whole(25));
  settings().routes = {{"gone"}, {"web"}};
  EXPECT_THAT(problem(), HasSubstr("RouteNotFound: HTTPRoute gone"));
  EXPECT_EQ(observe().candidate_weight, Percent::whole(25));
  ASSERT_TRUE(set(0).has_value());
  EXPECT_THAT(weights(), ElementsAre(100, 0));
  EXPECT_EQ(observe().candidate_weight, api::kNothing);
}

TEST_F(GatewayRoutesTest, AVariantThatIsThereTwiceHasTheWeightOfBoth) {
  offer(route_with(
      "web", json::array({forcing("baseline", 80), forcing("candidate", 0), forcing("candidate", 20)}), 21));
  EXPECT_THAT(problem(), HasSubstr("BackendTwice"));
  EXPECT_EQ(observe().candidate_weight, Percent::whole(20));
  ASSERT_TRUE(set(0).has_value());
  EXPECT_THAT(weights(), ElementsAre(100, 0, 0));
}

TEST_F(GatewayRoutesTest, ARouteThatIsRefusedKeepsNoOtherFromItsWeight) {
  settings().routes = {{"inside"}, {"web"}};
  offer(variant_route("inside", 70, 30));
  transport_.otherwise([this](const kubernetes::Request& request) {
    const bool refused = request.method == "PATCH" && request.target.find("/inside") != std::string::npos;
    return refused ? kubernetes::testing::refuse(403, "Forbidden") : server_.answer(request);
  });
  for (const int percent : {0, 25, 100}) {
    const auto written = set(percent);
    ASSERT_FALSE(written.has_value()) << percent;
    EXPECT_EQ(written.error().kind, kubernetes::ApiError::Kind::forbidden) << "the first error is told";
    EXPECT_THAT(weights(), ElementsAre(100 - percent, percent));
  }
}

TEST_F(GatewayRoutesTest, ARollbackFromTheBakeIsWrittenOverSomebodysChange) {
  object_.status.stable_revision = "web-2";
  object_.status.candidate_revision.clear();
  object_.status.previous_revision = "web-1";
  server_.edit(route_path("web"))["spec"]["rules"][0]["backendRefs"][0]["weight"] = 7;
  const auto written = adapter_.set_weight(object_, {api::kEverything, "web-2", "web-1"}, {});
  EXPECT_TRUE(written.has_value());
  EXPECT_THAT(weights(), ElementsAre(0, 100));
}

TEST_F(GatewayRoutesTest, TheLastRaiseOfAPromotionIsDecidedAnew) {
  server_.edit(route_path("web"))["spec"]["rules"][0]["backendRefs"][0]["weight"] = 7;
  EXPECT_FALSE(set(100).has_value());
  EXPECT_THAT(weights(), ElementsAre(7, 0));
}

TEST_F(GatewayRoutesTest, ConfirmingReadsTheGatewayAndItsRoutes) {
  server_.edit(route_path("web"))["spec"]["rules"][0]["backendRefs"][1]["weight"] = 100;
  server_.edit(kInference)["spec"]["template"]["spec"]["containers"][1]["env"][4]["value"] = "1.0";
  const auto state = adapter_.confirm(object_, {}, {});
  ASSERT_TRUE(state.has_value());
  EXPECT_TRUE(state->confirmed);
  EXPECT_EQ(state->candidate_weight, Percent::whole(50));
  EXPECT_EQ(state->candidate->revision, "web-1");
  server_.objects.erase(route_path("web"));
  ASSERT_TRUE(adapter_.confirm(object_, {}, {}).has_value());
  EXPECT_THAT(problem(), HasSubstr("RouteNotFound"));
}

}  // namespace seraphim::traffic::testing
