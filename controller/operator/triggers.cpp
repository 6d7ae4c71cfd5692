#include "operator/triggers.h"

#include <algorithm>

#include "api/seraphim_deployment.h"
#include "operator/freeze_reconciler.h"

namespace seraphim::op {
namespace {

using kubernetes::ObjectKey;

/// Own status writes are no reason to look again (runtime rule 29): whoever writes goes on by itself.
bool concerns_us(const DeploymentObject* before, const DeploymentObject* after) {
  if (before == nullptr || after == nullptr) return true;
  return before->meta.uid != after->meta.uid || before->meta.generation != after->meta.generation ||
         before->object.annotations != after->object.annotations ||
         before->meta.labels != after->meta.labels || before->meta.deleting != after->meta.deleting;
}

bool names_route(const std::vector<api::RouteReference>& references, const ObjectKey& route) {
  return std::any_of(references.begin(), references.end(),
                     [&](const auto& reference) { return reference.name == route.name; });
}

bool is_sent_to(const DeploymentObject& deployment, const ObjectKey& route) {
  if (deployment.meta.key.namespace_ != route.namespace_) return false;
  const api::Traffic& traffic = deployment.object.spec.traffic;
  if (const auto* gateway = std::get_if<api::SeraphimGatewayTraffic>(&traffic))
    return names_route(gateway->routes, route);
  const auto* settings = std::get_if<api::GatewayApiTraffic>(&traffic);
  if (settings == nullptr) return false;
  if (settings->routes.empty()) return deployment.meta.key.name == route.name;
  return names_route(settings->routes, route);
}

bool is_served_by(const DeploymentObject& deployment, const ObjectKey& gateway) {
  const auto* settings = std::get_if<api::SeraphimGatewayTraffic>(&deployment.object.spec.traffic);
  return settings != nullptr && gateway == ObjectKey{deployment.meta.key.namespace_, settings->deployment};
}

/// Children name their SeraphimDeployment by a label, which EndpointSlices take over from their Service.
template <typename T>
void on_child_change(kubernetes::Store<T>& store, kubernetes::WorkQueue& queue,
                     const kubernetes::Clock& clock) {
  store.on_change([&queue, &clock](const auto& before, const auto& after) {
    const auto& meta = after ? after->meta : before->meta;
    const auto label = meta.labels.find(api::kLabelName);
    if (label != meta.labels.end()) queue.add({meta.key.namespace_, label->second}, clock.steady());
  });
}

/// A freeze concerns itself, and whatever it may select; so does a new object or another label of one.
void connect_freezes(const ClusterView& view, kubernetes::WorkQueue& queue, const kubernetes::Clock& clock) {
  view.freezes->on_change(
      [&queue, &clock, &deployments = view.deployments](const auto& before, const auto& after) {
        const bool edited = !before || !after || before->meta.uid != after->meta.uid ||
                            before->meta.generation != after->meta.generation;
        if (!edited) return;
        const ObjectKey& key = (after ? after : before)->meta.key;
        if (after) queue.add(queue_key_of_freeze(key), clock.steady());
        for (const auto& deployment : deployments.list()) {
          if (deployment->meta.key.namespace_ == key.namespace_)
            queue.add(deployment->meta.key, clock.steady());
        }
      });
  view.deployments.on_change(
      [&queue, &clock, &freezes = *view.freezes](const auto& before, const auto& after) {
        if (before && after && before->meta.labels == after->meta.labels) return;
        const std::string& where = (after ? after : before)->meta.key.namespace_;
        for (const auto& freeze : freezes.list()) {
          if (freeze->meta.key.namespace_ == where)
            queue.add(queue_key_of_freeze(freeze->meta.key), clock.steady());
        }
      });
}

}  // namespace

void connect_triggers(const ClusterView& view, kubernetes::WorkQueue& queue, const kubernetes::Clock& clock) {
  view.deployments.on_change([&queue, &clock](const auto& before, const auto& after) {
    if (!concerns_us(before.get(), after.get())) return;
    queue.add((after ? after : before)->meta.key, clock.steady());
  });
  on_child_change(view.revisions, queue, clock);
  on_child_change(view.replica_sets, queue, clock);
  on_child_change(view.services, queue, clock);
  on_child_change(view.endpoint_slices, queue, clock);
  view.pods.on_change([&queue, &clock](const auto& before, const auto& after) {
    // Counts are the ReplicaSet's to tell; of a pod only a new problem is news.
    if (!after || (before && before->problem == after->problem) || (!before && after->problem.empty()))
      return;
    const auto label = after->meta.labels.find(api::kLabelName);
    if (label != after->meta.labels.end())
      queue.add({after->meta.key.namespace_, label->second}, clock.steady());
  });
  if (view.gateways != nullptr) {
    view.gateways->on_change(
        [&queue, &clock, &deployments = view.deployments](const auto& before, const auto& after) {
          const auto& key = (after ? after : before)->meta.key;
          for (const auto& deployment : deployments.list()) {
            if (is_served_by(*deployment, key)) queue.add(deployment->meta.key, clock.steady());
          }
        });
  }
  if (view.freezes != nullptr) connect_freezes(view, queue, clock);
  if (view.http_routes == nullptr) return;
  view.http_routes->on_change(
      [&queue, &clock, &deployments = view.deployments](const auto& before, const auto& after) {
        const auto& key = (after ? after : before)->meta.key;
        for (const auto& deployment : deployments.list()) {
          if (is_sent_to(*deployment, key)) queue.add(deployment->meta.key, clock.steady());
        }
      });
}

}  // namespace seraphim::op
