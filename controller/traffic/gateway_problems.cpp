#include "traffic/gateway_problems.h"

#include <algorithm>
#include <array>

namespace seraphim::traffic {
namespace {

using Problem = rollout::TrafficState::Problem;

constexpr const char* kField = "spec.traffic.seraphimGateway";

Problem gateway_not_found(const std::string& name, const std::string& namespace_) {
  return {"GatewayNotFound", "Deployment " + name + " does not exist in namespace " + namespace_ +
                                 "; install the gateway, or correct " + kField + ".deployment"};
}

Problem container_not_found(const GatewayDeployment& deployment, const std::string& wanted) {
  std::string names;
  for (const auto& container : deployment.containers) names += (names.empty() ? "" : ", ") + container.name;
  return {"GatewayContainerNotFound", "Deployment " + deployment.meta.key.name + " has no container " +
                                          wanted + "; write one of " + names + " in " + kField +
                                          ".container"};
}

std::optional<Problem> variable_problem(const GatewayContainer& container) {
  for (const char* name :
       {kCanaryPercent, kBaselineName, kBaselineVersion, kCandidateName, kCandidateVersion}) {
    const auto found = container.variables.find(name);
    if (found == container.variables.end() || !found->second.from_elsewhere) continue;
    return Problem{"GatewayVariableTaken", std::string("the gateway's ") + name +
                                               " comes from elsewhere (valueFrom), so that it cannot be set; "
                                               "write a plain value, or leave it out"};
  }
  const auto main = container.variables.find("TS_URL"), other = container.variables.find("TS_URL_CANDIDATE");
  const bool second = other != container.variables.end() &&
                      (other->second.from_elsewhere ||
                       (!other->second.value.empty() &&
                        (main == container.variables.end() || main->second.value != other->second.value)));
  if (!second) return std::nullopt;
  return Problem{"GatewayHasTwoServers",
                 "the gateway's TS_URL_CANDIDATE names another TorchServe than TS_URL, so that a promoted "
                 "version would not be found; remove it"};
}

const api::TorchServeWorkload* served_by(const std::vector<api::Revision>& revisions,
                                         const std::string& name) {
  const auto found = std::find_if(revisions.begin(), revisions.end(),
                                  [&](const auto& revision) { return revision.name == name; });
  return found == revisions.end() ? nullptr : std::get_if<api::TorchServeWorkload>(&found->workload);
}

/// The gateway sends every revision to the one TorchServe of its TS_URL.
std::optional<Problem> server_problem(const api::SeraphimDeployment& object,
                                      const std::vector<api::Revision>& revisions) {
  const auto* wanted = std::get_if<api::TorchServeWorkload>(&object.spec.workload);
  const auto* stable = served_by(revisions, object.status.stable_revision);
  if (wanted == nullptr || stable == nullptr || wanted->management_url == stable->management_url) {
    return std::nullopt;
  }
  return Problem{"TorchServesDiffer", "revision " + object.status.stable_revision +
                                          " is in the TorchServe at " + stable->management_url +
                                          " and the spec names the one at " + wanted->management_url +
                                          ", but the gateway sends to one; write the same "
                                          "spec.workload.torchServe.managementURL again"};
}

}  // namespace

const GatewayContainer* gateway_container(const GatewayDeployment& deployment,
                                          const api::SeraphimGatewayTraffic& settings) {
  const auto found =
      std::find_if(deployment.containers.begin(), deployment.containers.end(),
                   [&](const auto& container) { return container.name == settings.container; });
  return found == deployment.containers.end() ? nullptr : &*found;
}

std::optional<Problem> gateway_problem(const api::SeraphimDeployment& object,
                                       const GatewayDeployment* deployment,
                                       const std::vector<api::Revision>& revisions) {
  const auto& settings = std::get<api::SeraphimGatewayTraffic>(object.spec.traffic);
  if (deployment == nullptr || deployment->meta.deleting)
    return gateway_not_found(settings.deployment, object.namespace_);
  const auto* container = gateway_container(*deployment, settings);
  if (container == nullptr) return container_not_found(*deployment, settings.container);
  if (auto problem = variable_problem(*container)) return problem;
  if (deployment->paused) {
    return Problem{"GatewayPaused", "Deployment " + settings.deployment +
                                        " is paused, so that no change of the weight reaches its pods; run "
                                        "kubectl rollout resume deployment/" +
                                        settings.deployment};
  }
  return server_problem(object, revisions);
}

}  // namespace seraphim::traffic
