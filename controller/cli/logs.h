// kubectl-seraphim logs: the last lines of every pod of a component.
#pragma once

#include "cli/command.h"

namespace seraphim::cli {

Command add_logs(CLI::App& app);

}  // namespace seraphim::cli
