// One command of the program: where its words are told, and what runs when it was named.
#pragma once

#include <functional>

#include "cli/surroundings.h"

namespace CLI {
class App;
}

namespace seraphim::cli {

/// Made by the add_NAME function of each command's file, which keeps the options.
struct Command {
  const CLI::App* app;
  std::function<int(const Surroundings&)> run;  ///< returns the exit code
};

}  // namespace seraphim::cli
