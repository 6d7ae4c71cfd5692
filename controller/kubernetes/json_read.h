// Reading of JSON that may be anything: what is missing or of another type is the default. For decoders of
// objects whose schema the API server has already enforced.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace seraphim::kubernetes {

/// The member, or a null value.
const nlohmann::json& member(const nlohmann::json& object, std::string_view key);
/// The member when it is an array, or an empty one.
const nlohmann::json& elements(const nlohmann::json& object, std::string_view key);

std::string text_or(const nlohmann::json& object, std::string_view key, std::string_view otherwise = {});
std::int64_t int64_or(const nlohmann::json& object, std::string_view key, std::int64_t otherwise);
/// A number outside of the type's range is the default too.
std::int32_t int32_or(const nlohmann::json& object, std::string_view key, std::int32_t otherwise);
bool bool_or(const nlohmann::json& object, std::string_view key, bool otherwise);
/// Members with text values; others are left out.
std::map<std::string, std::string> text_map(const nlohmann::json& object, std::string_view key);

}  // namespace seraphim::kubernetes
