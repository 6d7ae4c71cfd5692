#include "operator/unsupported.h"

namespace seraphim::op {

std::string unsupported(const api::Spec& spec) {
  if (std::holds_alternative<api::TorchServeWorkload>(spec.workload)) {
    return "spec.workload.torchServe has no adapter in this build; write spec.workload.pods";
  }
  return "spec.traffic names a provider that has no adapter in this build; write spec.traffic.gatewayAPI, "
         "spec.traffic.replicas or spec.traffic.seraphimGateway";
}

}  // namespace seraphim::op
