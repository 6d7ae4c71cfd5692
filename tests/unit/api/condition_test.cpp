#include "api/condition.h"

#include <gmock/gmock.h>

namespace seraphim::api {
namespace {

using namespace std::chrono_literals;

constexpr Time kThen{1000s};
constexpr Time kNow{2000s};

Condition condition(const char* type, ConditionStatus status, const char* reason = "Because") {
  return {type, status, reason, "A sentence.", 3, {}};
}

TEST(Conditions, ANewOneBeginsNow) {
  std::vector<Condition> conditions;
  set_condition(conditions, condition("Ready", ConditionStatus::true_), kNow);
  ASSERT_EQ(conditions.size(), 1u);
  EXPECT_EQ(conditions[0].last_transition, kNow);
}

TEST(Conditions, RepeatingOneChangesNothing) {
  std::vector<Condition> conditions;
  set_condition(conditions, condition("Ready", ConditionStatus::true_), kThen);
  const auto before = conditions;
  set_condition(conditions, condition("Ready", ConditionStatus::true_), kNow);
  EXPECT_EQ(conditions, before);
}

TEST(Conditions, AnotherReasonIsNoTransition) {
  std::vector<Condition> conditions;
  set_condition(conditions, condition("Ready", ConditionStatus::false_, "Starting"), kThen);
  Condition next = condition("Ready", ConditionStatus::false_, "Failing");
  next.message = "Another sentence.";
  next.observed_generation = 4;
  set_condition(conditions, next, kNow);
  next.last_transition = kThen;
  EXPECT_THAT(conditions, testing::ElementsAre(next));
}

TEST(Conditions, AFlipIsATransition) {
  std::vector<Condition> conditions;
  set_condition(conditions, condition("Ready", ConditionStatus::unknown), kThen);
  set_condition(conditions, condition("Ready", ConditionStatus::true_), kNow);
  ASSERT_EQ(conditions.size(), 1u);
  EXPECT_EQ(conditions[0].status, ConditionStatus::true_);
  EXPECT_EQ(conditions[0].last_transition, kNow);
}

TEST(Conditions, OthersAreLeftAlone) {
  std::vector<Condition> conditions;
  set_condition(conditions, condition("Ready", ConditionStatus::true_), kThen);
  set_condition(conditions, condition("Frozen", ConditionStatus::false_), kThen);
  const Condition first = conditions[0];
  set_condition(conditions, condition("Frozen", ConditionStatus::true_), kNow);
  ASSERT_EQ(conditions.size(), 2u);
  EXPECT_EQ(conditions[0], first);
  EXPECT_EQ(find_condition(conditions, "Frozen"), &conditions[1]);
  EXPECT_EQ(find_condition(conditions, "Fro"), nullptr);
}

}  // namespace
}  // namespace seraphim::api
