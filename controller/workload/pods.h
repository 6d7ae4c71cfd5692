// workload.pods: a ReplicaSet per revision, named like the revision.
#pragma once

#include "kubernetes/api_client.h"
#include "kubernetes/store.h"
#include "workload/pod.h"
#include "workload/replica_set.h"
#include "workload/workload_adapter.h"

namespace seraphim::workload {

class Pods final : public WorkloadAdapter {
 public:
  Pods(kubernetes::Store<ReplicaSet>& replica_sets, const kubernetes::Store<Pod>& pods,
       kubernetes::ApiClient& client)
      : replica_sets_(replica_sets), pods_(pods), client_(client) {}

  std::vector<rollout::WorkloadState> observe(const api::SeraphimDeployment& object) const override;
  kubernetes::Result<void> scale(const api::SeraphimDeployment& object, const api::Revision& revision,
                                 std::int32_t replicas, const std::stop_token& stop) override;
  kubernetes::Result<void> remove(const api::SeraphimDeployment& object, const std::string& revision,
                                  const std::stop_token& stop) override;

 private:
  std::string problem_of(const ReplicaSet& set) const;
  kubernetes::Result<void> create(const api::SeraphimDeployment& object, const api::Revision& revision,
                                  std::int32_t replicas, const std::stop_token& stop);
  kubernetes::Result<void> patch_replicas(const ReplicaSet& set, std::int32_t replicas,
                                          const std::stop_token& stop);
  kubernetes::Result<void> keep(const kubernetes::Result<nlohmann::json>& written);

  kubernetes::Store<ReplicaSet>& replica_sets_;
  const kubernetes::Store<Pod>& pods_;
  kubernetes::ApiClient& client_;
};

}  // namespace seraphim::workload
