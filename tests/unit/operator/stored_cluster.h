// The stores of all watched kinds, empty, and the view of them: what informers would have filled.
#pragma once

#include "operator/cluster_view.h"

namespace seraphim::op {

class StoredCluster {
 protected:
  kubernetes::Store<DeploymentObject> deployments_;
  kubernetes::Store<ControllerRevision> revisions_;
  kubernetes::Store<workload::ReplicaSet> replica_sets_;
  kubernetes::Store<workload::Pod> pods_;
  kubernetes::Store<traffic::Service> services_;
  kubernetes::Store<traffic::EndpointSlice> endpoint_slices_;
  kubernetes::Store<traffic::HttpRoute> http_routes_;
  kubernetes::Store<traffic::GatewayDeployment> gateways_;
  ClusterView view_{deployments_, revisions_,       replica_sets_, pods_,
                    services_,    endpoint_slices_, &http_routes_, &gateways_};
};

}  // namespace seraphim::op
