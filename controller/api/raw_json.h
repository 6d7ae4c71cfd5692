// JSON that is passed on as it is. Internal to api/.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "api/spec.h"

namespace seraphim::api {

/// Canonical text: sorted keys, no blanks, null members left out. Nothing when it is nested too deeply to be
/// handled (more than 64 levels; a PodTemplateSpec has about 15).
std::optional<RawJson> canonical(const nlohmann::json& value);

/// What `canonical` made; anything else is null.
nlohmann::json parse_raw(const RawJson& raw);

}  // namespace seraphim::api
