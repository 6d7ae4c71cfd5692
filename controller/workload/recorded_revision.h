// A revision as it was recorded: an apps/v1 ControllerRevision.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <tl/expected.hpp>

#include "api/revision.h"

namespace seraphim::workload {

/// The object as the API server sends it. The error says what cannot be understood, and where.
tl::expected<api::Revision, std::string> decode_revision(const nlohmann::json& controller_revision);

}  // namespace seraphim::workload
