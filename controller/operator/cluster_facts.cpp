#include "operator/cluster_facts.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <set>

#include "api/seraphim_deployment.h"
#include "api/seraphim_freeze.h"
#include "operator/exit_code.h"

namespace seraphim::op {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

constexpr const char* kGatewayVersion = "gateway.networking.k8s.io/v1";

/// The kinds that the API server serves, by their plurals.
tl::expected<std::set<std::string>, StartFailure> served(kubernetes::Transport& transport,
                                                         const std::string& group_version) {
  const auto answer = transport.call({.target = "/apis/" + group_version}, 15s, {});
  if (answer.status.http == 404) return {};
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
  std::set<std::string> plurals;
  for (const Json& resource : resources) {
    const Json name = resource.is_object() ? resource.value("name", Json()) : Json();
    if (name.is_string()) plurals.insert(name.get<std::string>());
  }
  return plurals;
}

}  // namespace

tl::expected<ClusterFacts, StartFailure> look_at_cluster(kubernetes::Transport& transport) {
  const auto own = served(transport, api::kApiVersion);
  if (!own) return tl::unexpected(own.error());
  if (!own->contains(api::kPlural)) {
    return tl::unexpected(StartFailure{
        kCrdMissing, std::string("the cluster does not know SeraphimDeployments (") + api::kApiVersion +
                         "). Install them, then start the operator again: kubectl apply --server-side -f "
                         "crds/serving.seraphim.io_seraphimdeployments.yaml"});
  }
  const auto gateway = served(transport, kGatewayVersion);
  if (!gateway) return tl::unexpected(gateway.error());
  return ClusterFacts{.gateway_api = gateway->contains("httproutes"),
                      .freezes = own->contains(api::kFreezePlural)};
}

}  // namespace seraphim::op
