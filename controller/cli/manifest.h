// A SeraphimDeployment as people keep it: YAML, perhaps among other objects.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "api/seraphim_deployment.h"

namespace seraphim::cli {

/// The only SeraphimDeployment of the text; the error says what is wrong with it, one sentence a line. An
/// object without a namespace is in `default`.
tl::expected<api::SeraphimDeployment, std::string> read_manifest(const std::string& yaml);

}  // namespace seraphim::cli
