#include "traffic/gateway_routes.h"

#include <nlohmann/json.hpp>

#include "traffic/gateway_problems.h"
#include "traffic/route_access.h"
#include "traffic/variant_route.h"

namespace seraphim::traffic {
namespace {

using kubernetes::ApiError;
using kubernetes::ObjectKey;
using kubernetes::Result;
using rollout::TrafficState;
using Problem = TrafficState::Problem;

const api::SeraphimGatewayTraffic& routed_gateway(const api::SeraphimDeployment& object) {
  return std::get<api::SeraphimGatewayTraffic>(object.spec.traffic);
}

std::vector<ObjectKey> keys_of_routes(const api::SeraphimDeployment& object) {
  std::vector<ObjectKey> keys;
  for (const auto& route : routed_gateway(object).routes) keys.push_back({object.namespace_, route.name});
  return keys;
}

std::string absence_of(const ObjectKey& route) {
  return "HTTPRoute " + route.name + " does not exist in namespace " + route.namespace_ +
         "; create it with two backendRefs to the gateway's Service, or correct "
         "spec.traffic.seraphimGateway.routes";
}

Problem header_unknown() {
  return {
      "GatewayHeaderUnknown",
      std::string("the gateway's ") + kForceHeader +
          " is empty or comes from elsewhere (valueFrom), so that nobody can tell which header the routes "
          "have to set; write a plain value, or leave it out"};
}

}  // namespace

TrafficState GatewayRoutes::observe(const api::SeraphimDeployment& object,
                                    const std::vector<rollout::WorkloadState>& workloads) const {
  TrafficState state = gateway_.observe(object, workloads);
  const auto percent = std::exchange(state.candidate_weight, std::nullopt);
  state.own_route_outdated = percent && *percent != api::kNothing;
  if (state.own_route_outdated && state.unsettled.empty())
    state.unsettled = "the gateway's CANARY_PERCENT is not 0 yet";
  const std::string header = header_of(object);
  if (header.empty() && !state.problem) state.problem = header_unknown();
  // Whatever else is wrong, a rollback has to know from where.
  read_routes(object, header, state);
  return state;
}

void GatewayRoutes::read_routes(const api::SeraphimDeployment& object, const std::string& header,
                                TrafficState& state) const {
  const auto note = [&](Problem problem) {
    if (!state.problem) state.problem = std::move(problem);
  };
  if (routes_ == nullptr) {
    return note(
        {"GatewayAPIMissing",
         "the cluster has no HTTPRoute kind; install the Gateway API CRDs and restart the operator, or "
         "leave spec.traffic.seraphimGateway.routes out"});
  }
  std::vector<HttpRoute> routes;
  for (const auto& key : keys_of_routes(object)) {
    const auto route = routes_->get(key);
    if (!route) {
      note({"RouteNotFound", absence_of(key)});
      continue;
    }
    if (auto problem = variant_problem(*route, header)) note(*std::move(problem));
    if (auto problem = refusal_problem(*route)) note(*std::move(problem));
    routes.push_back(by_variant(*route, header));
  }
  // One that is wrong hides nothing of the others: a rollback begins with the traffic that there is.
  state.candidate_weight = candidate_share(routes, variant_pair(), object.status.weight.desired);
}

std::string GatewayRoutes::header_of(const api::SeraphimDeployment& object) const {
  const auto deployment = deployments_.get({object.namespace_, routed_gateway(object).deployment});
  const auto* container =
      deployment == nullptr ? nullptr : gateway_container(*deployment, routed_gateway(object));
  return force_header(container == nullptr ? GatewayContainer{} : *container);
}

Result<TrafficState> GatewayRoutes::confirm(const api::SeraphimDeployment& object,
                                            const std::vector<rollout::WorkloadState>& workloads,
                                            const std::stop_token& stop) {
  if (auto fresh = gateway_.confirm(object, workloads, stop); !fresh) return fresh;
  if (routes_ != nullptr) {
    for (const auto& key : keys_of_routes(object)) {
      if (auto fresh = refresh_route(*routes_, client_, key, stop); !fresh)
        return tl::unexpected(fresh.error());
    }
  }
  TrafficState state = observe(object, workloads);
  state.confirmed = true;
  return state;
}

Result<void> GatewayRoutes::point_backend(const api::SeraphimDeployment& object,
                                          const rollout::PointBackend& action, const std::stop_token& stop) {
  return gateway_.point_backend(object, action, stop);
}

Result<void> GatewayRoutes::set_weight(const api::SeraphimDeployment& object,
                                       const rollout::SetWeight& action, const std::stop_token& stop) {
  const std::string header = header_of(object);
  const auto patch = [&](const HttpRoute& route) {
    return weight_patch(by_variant(route, header), variant_pair(), action.weight);
  };
  return patch_routes({routes_, client_, keys_of_routes(object), takes_away(object, action)}, patch,
                      absence_of, stop);
}

Result<void> GatewayRoutes::ensure_route(const api::SeraphimDeployment& object, const rollout::EnsureRoute&,
                                         const std::stop_token& stop) {
  return gateway_.stop_splitting(object, stop);
}

}  // namespace seraphim::traffic
