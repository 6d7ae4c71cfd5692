// SIGTERM and SIGINT as something to wait for, instead of a handler that may do next to nothing.
#pragma once

#include <chrono>

namespace seraphim::demo {

/// Blocks SIGTERM and SIGINT and ignores SIGPIPE. Call it first in main: threads inherit the mask of their
/// creator.
void hold_stop_signals();

/// Waits for a stop signal, for good. Works for process 1 of a container too, where the default action is to
/// ignore.
void wait_for_stop_signal();

/// Waits until `deadline`; true when a stop signal came before.
bool wait_for_stop_signal_until(std::chrono::steady_clock::time_point deadline);

}  // namespace seraphim::demo
