// traffic.seraphimGateway: the environment of the platform's gateway. Its two slots (observation.h) are the
// models that it calls baseline and candidate, the weight is CANARY_PERCENT.
//
// Each write changes the pod template, so that the gateway's pods are replaced one after the other; a weight
// counts when all of them report it. The candidate can be forced by a header at any weight, so that weight 0
// points the candidate's slot at the stable revision in the same write.
#pragma once

#include <functional>
#include <vector>

#include "api/revision.h"
#include "kubernetes/api_client.h"
#include "kubernetes/store.h"
#include "traffic/gateway_deployment.h"
#include "traffic/gateway_environment.h"
#include "traffic/gateway_readings.h"
#include "traffic/traffic_adapter.h"

namespace seraphim::traffic {

/// The recorded revisions of an object, by number.
using RecordedRevisions = std::function<std::vector<api::Revision>(const api::SeraphimDeployment&)>;

class SeraphimGateway final : public TrafficAdapter {
 public:
  SeraphimGateway(kubernetes::Store<GatewayDeployment>& deployments, GatewayReadings& readings,
                  RecordedRevisions revisions, kubernetes::ApiClient& client)
      : deployments_(deployments), readings_(readings), revisions_(std::move(revisions)), client_(client) {}

  bool knows_enough() const override { return deployments_.synced(); }
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
  /// CANARY_PERCENT 0 and nothing else: for when somebody else splits the traffic.
  kubernetes::Result<void> stop_splitting(const api::SeraphimDeployment& object, const std::stop_token& stop);
  kubernetes::Result<void> ensure_route(const api::SeraphimDeployment& object,
                                        const rollout::EnsureRoute& action,
                                        const std::stop_token& stop) override;

 private:
  using Change = std::function<void(GatewayEnvironment&)>;

  std::string unsettled(const api::SeraphimDeployment& object, const GatewayDeployment& deployment,
                        const GatewayEnvironment& environment) const;
  kubernetes::Result<void> write(const api::SeraphimDeployment& object, const Change& change,
                                 const std::stop_token& stop);
  kubernetes::Result<void> refresh(const kubernetes::ObjectKey& key, const std::stop_token& stop);

  kubernetes::Store<GatewayDeployment>& deployments_;
  GatewayReadings& readings_;
  const RecordedRevisions revisions_;
  kubernetes::ApiClient& client_;
};

}  // namespace seraphim::traffic
