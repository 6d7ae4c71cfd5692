// kubectl-seraphim errors and traffic: who fails how often, and who gets what share.
#pragma once

#include <vector>

#include "cli/command.h"

namespace seraphim::cli {

Command add_errors(CLI::App& app);
Command add_traffic(CLI::App& app);

}  // namespace seraphim::cli
