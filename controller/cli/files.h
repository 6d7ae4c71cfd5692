// Whole files as texts.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "cli/surroundings.h"

namespace seraphim::cli {

/// "-" is the standard input. The error names the file and the reason.
tl::expected<std::string, std::string> read_file(const std::string& path, const Surroundings& surroundings);
tl::expected<void, std::string> write_file(const std::string& path, const std::string& text);

}  // namespace seraphim::cli
