// SeraphimFreeze: JSON <-> typed. As codec.h for the SeraphimDeployment.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/seraphim_freeze.h"

namespace seraphim::api {

/// The whole object as the API server sends it. Never fails, whatever the JSON is: what cannot be understood
/// is said in `problems`, one sentence each.
SeraphimFreeze decode_freeze(const nlohmann::json& object);

/// What is absent is left out, so write it whole. `active`, `affected` and `observedGeneration` are always
/// there.
nlohmann::json encode_freeze_status(const FreezeStatus& status);
/// Gives back exactly what encode_freeze_status was given; whatever it cannot read becomes the default.
FreezeStatus decode_freeze_status(const nlohmann::json& value);

}  // namespace seraphim::api
