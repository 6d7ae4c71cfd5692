// The table of workload kinds and traffic providers: one line each.
#pragma once

#include <memory>

#include "kubernetes/api_client.h"
#include "operator/cluster_view.h"
#include "traffic/backends.h"
#include "traffic/traffic_adapter.h"
#include "workload/torch_serves.h"
#include "workload/workload_adapter.h"

namespace seraphim::op {

class Adapters {
 public:
  Adapters(const ClusterView& view, kubernetes::ApiClient& client, workload::TorchServes& torch_serves,
           const kubernetes::Clock& clock);
  ~Adapters();

  workload::WorkloadAdapter* workload_for(const api::Spec& spec) const;
  /// Null when this build has no adapter for the provider that the spec asks for.
  traffic::TrafficAdapter* traffic_for(const api::Spec& spec) const;

 private:
  traffic::Backends backends_;
  std::unique_ptr<workload::WorkloadAdapter> pods_, torch_serve_;
  std::unique_ptr<traffic::TrafficAdapter> gateway_api_, replicas_, seraphim_gateway_, gateway_routes_;
};

}  // namespace seraphim::op
