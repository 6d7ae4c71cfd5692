// kubectl-seraphim status: how a rollout stands.
#pragma once

#include "cli/command.h"

namespace seraphim::cli {

Command add_status(CLI::App& app);

}  // namespace seraphim::cli
