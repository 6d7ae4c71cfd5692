// Bad input: each gives the sentence that it should, and nothing gives an exception.
#include <gmock/gmock.h>

#include <limits>
#include <random>

#include "api/codec.h"
#include "api/fields.h"
#include "api/quote.h"
#include "api/yaml_file.h"

namespace seraphim::api {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Problems, EachMistakeGivesItsSentenceAndNoOther) {
  const auto cases = invalid_deployments();
  EXPECT_GT(cases.size(), 70u);
  for (const auto& one : cases) {
    EXPECT_THAT(decode_deployment(one.object).problems, ElementsAre(one.problem)) << one.name;
  }
}

TEST(Problems, WhatIsJustRightHasNone) {
  EXPECT_THAT(decode_deployment(valid_deployment()).problems, IsEmpty());
  for (const auto& one : accepted_deployments()) {
    EXPECT_THAT(decode_deployment(one.object).problems, IsEmpty()) << one.name;
  }
}

// Mistakes that the API server's schema stops by its limits on sizes.
TEST(Problems, SizesHaveLimits) {
  const auto problems_with = [](const char* at, const json& value) {
    json object = valid_deployment();
    object[json::json_pointer(at)] = value;
    return decode_deployment(object).problems;
  };
  json steps = json::array();
  for (int i = 1; i <= 20; ++i) steps.push_back({{"weight", i}});
  EXPECT_THAT(problems_with("/spec/strategy/canary/steps", steps), IsEmpty());
  steps.push_back({{"weight", 21}});
  EXPECT_THAT(problems_with("/spec/strategy/canary/steps", steps),
              ElementsAre(HasSubstr("there must be 1 to 20 steps")));

  json routes = json::array();
  for (int i = 1; i <= 16; ++i) routes.push_back({{"name", "route-" + std::to_string(i)}});
  EXPECT_THAT(problems_with("/spec/traffic/gatewayAPI/routes", routes), IsEmpty());
  routes.push_back({{"name", "one-more"}});
  EXPECT_THAT(problems_with("/spec/traffic/gatewayAPI/routes", routes),
              ElementsAre(HasSubstr("1 to 16 entries")));
  EXPECT_THAT(problems_with("/spec/traffic/gatewayAPI/routes/0/name", std::string(253, 'a')), IsEmpty());
  EXPECT_THAT(problems_with("/spec/traffic/gatewayAPI/routes/0/name", std::string(254, 'a')),
              ElementsAre(HasSubstr("HTTPRoute")));

  json labels;
  for (int i = 1; i <= 8; ++i) labels["label_" + std::to_string(i)] = std::string(256, 'v');
  EXPECT_THAT(problems_with("/spec/analysis/prometheus/matchLabels", labels), IsEmpty());
  labels["label_1"] = std::string(257, 'v');
  EXPECT_THAT(problems_with("/spec/analysis/prometheus/matchLabels", labels),
              ElementsAre(HasSubstr("at most 256 characters")));
  labels["label_1"] = "v";
  labels["label_9"] = "v";
  EXPECT_THAT(problems_with("/spec/analysis/prometheus/matchLabels", labels),
              ElementsAre(HasSubstr("at most 8 labels")));

  EXPECT_THAT(problems_with("/spec/analysis/prometheus/address", "http://" + std::string(2041, 'p')),
              IsEmpty());
  EXPECT_THAT(problems_with("/spec/analysis/prometheus/address", "http://" + std::string(2042, 'p')),
              ElementsAre(HasSubstr("write the URL of Prometheus")));
}

TEST(Problems, ATemplateMayNotBeNestedWithoutEnd) {
  const auto nested = [](int levels) {
    json value = "leaf";
    for (int i = 0; i < levels; ++i) {
      json around = json::array();
      around.push_back(std::move(value));
      value = std::move(around);
    }
    json object = valid_deployment();
    object["spec"]["workload"]["pods"]["template"]["spec"]["odd"] = std::move(value);
    return decode_deployment(object).problems;
  };
  EXPECT_THAT(nested(62), IsEmpty());
  EXPECT_THAT(nested(63), ElementsAre(HasSubstr("nested too deeply")));
  EXPECT_THAT(nested(20'000), ElementsAre(HasSubstr("nested too deeply")));
}

TEST(Problems, ALongStoryIsCutShort) {
  json object = valid_deployment();
  for (int i = 0; i < 1000; ++i) object["spec"]["field" + std::to_string(i)] = i;
  EXPECT_EQ(decode_deployment(object).problems.size(), Problems::kMost);
}

TEST(Quote, IsOneLineOfValidTextHoweverOddTheInput) {
  EXPECT_EQ(quote("plain"), "\"plain\"");
  EXPECT_EQ(quote("two\nlines"), "\"two\\nlines\"");
  EXPECT_EQ(quote("\xff"), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(quote(std::string(60, 'a')), "\"" + std::string(60, 'a') + "\"");
  EXPECT_EQ(quote(std::string(61, 'a')), "\"" + std::string(60, 'a') + "...\"");
  // A character of two bytes is not cut in the middle.
  EXPECT_EQ(quote(std::string(59, 'a') + "\xc3\xa4\xc3\xa4"), "\"" + std::string(59, 'a') + "...\"");
}

/// A JSON value of any type, nested at most `depth` deep, with names that the codec knows among others.
json any_json(std::mt19937& random, int depth) {
  static const std::vector<std::string> kNames{
      "metadata", "name",       "spec",  "status",     "workload", "pods",     "template",
      "traffic",  "routes",     "steps", "weight",     "canary",   "strategy", "analysis",
      "evidence", "conditions", "step",  "prometheus", "address",  "labels",   "hold"};
  const auto pick = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
  json value;
  switch (pick(depth > 0 ? 9 : 6)) {
    case 0:
      return nullptr;
    case 1:
      return pick(1) == 1;
    case 2:
      return pick(200) - 100;
    case 3:
      return std::numeric_limits<std::uint64_t>::max() - static_cast<std::uint64_t>(pick(1));
    case 4:
      return pick(1) == 1 ? std::numeric_limits<double>::quiet_NaN() : 0.5 * pick(9);
    case 5:
      return kNames[static_cast<std::size_t>(pick(20))];
    case 6:
      return pick(1) == 1 ? json("\xff\xfe") : json(std::string(static_cast<std::size_t>(pick(99)), 'x'));
    case 7:
      value = json::array();
      for (int i = pick(4); i > 0; --i) value.push_back(any_json(random, depth - 1));
      return value;
    default:
      value = json::object();
      for (int i = pick(4); i > 0; --i)
        value[kNames[static_cast<std::size_t>(pick(20))]] = any_json(random, depth - 1);
      return value;
  }
}

void collect_pointers(const json& value, const json::json_pointer& at,
                      std::vector<json::json_pointer>& pointers) {
  pointers.push_back(at);
  if (value.is_object()) {
    for (const auto& [name, part] : value.items()) collect_pointers(part, at / name, pointers);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) collect_pointers(value[i], at / i, pointers);
  }
}

/// Filled with nothing, both sides would ask the same: alike for ever, which looks good.
TEST(Problems, PodsHaveNoModelVersionToAskFor) {
  json object = valid_deployment();
  const json analysis =
      json::parse(R"({"prometheus": {"address": "http://p:9090"}, "metrics": [{"name": "drift",
      "drift": {"measure": "KL", "baseline": "p{v=\"{{stableVersion}}\"}",
                "candidate": "p{v=\"{{candidateVersion}}\"}", "max": "0.1"}}]})");
  object["spec"]["analysis"] = analysis;
  const auto problems = decode_deployment(object).problems;
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0], R"(spec.analysis.metrics: "drift" asks for a model version, which only )"
                         "workload.torchServe has; write {{stable}} and {{candidate}}");
  object["spec"]["workload"] = json::parse(R"({"torchServe": {"managementURL": "http://t:8081",
      "model": {"name": "text", "version": "2.0", "url": "text.mar"}}})");
  object["spec"]["traffic"] = {{"seraphimGateway", json::object()}};
  EXPECT_TRUE(decode_deployment(object).problems.empty());
}

TEST(Codec, IsTotal) {
  std::mt19937 random(3);
  json whole = valid_deployment();
  whole["status"] =
      json::parse(R"({"phase": "Stable", "weight": {"desired": "5%"}, "evidence": {"state": "x"}, "step": 1,
      "lastRollback": {"at": "2026-11-24T16:17:33Z"}, "conditions": [{"type": "Ready"}], "held": "5s"})");
  std::vector<json::json_pointer> pointers;
  collect_pointers(whole, json::json_pointer(), pointers);
  std::size_t refused = 0;
  for (int i = 0; i < 5'000; ++i) {
    json object = whole;
    object[pointers[static_cast<std::size_t>(i) % pointers.size()]] = any_json(random, 4);
    SeraphimDeployment deployment;
    ASSERT_NO_THROW(deployment = decode_deployment(object));
    refused += deployment.problems.empty() ? 0u : 1u;
    // What was read can be written, and sentences are text that JSON can hold.
    ASSERT_NO_THROW(json(deployment.problems).dump());
    ASSERT_EQ(decode_status(encode_status(deployment.status)), deployment.status);
    if (deployment.problems.empty()) {
      const auto workload = decode_workload(encode_workload(deployment.spec.workload));
      ASSERT_TRUE(workload) << workload.error();
      ASSERT_EQ(*workload, deployment.spec.workload);
    }
  }
  EXPECT_GT(refused, 2'000u);
  EXPECT_LT(refused, 4'950u);
}

}  // namespace
}  // namespace seraphim::api
