#include "kubernetes/json_read.h"

#include <limits>
#include <nlohmann/json.hpp>

namespace seraphim::kubernetes {

using nlohmann::json;

const json& member(const json& object, std::string_view key) {
  static const json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

const json& elements(const json& object, std::string_view key) {
  static const json none = json::array();
  const json& found = member(object, key);
  return found.is_array() ? found : none;
}

std::string text_or(const json& object, std::string_view key, std::string_view otherwise) {
  const json& found = member(object, key);
  return found.is_string() ? found.get<std::string>() : std::string(otherwise);
}

std::int64_t int64_or(const json& object, std::string_view key, std::int64_t otherwise) {
  const json& found = member(object, key);
  if (!found.is_number_integer()) return otherwise;
  if (found.is_number_unsigned() && found.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
    return otherwise;
  }
  return found.get<std::int64_t>();
}

std::int32_t int32_or(const json& object, std::string_view key, std::int32_t otherwise) {
  const std::int64_t wide = int64_or(object, key, otherwise);
  const bool fits =
      wide >= std::numeric_limits<std::int32_t>::min() && wide <= std::numeric_limits<std::int32_t>::max();
  return fits ? static_cast<std::int32_t>(wide) : otherwise;
}

bool bool_or(const json& object, std::string_view key, bool otherwise) {
  const json& found = member(object, key);
  return found.is_boolean() ? found.get<bool>() : otherwise;
}

std::map<std::string, std::string> text_map(const json& object, std::string_view key) {
  std::map<std::string, std::string> texts;
  const json& found = member(object, key);
  if (!found.is_object()) return texts;
  for (const auto& [name, value] : found.items()) {
    if (value.is_string()) texts.emplace(name, value.get<std::string>());
  }
  return texts;
}

}  // namespace seraphim::kubernetes
