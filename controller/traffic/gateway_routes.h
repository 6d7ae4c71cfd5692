// traffic.seraphimGateway with routes: HTTPRoutes in front of the platform's gateway force a variant of each
// request by a header, so that the weight is theirs. A change of it restarts nothing; only other models do.
//
// Slots, problems and what pods report are those of SeraphimGateway. CANARY_PERCENT has to be 0 (requests
// past the routes would be split too); anything else makes the operator's part of the way outdated, which
// ensure_route() puts right. A weight of 0 leaves the candidate's model where it is: the routes overwrite the
// header of every client, and the next pass points the slot elsewhere.
#pragma once

#include <vector>

#include "traffic/http_route.h"
#include "traffic/seraphim_gateway.h"

namespace seraphim::traffic {

class GatewayRoutes final : public TrafficAdapter {
 public:
  /// `routes` is null when the cluster has no Gateway API: every object then gets a problem that says so.
  GatewayRoutes(SeraphimGateway& gateway, const kubernetes::Store<GatewayDeployment>& deployments,
                kubernetes::Store<HttpRoute>* routes, kubernetes::ApiClient& client)
      : gateway_(gateway), deployments_(deployments), routes_(routes), client_(client) {}

  bool knows_enough() const override { return gateway_.knows_enough(); }
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
  /// The share of the candidate in the routes, or what is wrong with them, or both.
  void read_routes(const api::SeraphimDeployment& object, const std::string& header,
                   rollout::TrafficState& state) const;
  /// Of the gateway as it is known; the usual one when there is none.
  std::string header_of(const api::SeraphimDeployment& object) const;

  SeraphimGateway& gateway_;
  const kubernetes::Store<GatewayDeployment>& deployments_;
  kubernetes::Store<HttpRoute>* routes_;
  kubernetes::ApiClient& client_;
};

}  // namespace seraphim::traffic
