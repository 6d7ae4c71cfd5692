// metav1.Condition, and the one way to set one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/time.h"

namespace seraphim::api {

enum class ConditionStatus { true_, false_, unknown };

struct Condition {
  std::string type;
  ConditionStatus status = ConditionStatus::unknown;
  std::string reason;   ///< UpperCamelCase, stable
  std::string message;  ///< for people: what is so, and what to do
  std::int64_t observed_generation = 0;
  Time last_transition{};
  bool operator==(const Condition&) const = default;
};

/// Sets a condition by type. `last_transition` moves only when `status` flips, so that repeating a condition
/// writes nothing (metav1 convention; runtime rule 28). Other types are left as they are.
void set_condition(std::vector<Condition>& conditions, Condition condition, Time now);

const Condition* find_condition(const std::vector<Condition>& conditions, std::string_view type);

}  // namespace seraphim::api
