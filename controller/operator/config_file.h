// The operator's configuration file: flags without their dashes, one "key: value" a line, in YAML.
#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace seraphim::op {

struct ConfigEntry {
  std::string key, value;
  int line = 0;
};

/// The entries in their order. The error names file and line.
tl::expected<std::vector<ConfigEntry>, std::string> read_config_file(const std::filesystem::path& file);

}  // namespace seraphim::op
