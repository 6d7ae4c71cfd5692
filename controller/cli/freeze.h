// kubectl-seraphim freeze and unfreeze: nothing new is rolled out for a while.
#pragma once

#include "cli/command.h"

namespace seraphim::cli {

Command add_freeze(CLI::App& app);
Command add_unfreeze(CLI::App& app);

}  // namespace seraphim::cli
