// JSON as YAML, for people to read.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace seraphim::report {

/// In the order of the keys, two blanks a level, lists where their key stands, as kubectl prints it.
std::vector<std::string> yaml_lines(const nlohmann::json& value);

}  // namespace seraphim::report
