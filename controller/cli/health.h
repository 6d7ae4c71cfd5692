// kubectl-seraphim health: does the platform work, from its workloads to a prediction.
#pragma once

#include "cli/command.h"

namespace seraphim::cli {

Command add_health(CLI::App& app);

}  // namespace seraphim::cli
