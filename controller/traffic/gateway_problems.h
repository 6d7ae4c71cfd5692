// Why a gateway's Deployment cannot be used, with a sentence that says what to do.
#pragma once

#include <optional>
#include <vector>

#include "api/revision.h"
#include "api/seraphim_deployment.h"
#include "rollout/observation.h"
#include "traffic/gateway_deployment.h"

namespace seraphim::traffic {

/// Null when the Deployment has no such container.
const GatewayContainer* gateway_container(const GatewayDeployment& deployment,
                                          const api::SeraphimGatewayTraffic& settings);

/// `deployment` is null when there is none.
std::optional<rollout::TrafficState::Problem> gateway_problem(const api::SeraphimDeployment& object,
                                                              const GatewayDeployment* deployment,
                                                              const std::vector<api::Revision>& revisions);

}  // namespace seraphim::traffic
