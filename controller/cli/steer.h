// The commands by which a person steers a rollout: approve, pause, resume, retry, abort.
#pragma once

#include <vector>

#include "cli/command.h"

namespace seraphim::cli {

std::vector<Command> add_steering(CLI::App& app);

}  // namespace seraphim::cli
