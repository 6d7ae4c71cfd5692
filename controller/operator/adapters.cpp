#include "operator/adapters.h"

#include "operator/observer.h"
#include "operator/overloaded.h"
#include "traffic/gateway_api.h"
#include "traffic/replicas.h"
#include "traffic/seraphim_gateway.h"
#include "workload/pods.h"

namespace seraphim::op {

Adapters::Adapters(const ClusterView& view, kubernetes::ApiClient& client)
    : backends_(view.services, view.endpoint_slices, client),
      pods_(std::make_unique<workload::Pods>(view.replica_sets, view.pods, client)),
      gateway_api_(std::make_unique<traffic::GatewayApi>(backends_, view.http_routes, client)),
      replicas_(std::make_unique<traffic::Replicas>(view.services, client)) {
  if (view.gateways == nullptr || view.gateway_readings == nullptr) return;
  const auto revisions = [&records = view.revisions](const api::SeraphimDeployment& object) {
    return recorded_revisions(records, object);
  };
  seraphim_gateway_ =
      std::make_unique<traffic::SeraphimGateway>(*view.gateways, *view.gateway_readings, revisions, client);
}

Adapters::~Adapters() = default;

workload::WorkloadAdapter* Adapters::workload_for(const api::Spec& spec) const {
  return std::visit(
      Overloaded{[&](const api::PodsWorkload&) { return pods_.get(); },
                 [](const api::TorchServeWorkload&) -> workload::WorkloadAdapter* { return nullptr; }},
      spec.workload);
}

traffic::TrafficAdapter* Adapters::traffic_for(const api::Spec& spec) const {
  return std::visit(Overloaded{[&](const api::GatewayApiTraffic&) { return gateway_api_.get(); },
                               [&](const api::ReplicasTraffic&) { return replicas_.get(); },
                               [&](const api::SeraphimGatewayTraffic&) { return seraphim_gateway_.get(); }},
                    spec.traffic);
}

}  // namespace seraphim::op
