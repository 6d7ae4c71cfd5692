#include "operator/adapters.h"

#include "operator/observer.h"
#include "operator/overloaded.h"
#include "traffic/gateway_api.h"
#include "traffic/gateway_routes.h"
#include "traffic/replicas.h"
#include "traffic/seraphim_gateway.h"
#include "workload/pods.h"
#include "workload/torch_serve.h"

namespace seraphim::op {
namespace {

/// Which revisions of an object are on record.
auto recorded_in(const ClusterView& view) {
  return [&records = view.revisions](const api::SeraphimDeployment& object) {
    return recorded_revisions(records, object);
  };
}

}  // namespace

Adapters::Adapters(const ClusterView& view, kubernetes::ApiClient& client,
                   workload::TorchServes& torch_serves, const kubernetes::Clock& clock)
    : backends_(view.services, view.endpoint_slices, client),
      pods_(std::make_unique<workload::Pods>(view.replica_sets, view.pods, client)),
      torch_serve_(std::make_unique<workload::TorchServe>(torch_serves.watch, torch_serves.orders,
                                                          recorded_in(view), clock)),
      gateway_api_(std::make_unique<traffic::GatewayApi>(backends_, view.http_routes, client)),
      replicas_(std::make_unique<traffic::Replicas>(view.services, client)) {
  if (view.gateways == nullptr || view.gateway_readings == nullptr) return;
  auto gateway = std::make_unique<traffic::SeraphimGateway>(*view.gateways, *view.gateway_readings,
                                                            recorded_in(view), client);
  gateway_routes_ =
      std::make_unique<traffic::GatewayRoutes>(*gateway, *view.gateways, view.http_routes, client);
  seraphim_gateway_ = std::move(gateway);
}

Adapters::~Adapters() = default;

workload::WorkloadAdapter* Adapters::workload_for(const api::Spec& spec) const {
  return std::visit(Overloaded{[&](const api::PodsWorkload&) { return pods_.get(); },
                               [&](const api::TorchServeWorkload&) { return torch_serve_.get(); }},
                    spec.workload);
}

traffic::TrafficAdapter* Adapters::traffic_for(const api::Spec& spec) const {
  return std::visit(Overloaded{[&](const api::GatewayApiTraffic&) { return gateway_api_.get(); },
                               [&](const api::ReplicasTraffic&) { return replicas_.get(); },
                               [&](const api::SeraphimGatewayTraffic& gateway) {
                                 return gateway.routes.empty() ? seraphim_gateway_.get()
                                                               : gateway_routes_.get();
                               }},
                    spec.traffic);
}

}  // namespace seraphim::op
