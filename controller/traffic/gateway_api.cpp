#include "traffic/gateway_api.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "kubernetes/child.h"
#include "kubernetes/keep_written.h"
#include "traffic/route_access.h"
#include "traffic/route_weights.h"

namespace seraphim::traffic {
namespace {

using kubernetes::ApiError;
using kubernetes::ObjectKey;
using kubernetes::Resource;
using kubernetes::Result;
using nlohmann::json;
using rollout::TrafficState;

const api::GatewayApiTraffic& settings(const api::SeraphimDeployment& object) {
  return std::get<api::GatewayApiTraffic>(object.spec.traffic);
}

bool has_own_route(const api::SeraphimDeployment& object) {
  return settings(object).routes.empty();
}

std::vector<ObjectKey> route_keys(const api::SeraphimDeployment& object) {
  if (has_own_route(object)) return {{object.namespace_, object.name}};
  std::vector<ObjectKey> keys;
  for (const auto& route : settings(object).routes) keys.push_back({object.namespace_, route.name});
  return keys;
}

BackendPair backend_pair(const api::SeraphimDeployment& object) {
  return {stable_service(object), candidate_service(object)};
}

std::vector<std::string> wanted_parent_refs(const api::SeraphimDeployment& object) {
  std::vector<std::string> texts;
  for (const auto& reference : settings(object).parent_refs) {
    texts.push_back(canonical_parent_ref(json::parse(reference.text, nullptr, false)));
  }
  return texts;
}

bool is_outdated(const HttpRoute& route, const api::SeraphimDeployment& object) {
  return route.parent_refs != wanted_parent_refs(object) || route.hostnames != settings(object).hostnames ||
         pair_problem(route, backend_pair(object));
}

json own_route(const api::SeraphimDeployment& object, api::Percent candidate) {
  const auto& type = Resource<HttpRoute>::type();
  const auto* pods = std::get_if<api::PodsWorkload>(&object.spec.workload);
  const Weights weights = weights_for(candidate);
  const auto backend = [&](const std::string& name, std::int64_t weight) {
    return json{{"name", name}, {"port", pods == nullptr ? 0 : pods->port}, {"weight", weight}};
  };
  json parents = json::array();
  for (const auto& reference : settings(object).parent_refs) {
    parents.push_back(json::parse(reference.text, nullptr, false));
  }
  json route = {
      {"apiVersion", type.api_version()},
      {"kind", type.kind},
      {"metadata",
       {{"name", object.name},
        {"namespace", object.namespace_},
        {"labels", {{api::kLabelName, object.name}}},
        {"ownerReferences", json::array({kubernetes::owner_reference(
                                {api::kApiVersion, api::kKind, object.name, object.uid})})}}},
      {"spec",
       {{"parentRefs", parents},
        {"rules", json::array({{{"backendRefs",
                                 json::array({backend(stable_service(object), weights.stable),
                                              backend(candidate_service(object), weights.candidate)})}}})}}}};
  if (!settings(object).hostnames.empty()) route["spec"]["hostnames"] = settings(object).hostnames;
  return route;
}

TrafficState::Problem not_found(const ObjectKey& key) {
  return {"RouteNotFound",
          "HTTPRoute " + key.name + " does not exist in namespace " + key.namespace_ +
              "; create it with backendRefs to the Services of this SeraphimDeployment, or correct "
              "spec.traffic.gatewayAPI.routes"};
}

}  // namespace

TrafficState GatewayApi::observe(const api::SeraphimDeployment& object,
                                 const std::vector<rollout::WorkloadState>& workloads) const {
  (void)workloads;  // endpoints say it better
  TrafficState state;
  state.stable = backends_.observe(object, rollout::Slot::stable);
  state.candidate = backends_.observe(object, rollout::Slot::candidate);
  if (routes_ == nullptr) {
    state.problem = {"GatewayAPIMissing",
                     "the cluster has no HTTPRoute kind; install the Gateway API CRDs and restart the "
                     "operator, or use traffic.replicas"};
    return state;
  }
  const auto note = [&](TrafficState::Problem problem) {
    if (!state.problem) state.problem = std::move(problem);
  };
  const bool own = has_own_route(object);
  std::vector<HttpRoute> routes;
  for (const auto& key : route_keys(object)) {
    const auto route = routes_->get(key);
    if (!route && own) {
      state.own_route_outdated = true;
      return state;
    }
    if (!route) {
      note(not_found(key));
      continue;
    }
    if (own && !kubernetes::is_child_of(route->meta, object.uid)) {
      const auto error = kubernetes::not_ours("HTTPRoute", key);
      state.problem = {"RouteNotOurs", error.message + ", or name it in spec.traffic.gatewayAPI.routes"};
      return state;
    }
    if (auto problem = pair_problem(*route, backend_pair(object)); problem && !own) note(*std::move(problem));
    if (auto problem = refusal_problem(*route)) note(*std::move(problem));
    routes.push_back(*route);
  }
  if (own) state.own_route_outdated = is_outdated(routes.front(), object);
  // One that is wrong hides nothing of the others: a rollback begins with the traffic that there is.
  state.candidate_weight = candidate_share(routes, backend_pair(object), object.status.weight.desired);
  return state;
}

Result<TrafficState> GatewayApi::confirm(const api::SeraphimDeployment& object,
                                         const std::vector<rollout::WorkloadState>& workloads,
                                         const std::stop_token& stop) {
  if (routes_ != nullptr) {
    for (const auto& key : route_keys(object)) {
      if (auto fresh = refresh_route(*routes_, client_, key, stop); !fresh)
        return tl::unexpected(fresh.error());
    }
  }
  TrafficState state = observe(object, workloads);
  state.confirmed = true;
  return state;
}

Result<void> GatewayApi::point_backend(const api::SeraphimDeployment& object,
                                       const rollout::PointBackend& action, const std::stop_token& stop) {
  return backends_.point(object, action, stop);
}

Result<void> GatewayApi::set_weight(const api::SeraphimDeployment& object, const rollout::SetWeight& action,
                                    const std::stop_token& stop) {
  const auto patch = [&](const HttpRoute& route) {
    return weight_patch(route, backend_pair(object), action.weight);
  };
  const auto absence = [](const ObjectKey& key) { return not_found(key).message; };
  return patch_routes({routes_, client_, route_keys(object), takes_away(object, action)}, patch, absence,
                      stop);
}

Result<void> GatewayApi::ensure_route(const api::SeraphimDeployment& object,
                                      const rollout::EnsureRoute& action, const std::stop_token& stop) {
  if (!has_own_route(object) || routes_ == nullptr) return {};
  const auto& type = Resource<HttpRoute>::type();
  const ObjectKey key{object.namespace_, object.name};
  const json wanted = own_route(object, action.weight);
  const auto existing = routes_->get(key);
  if (existing && !kubernetes::is_child_of(existing->meta, object.uid)) {
    return tl::unexpected(kubernetes::not_ours(type.kind, key));
  }
  if (!existing) {
    auto kept = keep(kubernetes::create_child(client_, type, wanted, object.uid, stop));
    if (!kept) return kept;
    if (const auto made = routes_->get(key); made && !is_outdated(*made, object)) return {};
  }
  return keep(client_.apply(type, key, wanted, true, {}, stop));
}

Result<void> GatewayApi::keep(const Result<json>& written) {
  return kubernetes::keep_written(*routes_, written);
}

}  // namespace seraphim::traffic
