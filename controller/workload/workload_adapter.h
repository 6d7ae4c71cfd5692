// What makes a revision run. A new kind of workload is one more implementation of this and one line in
// operator/adapters.cpp.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "api/revision.h"
#include "api/seraphim_deployment.h"
#include "kubernetes/api_error.h"
#include "rollout/observation.h"

namespace seraphim::workload {

class WorkloadAdapter {
 public:
  virtual ~WorkloadAdapter() = default;
  /// False as long as nothing can be told of what runs: then nothing is to be decided. What brings the first
  /// news also brings the object back into the queue.
  virtual bool knows(const api::SeraphimDeployment& object) const {
    (void)object;
    return true;
  }
  /// What runs of each revision, from the watched state; no request is made.
  virtual std::vector<rollout::WorkloadState> observe(const api::SeraphimDeployment& object) const = 0;
  /// Idempotent. Creates the revision's workload when there is none.
  virtual kubernetes::Result<void> scale(const api::SeraphimDeployment& object, const api::Revision& revision,
                                         std::int32_t replicas, const std::stop_token& stop) = 0;
  /// Idempotent. What is gone already is a success.
  virtual kubernetes::Result<void> remove(const api::SeraphimDeployment& object, const std::string& revision,
                                          const std::stop_token& stop) = 0;
  /// Told in every pass which revision is the stable one: the one for requests that name none, where the
  /// workload takes such. Quick; does nothing when it is so already.
  virtual void serve_by_default(const api::SeraphimDeployment& object, const std::string& revision) {
    (void)object;
    (void)revision;
  }
};

}  // namespace seraphim::workload
