// Settings of the operator. Each is a flag, an environment variable and a key of the configuration file; a
// flag beats the environment, the environment beats the file, the file beats the default.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <variant>

namespace seraphim::op {

enum class LogFormat { text, json };

struct Options {
  std::filesystem::path kubeconfig{};  ///< empty: in-cluster when in a pod, else KUBECONFIG or ~/.kube/config
  std::string context{};
  std::string namespace_{};  ///< empty: all namespaces
  int workers = 4;
  std::chrono::milliseconds stuck_after = std::chrono::minutes(5);  ///< for /livez
  bool leader_elect = true;
  std::string lease_name = "seraphim-operator";
  std::string lease_namespace{};                   ///< empty: that of the pod or of the kubeconfig's context
  std::string identity{};                          ///< empty: host name and a random part
  std::string metrics_address = "127.0.0.1:9800";  ///< empty: no metrics, no health
  std::filesystem::path metrics_tls_cert{}, metrics_tls_key{};  ///< both or none
  std::string log_level = "info";
  LogFormat log_format = LogFormat::text;
};

/// Ends the program with this code: help, version or what is wrong has been printed.
struct ExitNow {
  int code = 0;
};

std::variant<Options, ExitNow> parse_options(int argc, const char* const* argv);

}  // namespace seraphim::op
