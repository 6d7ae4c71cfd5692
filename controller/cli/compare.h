// kubectl-seraphim compare: the candidate beside the stable revision, judged as the operator judges.
#pragma once

#include "cli/command.h"

namespace seraphim::cli {

Command add_compare(CLI::App& app);

}  // namespace seraphim::cli
