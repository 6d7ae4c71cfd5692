// The platform's objects that the tests apply, as its charts render them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace seraphim::cluster {

/// The gateway's Deployment: model custom-text 1.0 on both sides, weight 0, two pods; quicker probes than the
/// chart's, and the usual annotations for Prometheus.
nlohmann::json gateway_manifest(const std::string& namespace_, const std::string& torch_serve);
/// Its Service, seraphim-inference, on port 80.
nlohmann::json gateway_service_manifest(const std::string& namespace_);

/// A Deployment seraphim-model-server of one pod, to be restarted and to log; it serves nobody.
nlohmann::json model_server_manifest(const std::string& namespace_);

/// An HTTPRoute for the host "NAMESPACE.test" at this Gateway, whose two backendRefs to that Service force a
/// variant of the gateway; everything is for the baseline.
nlohmann::json variant_route_manifest(const std::string& namespace_, const std::string& name,
                                      const std::string& gateway_namespace, const std::string& gateway);

}  // namespace seraphim::cluster
