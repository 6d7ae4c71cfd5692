// Which backendRef of a route forces which variant, and what its author is told to write.
#include "traffic/variant_route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "traffic/routed_gateway_scene.h"

namespace seraphim::traffic::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

HttpRoute decoded_route(const json& backends) {
  return *kubernetes::Resource<HttpRoute>::decode(route_with("web", backends));
}

std::vector<std::string> names_in(const HttpRoute& route) {
  std::vector<std::string> names;
  for (const auto& reference : route.rules.at(0)) names.push_back(reference.name);
  return names;
}

std::string problem_of(const json& backends, const std::string& header = "X-Canary") {
  const auto problem = variant_problem(decoded_route(backends), header);
  return problem ? problem->reason + ": " + problem->message : "";
}

TEST(VariantRoute, BackendsAreCalledByTheVariantThatTheyForce) {
  const auto route = decoded_route(json::array(
      {{{"name", "seraphim-inference"}, {"weight", 5}}, forcing("Candidate", 3), forcing("BASELINE", 97)}));
  EXPECT_EQ(names_in(by_variant(route, "x-CANARY")), (std::vector<std::string>{"", "candidate", "baseline"}));
  EXPECT_EQ(names_in(by_variant(route, "X-Other")), (std::vector<std::string>{"", "", ""}));
  EXPECT_EQ(by_variant(route, "X-Canary").rules[0][1].weight, 3);
}

TEST(VariantRoute, OnlyTheFirstModifierOfABackendCounts) {
  json twice = forcing("baseline", 1, "X-Other");
  twice["filters"].push_back(forcing("candidate", 1)["filters"][0]);
  EXPECT_EQ(names_in(by_variant(decoded_route(json::array({twice})), "X-Canary")).front(), "");
}

TEST(VariantRoute, WhatIsAddedIsNotSet) {
  json adds = forcing("candidate", 1);
  json& modifier = adds["filters"][0]["requestHeaderModifier"];
  modifier = {{"add", modifier["set"]}};
  EXPECT_EQ(names_in(by_variant(decoded_route(json::array({adds})), "X-Canary")).front(), "")
      << "the gateway would read the client's header too";
}

TEST(VariantRoute, AUsableOneHasNoProblem) {
  EXPECT_THAT(problem_of(json::array({forcing("baseline", 90), forcing("candidate", 10)})), IsEmpty());
  EXPECT_THAT(problem_of(json::array({forcing("candidate", 1, "X-Lane"), forcing("baseline", 9, "X-Lane")}),
                         "x-lane"),
              IsEmpty());
}

TEST(VariantRoute, AVariantThatIsThereTwiceIsAProblem) {
  EXPECT_THAT(
      problem_of(json::array({forcing("baseline", 90), forcing("candidate", 10), forcing("candidate", 0)})),
      HasSubstr("BackendTwice: HTTPRoute web, rule 1 has more than one backendRef that sets X-Canary: "
                "candidate, so that nobody can tell which one has the weight; keep one for each variant"));
  EXPECT_THAT(problem_of(json::array({forcing("candidate", 10), forcing("baseline", 90),
                                      forcing("baseline", 0, "X-Canary", "other")})),
              HasSubstr("more than one backendRef that sets X-Canary: baseline"));
}

TEST(VariantRoute, ProblemsSayWhatToWrite) {
  EXPECT_THAT(
      problem_of(json::array({{{"name", "seraphim-inference"}}})),
      HasSubstr("BackendsMissing: HTTPRoute web has no rule that forces the gateway's variants; write "
                "two backendRefs"));
  EXPECT_THAT(problem_of(json::array({forcing("baseline", 1), forcing("candidate", 1)}), "X-Lane"),
              HasSubstr("one sets X-Lane: baseline with weight 100"));
  EXPECT_THAT(problem_of(json::array({forcing("baseline", 1)})),
              HasSubstr("BackendMissing: HTTPRoute web, rule 1 has a backendRef that sets X-Canary: baseline "
                        "and none that sets X-Canary: candidate"));
  EXPECT_THAT(problem_of(json::array({forcing("candidate", 1)})),
              HasSubstr("sets X-Canary: candidate and none that sets X-Canary: baseline"));
  EXPECT_THAT(problem_of(json::array({forcing("baseline", 1), forcing("candidate", 1, "X-Canary", "other")})),
              HasSubstr("BackendsDiffer: HTTPRoute web, rule 1 sends baseline to Service seraphim-inference "
                        "and candidate to other"));
}

}  // namespace
}  // namespace seraphim::traffic::testing
