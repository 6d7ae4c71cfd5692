// What makes a weight true. A new provider is one more implementation of this and one line in
// operator/adapters.cpp.
#pragma once

#include <stop_token>
#include <vector>

#include "api/seraphim_deployment.h"
#include "kubernetes/api_error.h"
#include "rollout/observation.h"
#include "rollout/plan.h"

namespace seraphim::traffic {

class TrafficAdapter {
 public:
  virtual ~TrafficAdapter() = default;
  /// False until what it watches has been listed for the first time: nothing is decided before.
  virtual bool knows_enough() const { return true; }
  /// Where traffic goes, from the watched state; no request is made. `workloads` is what runs of each
  /// revision.
  virtual rollout::TrafficState observe(const api::SeraphimDeployment& object,
                                        const std::vector<rollout::WorkloadState>& workloads) const = 0;
  /// The same, with the router's object read from the API server now (`confirmed` is set).
  virtual kubernetes::Result<rollout::TrafficState> confirm(
      const api::SeraphimDeployment& object, const std::vector<rollout::WorkloadState>& workloads,
      const std::stop_token& stop) = 0;

  // All idempotent.
  virtual kubernetes::Result<void> point_backend(const api::SeraphimDeployment& object,
                                                 const rollout::PointBackend& action,
                                                 const std::stop_token& stop) = 0;
  virtual kubernetes::Result<void> set_weight(const api::SeraphimDeployment& object,
                                              const rollout::SetWeight& action,
                                              const std::stop_token& stop) = 0;
  virtual kubernetes::Result<void> ensure_route(const api::SeraphimDeployment& object,
                                                const rollout::EnsureRoute& action,
                                                const std::stop_token& stop) = 0;
};

}  // namespace seraphim::traffic
