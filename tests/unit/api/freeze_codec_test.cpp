// A SeraphimFreeze as people write it, and what is understood.
#include "api/freeze_codec.h"

#include <gmock/gmock.h>

#include <random>

#include "api/yaml_file.h"

namespace seraphim::api {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

TEST(FreezeCodec, EachMistakeGivesItsSentenceAndNoOther) {
  const auto cases = invalid_freezes();
  EXPECT_GT(cases.size(), 20u);
  for (const auto& one : cases) {
    EXPECT_THAT(decode_freeze(one.object).problems, ElementsAre(one.problem)) << one.name;
  }
}

TEST(FreezeCodec, WhatIsJustRightHasNoProblem) {
  EXPECT_THAT(decode_freeze(valid_freeze()).problems, IsEmpty());
  for (const auto& one : accepted_freezes()) {
    EXPECT_THAT(decode_freeze(one.object).problems, IsEmpty()) << one.name;
  }
}

TEST(FreezeCodec, EveryFieldArrives) {
  json object = valid_freeze();
  object["metadata"].update({{"uid", "u-1"}, {"resourceVersion", "77"}, {"generation", 3}});
  const SeraphimFreeze freeze = decode_freeze(object);
  EXPECT_EQ(freeze.name, "weekend");
  EXPECT_EQ(freeze.namespace_, "default");
  EXPECT_EQ(freeze.uid, "u-1");
  EXPECT_EQ(freeze.resource_version, "77");
  EXPECT_EQ(freeze.generation, 3);
  EXPECT_EQ(freeze.spec.reason, "nobody is here to look");
  EXPECT_EQ(freeze.spec.who, "alice");
  ASSERT_TRUE(freeze.spec.selector);
  EXPECT_EQ(freeze.spec.selector->match_labels, (std::map<std::string, std::string>{{"team", "vision"}}));
  EXPECT_THAT(freeze.spec.selector->match_expressions,
              ElementsAre(LabelRequirement{"tier", LabelRequirement::Operator::in, {"gold", "silver"}}));
  EXPECT_EQ(freeze.spec.from, parse_time("2026-12-01T00:00:00Z").value());
  EXPECT_EQ(freeze.spec.until, parse_time("2027-01-04T07:00:00Z").value());
  EXPECT_EQ(freeze.spec.time_zone, "Europe/Berlin");
  EXPECT_THAT(freeze.spec.windows, ElementsAre(FreezeWindow{0b110'0000, 18h, 8h}));
}

TEST(FreezeCodec, WithoutAZoneItIsUtcAndWithoutDaysEveryDay) {
  json object = valid_freeze();
  object["spec"].erase("timeZone");
  object["spec"]["windows"] = json::array({{{"start", "00:00"}, {"end", "23:59"}}});
  const SeraphimFreeze freeze = decode_freeze(object);
  EXPECT_EQ(freeze.spec.time_zone, "UTC");
  EXPECT_THAT(freeze.spec.windows, ElementsAre(FreezeWindow{0b111'1111, 0min, 23h + 59min}));
}

TEST(FreezeCodec, AnyOtherJsonIsAProblemAndNoException) {
  for (const json& object : {json(), json(7), json::array(), json{{"spec", 7}}, json{{"spec", json::array()}},
                             json{{"spec", {{"windows", 7}, {"selector", 7}, {"from", 7}}}}}) {
    EXPECT_FALSE(decode_freeze(object).problems.empty()) << object;
  }
}

TEST(FreezeCodec, TheStatusComesBackAsItWasWritten) {
  FreezeStatus status;
  EXPECT_EQ(decode_freeze_status(encode_freeze_status(status)), status);
  status.observed_generation = 4;
  status.active = true;
  status.next_change = parse_time("2026-12-04T17:00:00Z").value();
  status.affected = 12;
  status.conditions = {{"Accepted", ConditionStatus::false_, "UnknownTimeZone", "write another", 4,
                        parse_time("2026-12-01T00:00:00Z").value()}};
  EXPECT_EQ(decode_freeze_status(encode_freeze_status(status)), status);
  EXPECT_EQ(decode_freeze_status(json::array()), FreezeStatus{});
}

}  // namespace
}  // namespace seraphim::api
