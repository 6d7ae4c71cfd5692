// Carries out a plan's actions, in order, up to the first that fails.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "kubernetes/api_client.h"
#include "kubernetes/api_error.h"
#include "kubernetes/store.h"
#include "operator/controller_revision.h"
#include "rollout/observation.h"
#include "rollout/plan.h"
#include "traffic/traffic_adapter.h"
#include "workload/workload_adapter.h"

namespace seraphim::op {

/// "set weight 25%", "scale web-1a2b3c to 4": for logs and messages.
std::string describe(const rollout::Action& action);
std::string describe(const std::vector<rollout::Action>& actions);  ///< in their order, "a; b"

/// By what was observed, carrying this out may bring a new object into being.
bool creates_child(const rollout::Observation& observation, const rollout::Action& action);

class Performer {
 public:
  Performer(kubernetes::Store<ControllerRevision>& revisions, kubernetes::ApiClient& client)
      : revisions_(revisions), client_(client) {}

  /// The adapters are those of the object's spec. The error names the action that failed.
  kubernetes::Result<void> perform(const rollout::Observation& observation, const rollout::Action& action,
                                   workload::WorkloadAdapter& workload, traffic::TrafficAdapter& traffic,
                                   const std::stop_token& stop);

 private:
  kubernetes::Result<void> record(const api::SeraphimDeployment& object, const api::Revision& revision,
                                  const std::stop_token& stop);
  kubernetes::Result<void> mark(const api::SeraphimDeployment& object, const rollout::MarkVerdict& action,
                                const std::stop_token& stop);
  kubernetes::Result<void> forget(const api::SeraphimDeployment& object, const std::string& revision,
                                  workload::WorkloadAdapter& workload, const std::stop_token& stop);
  kubernetes::Result<void> keep(const kubernetes::Result<nlohmann::json>& written);

  kubernetes::Store<ControllerRevision>& revisions_;
  kubernetes::ApiClient& client_;
};

}  // namespace seraphim::op
