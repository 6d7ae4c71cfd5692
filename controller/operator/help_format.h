// Internal to the command line: how --help looks. Each flag on a line of its own, below it what it does, its
// default and its environment variable.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace seraphim::op {

class HelpFormat final : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_group(std::string group, bool is_positional,
                         std::vector<const CLI::Option*> options) const override;
  std::string make_usage(const CLI::App* app, std::string name) const override;
};

}  // namespace seraphim::op
