// What weights of routes say, and the patch that changes them, as tables.
#include "traffic/route_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <ostream>
#include <regex>

namespace seraphim::traffic {
namespace {

using api::Percent;
using nlohmann::json;
using ::testing::HasSubstr;

using Rules = std::vector<std::vector<BackendReference>>;

const BackendPair kPair{"s", "c"};

HttpRoute route(Rules rules, const std::string& name = "main") {
  HttpRoute route;
  route.meta.key = {"shop", name};
  route.meta.resource_version = "41";
  route.rules = std::move(rules);
  return route;
}

struct ShareCase {
  const char* name;
  std::vector<Rules> routes;
  int wanted;  ///< basis points, as below
  int share;
};
void PrintTo(const ShareCase& test, std::ostream* out) {
  *out << test.name;
}

class Share : public ::testing::TestWithParam<ShareCase> {};

TEST_P(Share, IsTheCandidates) {
  std::vector<HttpRoute> routes;
  for (const auto& rules : GetParam().routes) routes.push_back(route(rules));
  const auto share = candidate_share(routes, kPair, Percent::from_basis_points(GetParam().wanted));
  ASSERT_TRUE(share.has_value());
  EXPECT_EQ(share->basis_points(), GetParam().share);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Share,
    ::testing::Values(
        ShareCase{"One", {{{{"s", 75}, {"c", 25}}}}, 0, 2500},
        ShareCase{"TheOrderOfBackendsDoesNotMatter", {{{{"c", 25}, {"s", 75}}}}, 0, 2500},
        ShareCase{"AnySum", {{{{"s", 3}, {"c", 1}}}}, 0, 2500},
        ShareCase{"Rounded", {{{{"s", 2}, {"c", 1}}}}, 0, 3333},
        ShareCase{"RoundedUp", {{{{"s", 1}, {"c", 2}}}}, 0, 6667},
        ShareCase{"Fraction", {{{{"s", 9950}, {"c", 50}}}}, 0, 50},
        ShareCase{"Everything", {{{{"s", 0}, {"c", 7}}}}, 0, 10000},
        ShareCase{"LargestWeightsOfTheApi", {{{{"s", 1'000'000}, {"c", 1'000'000}}}}, 0, 5000},
        ShareCase{"ThirdBackendsDoNotCount", {{{{"s", 50}, {"x", 900}, {"c", 50}}}}, 0, 5000},
        ShareCase{
            "RulesWithoutThePairDoNotCount", {{{{"x", 1}}, {}, {{"s", 60}, {"c", 40}}, {{"", 5}}}}, 0, 4000},
        ShareCase{"NobodyHasWeightIsNotWhatIsWanted", {{{{"s", 0}, {"c", 0}}}}, 0, 10000},
        ShareCase{"NobodyHasWeightIsNotWhatIsWantedAtTheEndEither", {{{{"s", 0}, {"c", 0}}}}, 10000, 0},
        ShareCase{"RulesDisagreeLower", {{{{"s", 75}, {"c", 25}}, {{"s", 100}, {"c", 0}}}}, 2500, 0},
        ShareCase{"RulesDisagreeHigher", {{{{"s", 75}, {"c", 25}}, {{"s", 10}, {"c", 90}}}}, 2500, 9000},
        ShareCase{"TheFarthestWins",
                  {{{{"s", 60}, {"c", 40}}, {{"s", 100}, {"c", 0}}, {{"s", 70}, {"c", 30}}}},
                  2500,
                  0},
        ShareCase{"WhatIsThereTwiceCountsTwice", {{{{"s", 90}, {"c", 0}, {"c", 10}, {"s", 0}}}}, 0, 1000},
        ShareCase{"HalfARuleHidesNothingOfTheOthers",
                  {{{{"s", 1}}, {{"c", 1}}, {{"s", 75}, {"c", 25}}}, {{{"s", 1}}}},
                  0,
                  2500},
        ShareCase{"RoutesDisagree", {{{{"s", 75}, {"c", 25}}}, {{{"s", 50}, {"c", 50}}}}, 2500, 5000},
        ShareCase{"RoutesAgree", {{{{"s", 75}, {"c", 25}}}, {{{"s", 3}, {"c", 1}}}}, 2500, 2500}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Share, IsUnknownWithoutARuleThatNamesBoth) {
  EXPECT_EQ(candidate_share({}, kPair, api::kNothing), std::nullopt);
  EXPECT_EQ(candidate_share({route({{{"s", 1}}, {{"c", 1}}, {{"x", 1}}})}, kPair, api::kNothing),
            std::nullopt);
}

struct ProblemCase {
  const char* name;
  Rules rules;
  const char* reason;
  const char* message;
};
void PrintTo(const ProblemCase& test, std::ostream* out) {
  *out << test.name;
}

class PairProblem : public ::testing::TestWithParam<ProblemCase> {};

TEST_P(PairProblem, SaysWhatToWrite) {
  const auto problem = pair_problem(route(GetParam().rules), kPair);
  ASSERT_TRUE(problem.has_value());
  EXPECT_EQ(problem->reason, GetParam().reason);
  EXPECT_EQ(problem->message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Table, PairProblem,
    ::testing::Values(
        ProblemCase{"CandidateMissing",
                    {{{"x", 1}}, {{"s", 1}}},
                    "BackendMissing",
                    "HTTPRoute main, rule 2 sends to s but not to c; add a backendRef to c with weight 0 to "
                    "that rule"},
        ProblemCase{"StableMissing",
                    {{{"c", 1}}},
                    "BackendMissing",
                    "HTTPRoute main, rule 1 sends to c but not to s; add a backendRef to s with weight 0 to "
                    "that rule"},
        ProblemCase{"ALaterRuleIsIncomplete",
                    {{{"s", 1}, {"c", 0}}, {{"s", 1}}},
                    "BackendMissing",
                    "HTTPRoute main, rule 2 sends to s but not to c; add a backendRef to c with weight 0 to "
                    "that rule"},
        ProblemCase{"NoRuleIsConcerned",
                    {{{"x", 1}}},
                    "BackendsMissing",
                    "HTTPRoute main has no rule that sends to the Services s and c; add both as backendRefs"},
        ProblemCase{
            "NoRules",
            {},
            "BackendsMissing",
            "HTTPRoute main has no rule that sends to the Services s and c; add both as backendRefs"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(PairProblem, AUsableRouteHasNone) {
  EXPECT_FALSE(pair_problem(route({{{"x", 1}}, {{"s", 1}, {"c", 0}}}), kPair).has_value());
}

struct PatchCase {
  const char* name;
  Rules rules;
  int candidate;
  const char* weights;  ///< "rule/backend=weight ...", in the order of the operations
};
void PrintTo(const PatchCase& test, std::ostream* out) {
  *out << test.name;
}

class Patch : public ::testing::TestWithParam<PatchCase> {};

/// Checks on the way that nothing but weights and the version is touched, and only by `add`.
std::string weights_of(const json& patch) {
  std::string text;
  for (const json& operation : patch) {
    EXPECT_EQ(operation["op"], "add");
    const auto path = operation["path"].get<std::string>();
    if (path == "/metadata/resourceVersion") continue;
    static const std::regex weight("/spec/rules/([0-9]+)/backendRefs/([0-9]+)/weight");
    std::smatch found;
    if (!std::regex_match(path, found, weight)) return "a patch of " + path;
    text += (text.empty() ? "" : " ") + found[1].str() + "/" + found[2].str() + "=" +
            std::to_string(operation["value"].get<int>());
  }
  return text;
}

TEST_P(Patch, SetsTheWeightsThatDiffer) {
  const json patch =
      weight_patch(route(GetParam().rules), kPair, Percent::from_basis_points(GetParam().candidate));
  EXPECT_EQ(weights_of(patch), GetParam().weights);
  if (std::string_view(GetParam().weights).empty()) {
    EXPECT_EQ(patch, json::array());
  } else {
    EXPECT_EQ(patch.back(), json::parse(R"({"op":"add","path":"/metadata/resourceVersion","value":"41"})"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, Patch,
    ::testing::Values(
        PatchCase{"One", {{{"s", 100}, {"c", 0}}}, 2500, "0/0=75 0/1=25"},
        PatchCase{"OtherOrder", {{{"c", 0}, {"s", 100}}}, 2500, "0/0=25 0/1=75"},
        PatchCase{"AllRulesThatNameThePair",
                  {{{"s", 100}, {"c", 0}}, {{"x", 1}}, {{"s", 100}, {"c", 0}}},
                  1000,
                  "0/0=90 0/1=10 2/0=90 2/1=10"},
        PatchCase{"ThirdBackendsKeepTheirWeight", {{{"s", 100}, {"x", 5}, {"c", 0}}}, 5000, "0/0=50 0/2=50"},
        PatchCase{"Fraction", {{{"s", 100}, {"c", 0}}}, 50, "0/0=9950 0/1=50"},
        PatchCase{"OneHundredth", {{{"s", 100}, {"c", 0}}}, 1, "0/0=9999 0/1=1"},
        PatchCase{"Everything", {{{"s", 1}, {"c", 1}}}, 10000, "0/0=0 0/1=100"},
        PatchCase{"Nothing", {{{"s", 1}, {"c", 1}}}, 0, "0/0=100 0/1=0"},
        PatchCase{"NobodyHadWeight", {{{"s", 0}, {"c", 0}}}, 0, "0/0=100"},
        PatchCase{"OnlyTheRuleThatDiffers",
                  {{{"s", 75}, {"c", 25}}, {{"s", 90}, {"c", 10}}},
                  2500,
                  "1/0=75 1/1=25"},
        PatchCase{"NothingDiffers", {{{"s", 75}, {"c", 25}}}, 2500, ""},
        PatchCase{"HalfARuleIsLeftAlone", {{{"s", 100}}, {{"c", 1}}}, 2500, ""},
        PatchCase{"TwiceTheSameBackend", {{{"s", 1}, {"s", 2}, {"c", 0}}}, 2500, "0/0=75 0/1=0 0/2=25"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace seraphim::traffic
