// What the operator knows of the cluster: one store per watched kind. Filled by informers in production and
// by the simulator's reflectors in tests.
#pragma once

#include "kubernetes/store.h"
#include "operator/controller_revision.h"
#include "operator/deployment_object.h"
#include "traffic/endpoint_slice.h"
#include "traffic/gateway_deployment.h"
#include "traffic/gateway_readings.h"
#include "traffic/http_route.h"
#include "traffic/service.h"
#include "workload/pod.h"
#include "workload/replica_set.h"

namespace seraphim::op {

/// References only; whoever owns the stores outlives this.
struct ClusterView {
  kubernetes::Store<DeploymentObject>& deployments;
  kubernetes::Store<ControllerRevision>& revisions;
  kubernetes::Store<workload::ReplicaSet>& replica_sets;
  kubernetes::Store<workload::Pod>& pods;
  kubernetes::Store<traffic::Service>& services;
  kubernetes::Store<traffic::EndpointSlice>& endpoint_slices;
  kubernetes::Store<traffic::HttpRoute>* http_routes;  ///< null: the cluster has no Gateway API
  /// Deployments, for traffic.seraphimGateway, and what their pods say; null where nobody fills them.
  kubernetes::Store<traffic::GatewayDeployment>* gateways = nullptr;
  traffic::GatewayReadings* gateway_readings = nullptr;
};

}  // namespace seraphim::op
