// kubectl-seraphim post-mortem: reads what the operator wrote after a rollback.
#pragma once

#include "cli/command.h"

namespace seraphim::cli {

Command add_post_mortem(CLI::App& app);

}  // namespace seraphim::cli
