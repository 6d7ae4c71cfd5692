// A program that is run for what it prints: no shell, a bound on its time and on its output, and nothing of
// it stays when it is over.
#pragma once

#include <chrono>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "kubernetes/clock.h"

namespace seraphim::kubernetes {

struct HelperProgram {
  std::string command{};  ///< looked for in the PATH unless it holds a '/'
  std::vector<std::string> arguments{};
  std::vector<std::string>
      environment{};      ///< "NAME=value" besides this process' own, in whose place it counts
  bool terminal = false;  ///< it may ask whoever is there; else its standard input is empty
};

/// Its standard output, once it has ended with 0; what it writes to standard error goes to this process'. The
/// error is one sentence that names the command, and never its arguments, output or environment, which may
/// hold secrets.
tl::expected<std::string, std::string> output_of(const HelperProgram& program,
                                                 std::chrono::milliseconds longest, const Clock& clock);

}  // namespace seraphim::kubernetes
