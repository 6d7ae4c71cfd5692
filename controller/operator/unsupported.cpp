#include "operator/unsupported.h"

namespace seraphim::op {

std::string unsupported() {
  return "spec.traffic names a provider that has no adapter in this build; write spec.traffic.gatewayAPI, "
         "spec.traffic.replicas or spec.traffic.seraphimGateway";
}

}  // namespace seraphim::op
