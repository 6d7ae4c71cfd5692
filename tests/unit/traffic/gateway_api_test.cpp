// Weights of HTTPRoutes: of the user's, and of one of the operator's own.
#include "traffic/gateway_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "traffic/scene.h"

namespace seraphim::traffic::testing {

using api::Percent;
using kubernetes::ApiError;
using kubernetes::testing::refuse;
using rollout::EnsureRoute;
using rollout::SetWeight;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr const char* kRoutes = "/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes";

json users_route(int stable, int candidate, const std::string& name = "main", int version = 10) {
  return route(name, {{{"web-stable", stable}, {"web-candidate", candidate}}}, "", version);
}

/// As the operator writes it for the parentRef `gw`.
json own_route(int stable, int candidate, int version = 10, const std::string& owner = "owner") {
  json object = route("web", {{{"web-stable", stable}, {"web-candidate", candidate}}}, owner, version);
  object["spec"]["parentRefs"] = {
      {{"name", "gw"}, {"kind", "Gateway"}, {"group", "gateway.networking.k8s.io"}}};
  object["spec"]["hostnames"] = {"web.example"};
  return object;
}

class GatewayApiTest : public ::testing::Test {
 protected:
  void name_routes(const std::vector<std::string>& names) {
    api::GatewayApiTraffic traffic;
    for (const auto& name : names) traffic.routes.push_back({name});
    object_.spec.traffic = traffic;
  }
  void want_own_route() {
    api::GatewayApiTraffic traffic;
    traffic.parent_refs = {{R"({"name":"gw"})"}};
    traffic.hostnames = {"web.example"};
    object_.spec.traffic = traffic;
  }
  rollout::TrafficState observe() { return adapter_.observe(object_, {}); }
  kubernetes::Result<void> set_weight(int percent) {
    return adapter_.set_weight(object_, SetWeight{Percent::whole(percent), "web-1", "web-2"}, {});
  }
  kubernetes::Result<void> ensure(Percent weight = api::kNothing) {
    return adapter_.ensure_route(object_, EnsureRoute{weight}, {});
  }

  api::SeraphimDeployment object_ = deployment(api::GatewayApiTraffic{});
  kubernetes::testing::FakeTransport transport_;
  kubernetes::ApiClient client_{transport_};
  kubernetes::Store<Service> services_;
  kubernetes::Store<EndpointSlice> slices_;
  kubernetes::Store<HttpRoute> routes_;
  Backends backends_{services_, slices_, client_};
  GatewayApi adapter_{backends_, &routes_, client_};
};

TEST_F(GatewayApiTest, ObservesBackendsAndWeight) {
  name_routes({"main"});
  know(services_, service("web-stable", "web-1"));
  know(services_, service("web-candidate", "web-2"));
  know(routes_, users_route(75, 25));
  const auto state = observe();
  EXPECT_EQ(state.stable->revision, "web-1");
  EXPECT_EQ(state.candidate->revision, "web-2");
  EXPECT_EQ(state.candidate_weight, Percent::whole(25));
  EXPECT_FALSE(state.problem.has_value());
  EXPECT_FALSE(state.own_route_outdated);
  EXPECT_FALSE(state.confirmed);
}

TEST_F(GatewayApiTest, OfSeveralRoutesTheOneFarthestFromWhatIsWantedCounts) {
  name_routes({"main", "second"});
  object_.status.weight.desired = Percent::whole(25);
  know(routes_, users_route(75, 25));
  know(routes_, users_route(40, 60, "second"));
  EXPECT_EQ(observe().candidate_weight, Percent::whole(60));
}

TEST_F(GatewayApiTest, ARouteThatIsNotThereIsAProblem) {
  name_routes({"main"});
  const auto state = observe();
  ASSERT_TRUE(state.problem.has_value());
  EXPECT_EQ(state.problem->reason, "RouteNotFound");
  EXPECT_THAT(state.problem->message,
              StartsWith("HTTPRoute main does not exist in namespace shop; create it"));
  EXPECT_FALSE(state.candidate_weight.has_value());
}

TEST_F(GatewayApiTest, ARouteThatDoesNotNameTheBackendsIsAProblem) {
  name_routes({"main"});
  know(routes_, route("main", {{{"web-stable", 1}}}));
  const auto state = observe();
  ASSERT_TRUE(state.problem.has_value());
  EXPECT_EQ(state.problem->reason, "BackendMissing");
  EXPECT_FALSE(state.candidate_weight.has_value());
}

TEST_F(GatewayApiTest, ABadRuleOrRouteHidesNoTrafficFromARollback) {
  name_routes({"gone", "main"});
  know(routes_, route("main", {{{"web-stable", 1}}, {{"web-stable", 75}, {"web-candidate", 25}}}));
  EXPECT_EQ(observe().problem->reason, "RouteNotFound");
  EXPECT_EQ(observe().candidate_weight, Percent::whole(25));
  transport_.answer(refuse(404, "NotFound")).answer(200, users_route(100, 0, "main", 11).dump());
  EXPECT_TRUE(set_weight(0).has_value()) << "what is not there has no traffic, and no verdict waits for it";
  EXPECT_THAT(calls(transport_), ElementsAre(std::string("GET ") + kRoutes + "/gone",
                                             std::string("PATCH ") + kRoutes + "/main"));
  EXPECT_EQ(body(transport_, 1)[1]["path"], "/spec/rules/1/backendRefs/1/weight");
  name_routes({"main"});
  know(routes_, route("main", {{{"web-stable", 1}}, {{"web-stable", 75}, {"web-candidate", 25}}}, "", 12));
  EXPECT_EQ(observe().problem->reason, "BackendMissing");
  EXPECT_EQ(observe().candidate_weight, Percent::whole(25));
}

TEST_F(GatewayApiTest, TakingTrafficAwayWaitsForNoConflictAndNoOtherRoute) {
  name_routes({"main", "second"});
  know(routes_, users_route(75, 25));
  know(routes_, users_route(75, 25, "second"));
  transport_.answer(refuse(403, "Forbidden"))
      .answer(refuse(409, "Conflict"))
      .answer(200, users_route(70, 30, "second", 12).dump())
      .answer(200, users_route(100, 0, "second", 13).dump());
  EXPECT_EQ(set_weight(0).error().kind, ApiError::Kind::forbidden);
  EXPECT_THAT(
      calls(transport_),
      ElementsAre(std::string("PATCH ") + kRoutes + "/main", std::string("PATCH ") + kRoutes + "/second",
                  std::string("GET ") + kRoutes + "/second", std::string("PATCH ") + kRoutes + "/second"));
}

TEST_F(GatewayApiTest, ARefusedRouteIsAProblemButItsWeightIsKnown) {
  name_routes({"main"});
  json refused = users_route(100, 0);
  refused["status"]["parents"] = {
      {{"conditions",
        {{{"type", "Accepted"}, {"status", "False"}, {"reason", "NoMatch"}, {"message", "no host"}}}}}};
  know(routes_, refused);
  const auto state = observe();
  ASSERT_TRUE(state.problem.has_value());
  EXPECT_EQ(state.problem->reason, "RouteNotAccepted");
  EXPECT_EQ(state.problem->message, "HTTPRoute main is not accepted by its gateway: NoMatch: no host");
  EXPECT_EQ(state.candidate_weight, api::kNothing);
}

TEST_F(GatewayApiTest, AClusterWithoutGatewayApiIsAProblem) {
  name_routes({"main"});
  GatewayApi adapter(backends_, nullptr, client_);
  ASSERT_TRUE(adapter.observe(object_, {}).problem.has_value());
  EXPECT_EQ(adapter.observe(object_, {}).problem->reason, "GatewayAPIMissing");
  EXPECT_TRUE(adapter.confirm(object_, {}, {})->confirmed);
  EXPECT_FALSE(adapter.set_weight(object_, SetWeight{Percent::whole(25), "a", "b"}, {}).has_value());
  EXPECT_THAT(calls(transport_), IsEmpty());
}

TEST_F(GatewayApiTest, SetWeightPatchesEveryRouteThatDiffers) {
  name_routes({"main", "second"});
  know(routes_, users_route(75, 25));
  know(routes_, users_route(100, 0, "second"));
  transport_.answer(200, users_route(75, 25, "second", 11).dump());
  ASSERT_TRUE(set_weight(25).has_value());
  EXPECT_THAT(calls(transport_), ElementsAre(std::string("PATCH ") + kRoutes + "/second"));
  EXPECT_EQ(transport_.requests()[0].content_type, "application/json-patch+json");
  EXPECT_EQ(body(transport_, 0), json::parse(R"([
      {"op":"add","path":"/spec/rules/0/backendRefs/0/weight","value":75},
      {"op":"add","path":"/spec/rules/0/backendRefs/1/weight","value":25},
      {"op":"add","path":"/metadata/resourceVersion","value":"10"}])"));
  object_.status.weight.desired = Percent::whole(25);
  EXPECT_EQ(observe().candidate_weight, Percent::whole(25)) << "the own write is not known";
}

TEST_F(GatewayApiTest, AConflictReadsTheRouteAfresh) {
  name_routes({"main"});
  know(routes_, users_route(100, 0));
  transport_.answer(refuse(409, "Conflict")).answer(200, users_route(50, 50, "main", 12).dump());
  const auto conflict = set_weight(25);
  ASSERT_FALSE(conflict.has_value());
  EXPECT_EQ(conflict.error().kind, ApiError::Kind::conflict);
  EXPECT_THAT(calls(transport_), ElementsAre(StartsWith("PATCH"), std::string("GET ") + kRoutes + "/main"));
  EXPECT_EQ(observe().candidate_weight, Percent::whole(50));
}

TEST_F(GatewayApiTest, AnotherFailureReadsNothing) {
  name_routes({"main"});
  know(routes_, users_route(100, 0));
  transport_.answer(refuse(403, "Forbidden"));
  EXPECT_EQ(set_weight(25).error().kind, ApiError::Kind::forbidden);
  EXPECT_THAT(calls(transport_), ElementsAre(StartsWith("PATCH")));
}

TEST_F(GatewayApiTest, SetWeightWithoutTheRouteSaysSo) {
  name_routes({"main"});
  EXPECT_EQ(set_weight(25).error().kind, ApiError::Kind::not_found);
  EXPECT_THAT(set_weight(25).error().message, HasSubstr("HTTPRoute main does not exist"));
}

TEST_F(GatewayApiTest, ConfirmReadsEveryRoute) {
  name_routes({"main", "second"});
  object_.status.weight.desired = Percent::whole(10);
  know(routes_, users_route(100, 0));
  transport_.answer(200, users_route(90, 10, "main", 11).dump())
      .answer(200, users_route(90, 10, "second", 12).dump());
  const auto state = adapter_.confirm(object_, {}, {});
  ASSERT_TRUE(state.has_value());
  EXPECT_TRUE(state->confirmed);
  EXPECT_EQ(state->candidate_weight, Percent::whole(10));
  EXPECT_THAT(calls(transport_), ElementsAre(std::string("GET ") + kRoutes + "/main",
                                             std::string("GET ") + kRoutes + "/second"));
}

TEST_F(GatewayApiTest, ConfirmSeesThatARouteIsGone) {
  name_routes({"main"});
  know(routes_, users_route(100, 0));
  transport_.answer(refuse(404, "NotFound"));
  const auto state = adapter_.confirm(object_, {}, {});
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->problem->reason, "RouteNotFound");
}

TEST_F(GatewayApiTest, ConfirmFailsWhenNobodyAnswers) {
  name_routes({"main"});
  know(routes_, users_route(100, 0));
  transport_.answer(refuse(503, "ServiceUnavailable"));
  EXPECT_FALSE(adapter_.confirm(object_, {}, {}).has_value());
  EXPECT_EQ(observe().candidate_weight, api::kNothing) << "what was known is forgotten";
}

TEST_F(GatewayApiTest, AnOwnRouteThatIsMissingIsOutdated) {
  want_own_route();
  EXPECT_TRUE(observe().own_route_outdated);
  EXPECT_FALSE(observe().problem.has_value());
}

TEST_F(GatewayApiTest, AnOwnRouteAsWantedIsNotOutdated) {
  want_own_route();
  know(routes_, own_route(90, 10));
  EXPECT_FALSE(observe().own_route_outdated);
  EXPECT_EQ(observe().candidate_weight, Percent::whole(10));
}

TEST_F(GatewayApiTest, WhatMakesAnOwnRouteOutdated) {
  want_own_route();
  std::vector<std::pair<const char*, json>> edits{{"other gateway", own_route(90, 10)},
                                                  {"other hosts", own_route(90, 10)},
                                                  {"backend missing", own_route(90, 10)},
                                                  {"no rule", own_route(90, 10)}};
  edits[0].second["spec"]["parentRefs"][0]["name"] = "other";
  edits[1].second["spec"].erase("hostnames");
  edits[2].second["spec"]["rules"][0]["backendRefs"].erase(1);
  edits[3].second["spec"]["rules"] = json::array();
  int version = 10;
  for (auto& [what, object] : edits) {
    SCOPED_TRACE(what);
    object["metadata"]["resourceVersion"] = std::to_string(++version);
    know(routes_, object);
    EXPECT_TRUE(observe().own_route_outdated);
    EXPECT_FALSE(observe().problem.has_value()) << "it is put right, nobody has to do anything";
  }
}

TEST_F(GatewayApiTest, ARouteOfThatNameThatIsNotOursIsAProblem) {
  want_own_route();
  know(routes_, own_route(90, 10, 10, "somebody"));
  const auto state = observe();
  ASSERT_TRUE(state.problem.has_value());
  EXPECT_EQ(state.problem->reason, "RouteNotOurs");
  EXPECT_THAT(state.problem->message, HasSubstr("or name it in spec.traffic.gatewayAPI.routes"));
  EXPECT_FALSE(state.own_route_outdated);
}

TEST_F(GatewayApiTest, CreatesTheOwnRoute) {
  want_own_route();
  transport_.answer(201, own_route(100, 0).dump());
  ASSERT_TRUE(ensure().has_value());
  EXPECT_THAT(calls(transport_), ElementsAre(std::string("POST ") + kRoutes));
  EXPECT_EQ(body(transport_, 0), json::parse(R"({
      "apiVersion":"gateway.networking.k8s.io/v1","kind":"HTTPRoute",
      "metadata":{"name":"web","namespace":"shop","labels":{"serving.seraphim.io/name":"web"},
        "ownerReferences":[{"apiVersion":"serving.seraphim.io/v1alpha1","kind":"SeraphimDeployment","name":"web",
          "uid":"owner","controller":true,"blockOwnerDeletion":true}]},
      "spec":{"parentRefs":[{"name":"gw"}],"hostnames":["web.example"],"rules":[{"backendRefs":[
          {"name":"web-stable","port":8080,"weight":100},{"name":"web-candidate","port":8080,"weight":0}]}]}})"));
  EXPECT_FALSE(observe().own_route_outdated);
}

TEST_F(GatewayApiTest, AnOutdatedOwnRouteIsAppliedWithItsWeight) {
  want_own_route();
  json outdated = own_route(75, 25);
  outdated["spec"].erase("hostnames");
  know(routes_, outdated);
  transport_.answer(200, own_route(9950, 50, 11).dump());
  ASSERT_TRUE(ensure(Percent::from_basis_points(50)).has_value());
  EXPECT_THAT(calls(transport_), ElementsAre(std::string("PATCH ") + kRoutes + "/web"));
  EXPECT_EQ(transport_.requests()[0].content_type, "application/apply-patch+yaml");
  const json backends = body(transport_, 0)["spec"]["rules"][0]["backendRefs"];
  EXPECT_EQ(backends[0]["weight"], 9950);
  EXPECT_EQ(backends[1]["weight"], 50);
  EXPECT_EQ(observe().candidate_weight, Percent::from_basis_points(50));
}

TEST_F(GatewayApiTest, AnOwnRouteThatIsThereAlreadyAndOutdatedIsApplied) {
  want_own_route();
  json outdated = own_route(100, 0);
  outdated["spec"].erase("hostnames");
  transport_.answer(refuse(409, "AlreadyExists"))
      .answer(200, outdated.dump())
      .answer(200, own_route(100, 0, 11).dump());
  ASSERT_TRUE(ensure().has_value());
  EXPECT_THAT(calls(transport_), ElementsAre(StartsWith("POST"), StartsWith("GET"), StartsWith("PATCH")));
}

TEST_F(GatewayApiTest, ARouteOfSomebodyElseIsNeverWritten) {
  want_own_route();
  know(routes_, own_route(90, 10, 10, "somebody"));
  const auto refused = ensure();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "NotOurs");
  EXPECT_THAT(calls(transport_), IsEmpty());
}

TEST_F(GatewayApiTest, UsersRoutesAreNotEnsured) {
  name_routes({"main"});
  EXPECT_TRUE(ensure().has_value());
  EXPECT_THAT(calls(transport_), IsEmpty());
}

}  // namespace seraphim::traffic::testing
