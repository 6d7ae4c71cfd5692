// kubectl-seraphim: one command line, one file pair for each command.
#pragma once

#include "cli/surroundings.h"

namespace seraphim::cli {

/// Parses, runs the command that was named, and returns the exit code.
int run(int argc, const char* const* argv, const Surroundings& surroundings);

}  // namespace seraphim::cli
