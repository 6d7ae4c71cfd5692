#include "cli/program.h"

#include <CLI/CLI.hpp>
#include <ostream>
#include <string>

#include "cli/completion.h"
#include "cli/simulate.h"
#include "cli/version.h"

namespace seraphim::cli {

int run(int argc, const char* const* argv, const Surroundings& surroundings) {
  CLI::App app{"Tools around SeraphimDeployments, for people.", "kubectl-seraphim"};
  app.set_version_flag("--version", kVersionText);
  app.require_subcommand(1);
  SimulateOptions simulate_options;
  const CLI::App& simulate_command = add_simulate(app, simulate_options);
  if (argc > 1 && argv[1] == std::string(kCompleteCommand)) {
    surroundings.out << complete(app, {argv + 2, argv + argc});
    return kGood;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, surroundings.out, surroundings.err) == 0 ? kGood : kUnusable;
  }
  if (simulate_command.parsed()) return simulate(simulate_options, surroundings);
  return kUnusable;
}

}  // namespace seraphim::cli
