#include "environment.h"

#include <cstdlib>
#include <stdexcept>

namespace seraphim::cluster {
namespace {

std::string need(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') {
    throw std::runtime_error(std::string(name) + " is not set; run these tests with: hack/test cluster");
  }
  return value;
}

Environment read() {
  Environment e;
  e.admin_kubeconfig = need("KUBECONFIG");
  e.operator_kubeconfig = need("SERAPHIM_OPERATOR_KUBECONFIG");
  e.audit_log = need("SERAPHIM_AUDIT_LOG");
  e.kubectl = need("SERAPHIM_KUBECTL");
  e.helm = need("SERAPHIM_HELM");
  e.prometheus = need("SERAPHIM_PROMETHEUS");
  e.router = need("SERAPHIM_ROUTER");
  const std::string seen_by_pods = need("SERAPHIM_PROMETHEUS_FOR_PODS");  // http://ADDRESS:PORT
  e.host_for_pods = seen_by_pods.substr(7, seen_by_pods.rfind(':') - 7);
  e.etcd = need("SERAPHIM_ETCD");
  e.state = need("SERAPHIM_CLUSTER_STATE");
  e.cluster_tool = need("SERAPHIM_CLUSTER");
  e.chart = e.cluster_tool.parent_path().parent_path() / "charts/seraphim-operator";
  const std::string gateway = need("SERAPHIM_GATEWAY");
  e.gateway_namespace = gateway.substr(0, gateway.find('/'));
  e.gateway = gateway.substr(gateway.find('/') + 1);
  e.operator_binary = need("SERAPHIM_OPERATOR");
  const std::filesystem::path build = need("SERAPHIM_BUILD");
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
