#include "cli/program.h"

#include <CLI/CLI.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/compare.h"
#include "cli/completion.h"
#include "cli/freeze.h"
#include "cli/health.h"
#include "cli/logs.h"
#include "cli/model.h"
#include "cli/post_mortem.h"
#include "cli/restart.h"
#include "cli/rollback.h"
#include "cli/simulate.h"
#include "cli/status.h"
#include "cli/steer.h"
#include "cli/traffic_figures.h"
#include "cli/version.h"

namespace seraphim::cli {
namespace {

std::vector<Command> add_commands(CLI::App& app) {
  std::vector<Command> commands{add_status(app)};
  for (auto& command : add_steering(app)) commands.push_back(std::move(command));
  commands.push_back(add_rollback(app));
  commands.push_back(add_post_mortem(app));
  commands.push_back(add_compare(app));
  commands.push_back(add_errors(app));
  commands.push_back(add_traffic(app));
  commands.push_back(add_health(app));
  commands.push_back(add_restart(app));
  commands.push_back(add_logs(app));
  commands.push_back(add_freeze(app));
  commands.push_back(add_unfreeze(app));
  commands.push_back(add_model(app));
  commands.push_back(add_simulate(app));
  return commands;
}

}  // namespace

int run(int argc, const char* const* argv, const Surroundings& surroundings) {
  CLI::App app{"Tools around SeraphimDeployments, for people.", "kubectl-seraphim"};
  app.set_version_flag("--version", kVersionText);
  app.require_subcommand(1);
  const auto commands = add_commands(app);
  if (argc > 1 && argv[1] == std::string(kCompleteCommand)) {
    surroundings.out << complete(app, {argv + 2, argv + argc});
    return kGood;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, surroundings.out, surroundings.err) == 0 ? kGood : kUnusable;
  }
  for (const auto& command : commands) {
    if (command.app->parsed()) return command.run(surroundings);
  }
  return kUnusable;
}

}  // namespace seraphim::cli
