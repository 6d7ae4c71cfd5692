#include "api/raw_json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace seraphim::api {
namespace {

using nlohmann::json;

constexpr int kDeepest = 64;

bool is_deeper(const json& value, int levels) {
  if (!value.is_structured()) return false;
  if (levels == 0) return true;
  return std::any_of(value.begin(), value.end(),
                     [&](const json& part) { return is_deeper(part, levels - 1); });
}

/// NaN and infinities are written as null; text that was parsed has none.
bool is_null(const json& value) {
  return value.is_null() || (value.is_number_float() && !std::isfinite(value.get<double>()));
}

json without_nulls(const json& value) {
  json result = value.is_object() ? json::object() : json::array();
  if (value.is_object()) {
    for (const auto& [name, part] : value.items()) {
      if (!is_null(part)) result[name] = without_nulls(part);
    }
    return result;
  }
  if (!value.is_array()) return value;
  for (const json& part : value) result.push_back(without_nulls(part));
  return result;
}

}  // namespace

std::optional<RawJson> canonical(const json& value) {
  if (is_deeper(value, kDeepest)) return std::nullopt;
  return RawJson{without_nulls(value).dump(-1, ' ', false, json::error_handler_t::replace)};
}

json parse_raw(const RawJson& raw) {
  json value = json::parse(raw.text, nullptr, false);
  return value.is_discarded() ? json() : value;
}

}  // namespace seraphim::api
