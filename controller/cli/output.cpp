#include "cli/output.h"

#include <CLI/CLI.hpp>
#include <ostream>

namespace seraphim::cli {

void add_output_option(CLI::App& command, bool& json) {
  const std::vector<std::string> formats{"table", "json"};
  command
      .add_option_function<std::string>(
          "-o,--output", [&json](const std::string& format) { json = format == "json"; }, "table or json")
      ->check(CLI::IsMember(formats))
      ->default_str("table");
}

int conclude(const std::string& command, const tl::expected<int, std::string>& result,
             const Surroundings& surroundings) {
  if (result) return *result;
  surroundings.err << "kubectl-seraphim " << command << ": " << result.error() << '\n';
  return kUnusable;
}

}  // namespace seraphim::cli
