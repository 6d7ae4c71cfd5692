// traffic.gatewayAPI: weights of HTTPRoute backendRefs; of the user's routes, or of a route of the operator's
// own.
#pragma once

#include <vector>

#include "kubernetes/api_client.h"
#include "kubernetes/store.h"
#include "traffic/backends.h"
#include "traffic/http_route.h"
#include "traffic/traffic_adapter.h"

namespace seraphim::traffic {

class GatewayApi final : public TrafficAdapter {
 public:
  /// `routes` is null when the cluster has no Gateway API: every object then gets a problem that says so.
  GatewayApi(Backends& backends, kubernetes::Store<HttpRoute>* routes, kubernetes::ApiClient& client)
      : backends_(backends), routes_(routes), client_(client) {}

  rollout::TrafficState observe(const api::SeraphimDeployment& object,
                                const std::vector<rollout::WorkloadState>& workloads) const override;
  kubernetes::Result<rollout::TrafficState> confirm(const api::SeraphimDeployment& object,
                                                    const std::vector<rollout::WorkloadState>& workloads,
                                                    const std::stop_token& stop) override;
  kubernetes::Result<void> point_backend(const api::SeraphimDeployment& object,
                                         const rollout::PointBackend& action,
                                         const std::stop_token& stop) override;
  kubernetes::Result<void> set_weight(const api::SeraphimDeployment& object, const rollout::SetWeight& action,
                                      const std::stop_token& stop) override;
  kubernetes::Result<void> ensure_route(const api::SeraphimDeployment& object,
                                        const rollout::EnsureRoute& action,
                                        const std::stop_token& stop) override;

 private:
  kubernetes::Result<void> keep(const kubernetes::Result<nlohmann::json>& written);

  Backends& backends_;
  kubernetes::Store<HttpRoute>* routes_;
  kubernetes::ApiClient& client_;
};

}  // namespace seraphim::traffic
