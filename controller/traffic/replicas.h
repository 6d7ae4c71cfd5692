// traffic.replicas: no router. One Service, NAME, and the share follows from how many pods of each revision
// it selects.
//
// The two slots of rollout::Backend are annotations on the Service; its selector is the switch
// (observation.h).
#pragma once

#include "kubernetes/api_client.h"
#include "kubernetes/store.h"
#include "traffic/service.h"
#include "traffic/traffic_adapter.h"

namespace seraphim::traffic {

/// What the Service says, and what it is to say.
struct ReplicaSwitch {
  std::string stable{}, candidate{};  ///< revisions; empty: the slot is not set
  api::Percent weight{};              ///< of the candidate
  bool operator==(const ReplicaSwitch&) const = default;
};

/// Nothing when the selector was edited so that it agrees with no weight.
std::optional<ReplicaSwitch> read_switch(const Service& service);

class Replicas final : public TrafficAdapter {
 public:
  Replicas(kubernetes::Store<Service>& services, kubernetes::ApiClient& client)
      : services_(services), client_(client) {}

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
  kubernetes::Result<void> write(const api::SeraphimDeployment& object, const ReplicaSwitch& wanted,
                                 const std::stop_token& stop);
  kubernetes::Result<void> keep(const kubernetes::Result<nlohmann::json>& written);

  kubernetes::Store<Service>& services_;
  kubernetes::ApiClient& client_;
};

}  // namespace seraphim::traffic
