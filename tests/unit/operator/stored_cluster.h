// The stores of all watched kinds, empty, and the view of them: what informers would have filled.
#pragma once

#include "operator/cluster_view.h"

namespace seraphim::op {

class StoredCluster {
 protected:
  StoredCluster() { freezes_.replace({}, "1"); }  // listed, and there are none

  kubernetes::Store<DeploymentObject> deployments_;
  kubernetes::Store<ControllerRevision> revisions_;
  kubernetes::Store<workload::ReplicaSet> replica_sets_;
  kubernetes::Store<workload::Pod> pods_;
  kubernetes::Store<traffic::Service> services_;
  kubernetes::Store<traffic::EndpointSlice> endpoint_slices_;
  kubernetes::Store<traffic::HttpRoute> http_routes_;
  kubernetes::Store<traffic::GatewayDeployment> gateways_;
  kubernetes::Store<FreezeObject> freezes_;
  ClusterView view_{.deployments = deployments_,
                    .revisions = revisions_,
                    .replica_sets = replica_sets_,
                    .pods = pods_,
                    .services = services_,
                    .endpoint_slices = endpoint_slices_,
                    .http_routes = &http_routes_,
                    .gateways = &gateways_,
                    .freezes = &freezes_};
};

}  // namespace seraphim::op
