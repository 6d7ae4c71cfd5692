// kubectl-seraphim restart: a rolling restart of one component, or of all in order.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "cli/await.h"
#include "cli/command.h"

namespace seraphim::cli {

Command add_restart(CLI::App& app);

/// Whether a Deployment's pods are all of its template and available. Pure.
Standing rollout_of(const nlohmann::json& deployment);

}  // namespace seraphim::cli
