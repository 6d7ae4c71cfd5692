// What stands behind a router whose backends are not the revision itself: the platform's gateway, which sends
// to model versions in a TorchServe.
#pragma once

#include "rollout/observation.h"

namespace seraphim::rollout {

/// With workload.torchServe a ready endpoint is a gateway, not a model: a backend is as ready as the version
/// behind it, counted in its workers, and not at all while no gateway serves it. For other workloads the
/// traffic as it was observed.
TrafficState traffic_to_workload(const Observation& observation);

}  // namespace seraphim::rollout
