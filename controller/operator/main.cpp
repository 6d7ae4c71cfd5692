// seraphim-operator: reads its flags, finds its cluster, runs.
#include <spdlog/logger.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>

#include "kubernetes/clock.h"
#include "kubernetes/in_cluster.h"
#include "kubernetes/kubeconfig.h"
#include "kubernetes/signals.h"
#include "operator/exit_code.h"
#include "operator/logging.h"
#include "operator/options.h"
#include "operator/process.h"

namespace {

using seraphim::kubernetes::ClusterAccess;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

tl::expected<ClusterAccess, std::string> find_cluster(const seraphim::op::Options& options) {
  const auto steady = [] { return seraphim::kubernetes::system_clock().steady(); };
  if (!options.kubeconfig.empty()) {
    return seraphim::kubernetes::load_kubeconfig(options.kubeconfig, options.context, steady);
  }
  if (const auto host = environment("KUBERNETES_SERVICE_HOST"); !host.empty()) {
    return seraphim::kubernetes::load_in_cluster(
        {.host = host, .port = environment("KUBERNETES_SERVICE_PORT")}, steady);
  }
  return seraphim::kubernetes::find_kubeconfig(environment("KUBECONFIG"), environment("HOME"))
      .and_then([&](const auto& file) {
        return seraphim::kubernetes::load_kubeconfig(file, options.context, steady);
      });
}

}  // namespace

int main(int argc, char** argv) {
  // Before any thread exists, so that all of them inherit the mask.
  seraphim::kubernetes::ShutdownSignals signals({SIGUSR1, SIGUSR2});
  const auto parsed = seraphim::op::parse_options(argc, argv);
  if (const auto* exit = std::get_if<seraphim::op::ExitNow>(&parsed)) return exit->code;
  const auto& options = std::get<seraphim::op::Options>(parsed);
  const auto log = seraphim::op::make_logger(options.log_level, options.log_format);
  try {
    const auto access = find_cluster(options);
    if (!access) {
      log->error("no access to a cluster: {}", access.error());
      return seraphim::op::kUnusable;
    }
    log->info("cluster {} by {}", access->endpoint.url, access->source);
    return seraphim::op::run_operator(options, *access, log, signals);
  } catch (const std::exception& error) {
    log->error("{}", error.what());
    return seraphim::op::kFailed;
  }
}
