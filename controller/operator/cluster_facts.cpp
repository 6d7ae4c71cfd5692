#include "operator/cluster_facts.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "api/seraphim_deployment.h"
#include "operator/exit_code.h"

namespace seraphim::op {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

constexpr const char* kGatewayVersion = "gateway.networking.k8s.io/v1";

/// Whether the API server serves a kind, by its plural.
tl::expected<bool, StartFailure> serves(kubernetes::Transport& transport, const std::string& group_version,
                                        const std::string& plural) {
  const auto answer = transport.call({.target = "/apis/" + group_version}, 15s, {});
  if (answer.status.http == 404) return false;
  if (!answer.ok()) {
    const std::string reason = answer.status.http != 0 ? "HTTP " + std::to_string(answer.status.http)
                                                       : std::string(to_string(answer.status.error)) + " (" +
                                                             answer.status.detail + ")";
    return tl::unexpected(StartFailure{kFailed, "the API server does not say whether it serves " +
                                                    group_version + ": " + reason +
                                                    "; check the address and the credentials"});
  }
  const Json list = Json::parse(answer.body, nullptr, false);
  const auto resources = list.is_object() ? list.value("resources", Json::array()) : Json::array();
  return std::any_of(resources.begin(), resources.end(), [&](const Json& resource) {
    return resource.is_object() && resource.value("name", Json()) == plural;
  });
}

}  // namespace

tl::expected<ClusterFacts, StartFailure> look_at_cluster(kubernetes::Transport& transport) {
  const auto own = serves(transport, api::kApiVersion, api::kPlural);
  if (!own) return tl::unexpected(own.error());
  if (!*own) {
    return tl::unexpected(StartFailure{
        kCrdMissing, std::string("the cluster does not know SeraphimDeployments (") + api::kApiVersion +
                         "). Install them, then start the operator again: kubectl apply --server-side -f "
                         "crds/serving.seraphim.io_seraphimdeployments.yaml"});
  }
  const auto gateway = serves(transport, kGatewayVersion, "httproutes");
  if (!gateway) return tl::unexpected(gateway.error());
  return ClusterFacts{.gateway_api = *gateway};
}

}  // namespace seraphim::op
