#include "api/label_selector.h"

#include <gtest/gtest.h>

namespace seraphim::api {
namespace {

using Operator = LabelRequirement::Operator;

const std::map<std::string, std::string> kLabels{{"team", "vision"}, {"tier", "gold"}};

bool takes(const LabelRequirement& requirement) {
  return selects({.match_labels = {}, .match_expressions = {requirement}}, kLabels);
}

TEST(LabelSelector, AnEmptyOneSelectsEverything) {
  EXPECT_TRUE(selects({}, {}));
  EXPECT_TRUE(selects({}, kLabels));
}

TEST(LabelSelector, AllLabelsMustMatch) {
  EXPECT_TRUE(
      selects({.match_labels = {{"team", "vision"}, {"tier", "gold"}}, .match_expressions = {}}, kLabels));
  EXPECT_FALSE(
      selects({.match_labels = {{"team", "vision"}, {"tier", "tin"}}, .match_expressions = {}}, kLabels));
  EXPECT_FALSE(selects({.match_labels = {{"absent", "vision"}}, .match_expressions = {}}, kLabels));
}

TEST(LabelSelector, ExpressionsAsTheApiServerUnderstandsThem) {
  EXPECT_TRUE(takes({"team", Operator::in, {"speech", "vision"}}));
  EXPECT_FALSE(takes({"team", Operator::in, {"speech"}}));
  EXPECT_FALSE(takes({"absent", Operator::in, {"vision"}}));
  EXPECT_FALSE(takes({"team", Operator::not_in, {"vision"}}));
  EXPECT_TRUE(takes({"team", Operator::not_in, {"speech"}}));
  EXPECT_TRUE(takes({"absent", Operator::not_in, {"vision"}})) << "what has no such label is not in";
  EXPECT_TRUE(takes({"team", Operator::exists, {}}));
  EXPECT_FALSE(takes({"absent", Operator::exists, {}}));
  EXPECT_FALSE(takes({"team", Operator::does_not_exist, {}}));
  EXPECT_TRUE(takes({"absent", Operator::does_not_exist, {}}));
}

TEST(LabelSelector, AllOfItMustHold) {
  const LabelRequirement wrong{"tier", Operator::in, {"tin"}}, right{"tier", Operator::exists, {}};
  EXPECT_TRUE(selects({.match_labels = {{"team", "vision"}}, .match_expressions = {right}}, kLabels));
  EXPECT_FALSE(selects({.match_labels = {{"team", "vision"}}, .match_expressions = {right, wrong}}, kLabels));
  EXPECT_FALSE(selects({.match_labels = {{"team", "speech"}}, .match_expressions = {right}}, kLabels));
}

}  // namespace
}  // namespace seraphim::api
