// What all commands share in how they end and how they print.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "cli/surroundings.h"

namespace CLI {
class App;
}

namespace seraphim::cli {

/// --output table|json.
void add_output_option(CLI::App& command, bool& json);

/// The exit code; an error is said and makes the command unusable.
int conclude(const std::string& command, const tl::expected<int, std::string>& result,
             const Surroundings& surroundings);

}  // namespace seraphim::cli
