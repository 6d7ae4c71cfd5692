// The table of workload kinds and traffic providers: one line each.
#pragma once

#include <memory>

#include "kubernetes/api_client.h"
#include "operator/cluster_view.h"
#include "traffic/backends.h"
#include "traffic/traffic_adapter.h"
#include "workload/workload_adapter.h"

namespace seraphim::op {

class Adapters {
 public:
  Adapters(const ClusterView& view, kubernetes::ApiClient& client);
  ~Adapters();

  /// Null when this build has no adapter for the kind that the spec asks for.
  workload::WorkloadAdapter* workload_for(const api::Spec& spec) const;
  traffic::TrafficAdapter* traffic_for(const api::Spec& spec) const;

 private:
  traffic::Backends backends_;
  std::unique_ptr<workload::WorkloadAdapter> pods_;
  std::unique_ptr<traffic::TrafficAdapter> gateway_api_, replicas_, seraphim_gateway_;
};

}  // namespace seraphim::op
