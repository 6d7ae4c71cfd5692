// kubectl-seraphim rollback: the spec goes back to a revision that was recorded.
#pragma once

#include "cli/command.h"

namespace seraphim::cli {

Command add_rollback(CLI::App& app);

}  // namespace seraphim::cli
