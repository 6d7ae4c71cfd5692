// The Services that the operator writes.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "api/seraphim_deployment.h"

namespace seraphim::traffic {

/// A ClusterIP Service owned by the object, on the workload's port; it selects the pods of `revision`, or
/// those of all revisions when that is empty.
nlohmann::json service_manifest(const api::SeraphimDeployment& object, const std::string& name,
                                const std::string& revision);

}  // namespace seraphim::traffic
