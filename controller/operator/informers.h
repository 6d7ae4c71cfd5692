// The watched kinds. A new one is one line here and one in ClusterView.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kubernetes/informer.h"
#include "operator/cluster_view.h"

namespace seraphim::op {

class Informers {
 public:
  /// `namespace_` empty: all. Without `gateway_api` HTTPRoutes are not watched.
  Informers(kubernetes::Transport& transport, const std::string& namespace_, bool gateway_api,
            const kubernetes::Clock& clock, const kubernetes::Random& random,
            const std::function<void(const std::string&)>& report);

  ClusterView view();
  void start();
  /// From now on Deployments are watched too; until then nobody needs them.
  void watch_gateways();
  bool synced() const;
  std::vector<kubernetes::WatchState> states() const;
  void stop();

 private:
  kubernetes::Informer<DeploymentObject> deployments_;
  kubernetes::Informer<ControllerRevision> revisions_;
  kubernetes::Informer<workload::ReplicaSet> replica_sets_;
  kubernetes::Informer<workload::Pod> pods_;
  kubernetes::Informer<traffic::Service> services_;
  kubernetes::Informer<traffic::EndpointSlice> endpoint_slices_;
  std::optional<kubernetes::Informer<traffic::HttpRoute>> http_routes_;
  kubernetes::Informer<traffic::GatewayDeployment> gateways_;
  std::atomic<bool> gateways_watched_ = false;
};

}  // namespace seraphim::op
