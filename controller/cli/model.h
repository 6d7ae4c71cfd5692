// kubectl-seraphim model: before a model gets traffic, look at its archive, and try its version.
#pragma once

#include "cli/command.h"

namespace seraphim::cli {

Command add_model(CLI::App& app);

}  // namespace seraphim::cli
