#include "traffic/gateway_deployment.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "kubernetes/json_read.h"

namespace seraphim::traffic {

std::int32_t outdated_pods(const GatewayDeployment& deployment) {
  if (deployment.observed_generation < deployment.meta.generation) return deployment.existing;
  return std::max(0, deployment.existing - deployment.updated);
}

std::int32_t current_pods(const GatewayDeployment& deployment) {
  return std::max(0, deployment.ready - outdated_pods(deployment));
}

}  // namespace seraphim::traffic

namespace seraphim::kubernetes {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 9> kGatewayVariables{traffic::kCanaryPercent,
                                                            traffic::kBaselineName,
                                                            traffic::kBaselineVersion,
                                                            traffic::kCandidateName,
                                                            traffic::kCandidateVersion,
                                                            traffic::kForceHeader,
                                                            "MODEL_NAME",
                                                            "TS_URL",
                                                            "TS_URL_CANDIDATE"};

traffic::GatewayContainer gateway_container(const json& container) {
  traffic::GatewayContainer result{.name = text_or(container, "name")};
  result.has_env = member(container, "env").is_array();
  std::size_t index = 0;
  for (const json& entry : elements(container, "env")) {
    const std::string name = text_or(entry, "name");
    if (std::find(kGatewayVariables.begin(), kGatewayVariables.end(), name) != kGatewayVariables.end()) {
      result.variables[name] = {.index = index,
                                .value = text_or(entry, "value"),
                                .from_elsewhere = member(entry, "valueFrom").is_object()};
    }
    ++index;
  }
  return result;
}

std::string stuck_rollout(const json& status) {
  for (const json& condition : elements(status, "conditions")) {
    if (text_or(condition, "type") == "Progressing" && text_or(condition, "status") == "False") {
      return text_or(condition, "reason") + ": " + text_or(condition, "message");
    }
  }
  return {};
}

}  // namespace

const ResourceType& Resource<traffic::GatewayDeployment>::type() {
  static const ResourceType type{"apps", "v1", "deployments", "Deployment"};
  return type;
}

tl::expected<traffic::GatewayDeployment, std::string> Resource<traffic::GatewayDeployment>::decode(
    const json& object) {
  traffic::GatewayDeployment deployment;
  deployment.meta = decode_meta(object);
  const json& spec = member(object, "spec");
  deployment.paused = bool_or(spec, "paused", false);
  deployment.selector = text_map(member(spec, "selector"), "matchLabels");
  for (const json& container : elements(member(member(spec, "template"), "spec"), "containers")) {
    deployment.containers.push_back(gateway_container(container));
  }
  const json& status = member(object, "status");
  deployment.observed_generation = int64_or(status, "observedGeneration", 0);
  deployment.existing = int32_or(status, "replicas", 0);
  deployment.updated = int32_or(status, "updatedReplicas", 0);
  deployment.ready = int32_or(status, "readyReplicas", 0);
  deployment.stuck = stuck_rollout(status);
  return deployment;
}

}  // namespace seraphim::kubernetes
