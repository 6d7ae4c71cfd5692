// Log lines on stderr, as text or as one JSON object a line.
#pragma once

#include <memory>
#include <string>

#include "operator/options.h"

namespace spdlog {
class logger;
}

namespace seraphim::op {

/// Synchronous: a line is out before the call returns, so that a crash loses none.
std::shared_ptr<spdlog::logger> make_logger(const std::string& level, LogFormat format);

/// While it runs: one level more verbose, or less, between trace and error; says so at the new level.
void change_verbosity(spdlog::logger& log, bool more);

}  // namespace seraphim::op
