#include "environment.h"

#include <cstdlib>
#include <stdexcept>

namespace seraphim::cluster {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') {
    throw std::runtime_error(std::string(name) + " is not set; run these tests with: hack/test cluster");
  }
  return value;
}

namespace {

Environment read() {
  Environment e;
  e.admin_kubeconfig = variable("KUBECONFIG");
  e.operator_kubeconfig = variable("SERAPHIM_OPERATOR_KUBECONFIG");
  e.audit_log = variable("SERAPHIM_AUDIT_LOG");
  e.kubectl = variable("SERAPHIM_KUBECTL");
  e.prometheus = variable("SERAPHIM_PROMETHEUS");
  e.router = variable("SERAPHIM_ROUTER");
  const std::string seen_by_pods = variable("SERAPHIM_PROMETHEUS_FOR_PODS");  // http://ADDRESS:PORT
  e.host_for_pods = seen_by_pods.substr(7, seen_by_pods.rfind(':') - 7);
  e.etcd = variable("SERAPHIM_ETCD");
  e.prometheus_targets = variable("SERAPHIM_PROMETHEUS_TARGETS");
  e.state = variable("SERAPHIM_CLUSTER_STATE");
  e.cluster_tool = variable("SERAPHIM_CLUSTER");
  const std::string gateway = variable("SERAPHIM_GATEWAY");
  e.gateway_namespace = gateway.substr(0, gateway.find('/'));
  e.gateway = gateway.substr(gateway.find('/') + 1);
  e.operator_binary = variable("SERAPHIM_OPERATOR");
  const std::filesystem::path build = variable("SERAPHIM_BUILD");
  e.load_generator = build / "tests/demo/demo-load-generator";
  e.kubectl_seraphim = build / "controller/kubectl-seraphim";
  e.artifacts = build / "cluster-logs";
  std::filesystem::create_directories(e.artifacts);
  return e;
}

}  // namespace

const Environment& environment() {
  static const Environment instance = read();
  return instance;
}

}  // namespace seraphim::cluster
