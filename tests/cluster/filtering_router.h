// The cluster's second router, which applies filters of backendRefs: Contour and Envoy
// (hack/lib/filtering.sh).
#pragma once

#include <string>

namespace seraphim::cluster {

struct FilteringRouter {
  std::string url;                         ///< where it takes requests
  std::string gateway_namespace, gateway;  ///< of the Gateway that routes attach to
};

/// Starts it when it does not run yet; throws std::runtime_error with what hack/cluster says.
const FilteringRouter& filtering_router();

}  // namespace seraphim::cluster
