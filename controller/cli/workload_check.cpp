// Whether everything of a namespace runs.
#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "cli/component.h"
#include "cli/deployment.h"
#include "cli/health_checks.h"
#include "kubernetes/json_read.h"
#include "rollout/conditions.h"

namespace seraphim::cli {
namespace {

using kubernetes::elements;
using kubernetes::int64_or;
using kubernetes::member;
using kubernetes::text_or;
using nlohmann::json;

constexpr int kMostWorkloads = 500;

bool is_available(const json& deployment) {
  for (const json& condition : elements(member(deployment, "status"), "conditions")) {
    if (text_or(condition, "type") == "Available") return text_or(condition, "status") == "True";
  }
  return false;
}

/// Empty when it runs.
std::string trouble_of_deployment(const json& deployment) {
  const std::string name = text_or(member(deployment, "metadata"), "name");
  const auto wanted = int64_or(member(deployment, "spec"), "replicas", 1);
  const auto ready = int64_or(member(deployment, "status"), "readyReplicas", 0);
  if (ready != wanted) {
    return "Deployment " + name + " has " + std::to_string(ready) + " of " + std::to_string(wanted) +
           " replicas ready";
  }
  return is_available(deployment) ? "" : "Deployment " + name + " is not Available";
}

std::string trouble_of_rollout(const api::SeraphimDeployment& object) {
  const auto* ready = api::find_condition(object.status.conditions, rollout::kReady);
  if (ready != nullptr && ready->status == api::ConditionStatus::true_) return "";
  return "SeraphimDeployment " + object.name + " is not Ready" +
         (ready == nullptr ? "" : ": " + ready->message);
}

void note_trouble(std::string& all, const std::string& trouble) {
  if (!trouble.empty()) all += (all.empty() ? "" : "; ") + trouble;
}

}  // namespace

Verdict check_workloads(const Cluster& cluster) {
  const auto deployments =
      cluster.client().list(plain_deployment_type(), cluster.namespace_name(), "", kMostWorkloads);
  if (!deployments) return {.good = false, .detail = sentence(deployments.error())};
  const auto rollouts =
      cluster.client().list(deployment_type(), cluster.namespace_name(), "", kMostWorkloads);
  const bool unknown = !rollouts && rollouts.error().kind == kubernetes::ApiError::Kind::not_found;
  if (!rollouts && !unknown) return {.good = false, .detail = sentence(rollouts.error())};
  std::string trouble;
  std::size_t seen = 0;
  for (const json& deployment : elements(*deployments, "items")) {
    ++seen;
    note_trouble(trouble, trouble_of_deployment(deployment));
  }
  if (rollouts) {
    for (const json& object : elements(*rollouts, "items")) {
      ++seen;
      note_trouble(trouble, trouble_of_rollout(api::decode_deployment(object)));
    }
  }
  if (seen == 0)
    trouble =
        "nothing runs in namespace " + cluster.namespace_name() + "; name the platform's with --namespace";
  return {.good = trouble.empty(), .detail = trouble};
}

}  // namespace seraphim::cli
