// Where the real cluster is: what `hack/cluster env` exports, plus the programs under test.
#pragma once

#include <filesystem>
#include <string>

namespace seraphim::cluster {

struct Environment {
  std::filesystem::path admin_kubeconfig, operator_kubeconfig, audit_log, kubectl, prometheus_targets, state;
  std::filesystem::path cluster_tool;      ///< hack/cluster
  std::string prometheus, router, etcd;    ///< URLs
  std::string gateway_namespace, gateway;  ///< of the Gateway that routes attach to
  std::filesystem::path operator_binary, load_generator, kubectl_seraphim;
  std::string model_server_image =
      "seraphim.local/demo-model-server:demo";                     ///< made by hack/load-demo-images
  std::string gateway_image = "seraphim.local/demo-gateway:demo";  ///< of the platform's gateway
  std::string host_for_pods;                                       ///< where pods reach programs on this host
  std::filesystem::path artifacts;                                 ///< logs of operators go here
};

/// One variable by itself; throws std::runtime_error that says how to set it.
std::string variable(const char* name);

/// Throws std::runtime_error that names the missing variable and says how to set it.
const Environment& environment();

}  // namespace seraphim::cluster
