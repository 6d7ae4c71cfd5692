// Reading JSON that the operator wrote itself: what does not fit becomes a default. Internal to api/.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "api/time.h"

namespace seraphim::api::lenient {

/// Null when `object` is no object or has no such member.
const nlohmann::json& member(const nlohmann::json& object, std::string_view name);
std::string text(const nlohmann::json& object, std::string_view name);
/// Not negative; anything else, and anything above `most`, is 0.
std::int64_t integer(const nlohmann::json& object, std::string_view name, std::int64_t most = INT64_MAX);
std::int32_t small_integer(const nlohmann::json& object, std::string_view name);
std::optional<Time> time(const nlohmann::json& object, std::string_view name);

}  // namespace seraphim::api::lenient
