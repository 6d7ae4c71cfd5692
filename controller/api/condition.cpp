#include "api/condition.h"

#include <algorithm>
#include <utility>

namespace seraphim::api {

void set_condition(std::vector<Condition>& conditions, Condition condition, Time now) {
  const auto found = std::find_if(conditions.begin(), conditions.end(),
                                  [&](const Condition& other) { return other.type == condition.type; });
  if (found == conditions.end()) {
    condition.last_transition = now;
    conditions.push_back(std::move(condition));
    return;
  }
  condition.last_transition = found->status == condition.status ? found->last_transition : now;
  *found = std::move(condition);
}

const Condition* find_condition(const std::vector<Condition>& conditions, std::string_view type) {
  const auto found = std::find_if(conditions.begin(), conditions.end(),
                                  [&](const Condition& condition) { return condition.type == type; });
  return found == conditions.end() ? nullptr : &*found;
}

}  // namespace seraphim::api
