#include "api/lenient.h"

#include <nlohmann/json.hpp>

namespace seraphim::api::lenient {

const nlohmann::json& member(const nlohmann::json& object, std::string_view name) {
  static const nlohmann::json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

std::string text(const nlohmann::json& object, std::string_view name) {
  const nlohmann::json& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::int64_t integer(const nlohmann::json& object, std::string_view name, std::int64_t most) {
  const nlohmann::json& value = member(object, name);
  // Parsed text gives the unsigned type for what is not negative, values made in code may give either.
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    return number > static_cast<std::uint64_t>(most) ? 0 : static_cast<std::int64_t>(number);
  }
  if (!value.is_number_integer()) return 0;
  const auto number = value.get<std::int64_t>();
  return number < 0 || number > most ? 0 : number;
}

std::int32_t small_integer(const nlohmann::json& object, std::string_view name) {
  return static_cast<std::int32_t>(integer(object, name, INT32_MAX));
}

std::optional<Time> time(const nlohmann::json& object, std::string_view name) {
  const auto parsed = parse_time(text(object, name));
  return parsed ? std::optional<Time>(*parsed) : std::nullopt;
}

}  // namespace seraphim::api::lenient
