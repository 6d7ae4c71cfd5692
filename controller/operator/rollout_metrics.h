// What rollouts came to, counted over all objects: no object is a label value.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "api/seraphim_deployment.h"
#include "kubernetes/object_meta.h"
#include "rollout/plan.h"

namespace prometheus {
class Registry;
}

namespace seraphim::op {

/// Thread-safe. Follows from what the operator wrote, so that nothing is counted twice.
class RolloutMetrics {
 public:
  explicit RolloutMetrics(::prometheus::Registry& registry);
  ~RolloutMetrics();

  void acted(const rollout::Action& action);
  void status_written(const api::SeraphimDeployment& before, const api::Status& after, api::Time now);
  /// The object is gone.
  void forget(const kubernetes::ObjectKey& key);

 private:
  struct Parts;
  /// When a look first counted a failed request of this candidate.
  struct FirstFailure {
    std::string candidate;
    api::Time at{};
  };

  void count_requests(const api::SeraphimDeployment& before, const api::Status& after, api::Time now);
  void count_rollback(const api::SeraphimDeployment& before, const api::Status& after, api::Time now);
  void count_verification(const api::SeraphimDeployment& before, const api::Status& after);
  void count_end(const api::SeraphimDeployment& before, const api::Status& after, api::Time now);

  const std::unique_ptr<Parts> parts_;
  std::mutex mutex_;
  std::map<kubernetes::ObjectKey, FirstFailure> first_failures_;
};

}  // namespace seraphim::op
