// The operator as a process: threads, their start in the right order, and their end in the right order.
#pragma once

#include <memory>

#include "kubernetes/cluster_access.h"
#include "kubernetes/signals.h"
#include "operator/options.h"

namespace spdlog {
class logger;
}

namespace seraphim::op {

/// Runs until a signal, or until leadership is lost. Returns the exit code (exit_code.h).
int run_operator(const Options& options, const kubernetes::ClusterAccess& access,
                 const std::shared_ptr<spdlog::logger>& log, kubernetes::ShutdownSignals& signals);

}  // namespace seraphim::op
