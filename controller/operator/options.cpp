#include "operator/options.h"

#include <CLI/CLI.hpp>
#include <map>

#include "operator/version.h"

namespace seraphim::op {

std::variant<Options, ExitNow> parse_options(int argc, const char* const* argv) {
  Options options;
  CLI::App app{
      "Rolls out model servers by evidence: watches SeraphimDeployments, shifts traffic step by step, "
      "promotes good revisions and rolls bad ones back.",
      "seraphim-operator"};
  app.set_version_flag("--version", kVersionText);
  app.add_option("--kubeconfig", options.kubeconfig,
                 "Kubeconfig file; default: the pod's service account, else KUBECONFIG, else ~/.kube/config")
      ->envname("SERAPHIM_KUBECONFIG");
  app.add_option("--context", options.context, "Context in the kubeconfig")->envname("SERAPHIM_CONTEXT");
  app.add_option("--namespace", options.namespace_, "Only this namespace; default: all")
      ->envname("SERAPHIM_NAMESPACE");
  app.add_option("--workers", options.workers, "Objects looked at in parallel")
      ->envname("SERAPHIM_WORKERS")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_flag("--leader-elect,!--no-leader-elect", options.leader_elect,
               "Act only while holding the Lease; needed with more than one replica")
      ->envname("SERAPHIM_LEADER_ELECT")
      ->capture_default_str();
  app.add_option("--lease-name", options.lease_name, "Name of the Lease")
      ->envname("SERAPHIM_LEASE_NAME")
      ->capture_default_str();
  app.add_option("--lease-namespace", options.lease_namespace,
                 "Namespace of the Lease; default: the operator's own")
      ->envname("SERAPHIM_LEASE_NAMESPACE");
  app.add_option("--identity", options.identity,
                 "Name of this replica in the Lease and in Events; default: host name and a random part")
      ->envname("SERAPHIM_IDENTITY");
  app.add_option("--metrics-address", options.metrics_address,
                 "host:port of /metrics, /livez and /readyz, or :port for all addresses; empty: none")
      ->envname("SERAPHIM_METRICS_ADDRESS")
      ->capture_default_str();
  app.add_option("--log-level", options.log_level, "trace, debug, info, warn or error")
      ->envname("SERAPHIM_LOG_LEVEL")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error"}))
      ->capture_default_str();
  const std::map<std::string, LogFormat> formats{{"text", LogFormat::text}, {"json", LogFormat::json}};
  app.add_option("--log-format", options.log_format, "text or json")
      ->envname("SERAPHIM_LOG_FORMAT")
      ->transform(CLI::CheckedTransformer(formats).description("{text,json}"));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return ExitNow{app.exit(error)};
  }
  return options;
}

}  // namespace seraphim::op
