// The two Services that a router sends to, NAME-stable and NAME-candidate, and what stands behind them.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "api/seraphim_deployment.h"
#include "kubernetes/api_client.h"
#include "kubernetes/store.h"
#include "rollout/observation.h"
#include "rollout/plan.h"
#include "traffic/endpoint_slice.h"
#include "traffic/service.h"

namespace seraphim::traffic {

std::string stable_service(const api::SeraphimDeployment& object);
std::string candidate_service(const api::SeraphimDeployment& object);

class Backends {
 public:
  Backends(kubernetes::Store<Service>& services, const kubernetes::Store<EndpointSlice>& slices,
           kubernetes::ApiClient& client)
      : services_(services), slices_(slices), client_(client) {}

  /// Nothing when there is no such Service, or when it is not a child of the object.
  std::optional<rollout::Backend> observe(const api::SeraphimDeployment& object, rollout::Slot slot) const;
  /// Has the Service select the revision, creating it when there is none.
  kubernetes::Result<void> point(const api::SeraphimDeployment& object, const rollout::PointBackend& action,
                                 const std::stop_token& stop);

 private:
  kubernetes::Result<void> keep(const kubernetes::Result<nlohmann::json>& written);

  kubernetes::Store<Service>& services_;
  const kubernetes::Store<EndpointSlice>& slices_;
  kubernetes::ApiClient& client_;
};

}  // namespace seraphim::traffic
