#include "rollout/served_models.h"

#include <algorithm>

namespace seraphim::rollout {
namespace {

std::int32_t ready_workers(const Observation& observation, const std::string& revision) {
  const auto found = std::find_if(observation.workloads.begin(), observation.workloads.end(),
                                  [&](const auto& state) { return state.revision == revision; });
  return found == observation.workloads.end() ? 0 : found->ready;
}

}  // namespace

TrafficState traffic_to_workload(const Observation& observation) {
  TrafficState traffic = observation.traffic;
  if (!std::holds_alternative<api::TorchServeWorkload>(observation.object.spec.workload)) return traffic;
  for (std::optional<Backend>* backend : {&traffic.stable, &traffic.candidate}) {
    if (*backend && (*backend)->ready > 0) {
      (*backend)->ready = ready_workers(observation, (*backend)->revision);
    }
  }
  return traffic;
}

}  // namespace seraphim::rollout
