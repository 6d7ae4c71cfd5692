// metav1.Condition, as both kinds have them in their status.
#include <nlohmann/json.hpp>

#include "api/codec_parts.h"
#include "api/lenient.h"

namespace seraphim::api {
namespace {

using nlohmann::json;

const char* word(ConditionStatus status) {
  switch (status) {
    case ConditionStatus::true_:
      return "True";
    case ConditionStatus::false_:
      return "False";
    case ConditionStatus::unknown:
      break;
  }
  return "Unknown";
}

ConditionStatus condition_status(std::string_view text) {
  if (text == "True") return ConditionStatus::true_;
  if (text == "False") return ConditionStatus::false_;
  return ConditionStatus::unknown;
}

/// All members are there: metav1.Condition requires them.
json encode(const Condition& condition) {
  return {{"type", condition.type},
          {"status", word(condition.status)},
          {"reason", condition.reason},
          {"message", condition.message},
          {"observedGeneration", condition.observed_generation},
          {"lastTransitionTime", format_time(condition.last_transition)}};
}

Condition decode_condition(const json& value) {
  Condition condition;
  condition.type = lenient::text(value, "type");
  condition.status = condition_status(lenient::text(value, "status"));
  condition.reason = lenient::text(value, "reason");
  condition.message = lenient::text(value, "message");
  condition.observed_generation = lenient::integer(value, "observedGeneration");
  condition.last_transition = lenient::time(value, "lastTransitionTime").value_or(Time{});
  return condition;
}

}  // namespace

json encode_conditions(const std::vector<Condition>& conditions) {
  json list = json::array();
  for (const Condition& condition : conditions) list.push_back(encode(condition));
  return list;
}

std::vector<Condition> decode_conditions(const json& list) {
  std::vector<Condition> conditions;
  if (!list.is_array()) return conditions;
  for (const json& value : list) {
    Condition condition = decode_condition(value);
    if (!condition.type.empty()) conditions.push_back(std::move(condition));
  }
  return conditions;
}

}  // namespace seraphim::api
