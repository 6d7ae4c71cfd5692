// kubectl-seraphim model test: one prediction by a version of a model, in each way that there is.
#pragma once

#include "cli/command.h"

namespace seraphim::cli {

/// Below `model`.
Command add_model_test(CLI::App& model);

}  // namespace seraphim::cli
