// Which change of the cluster makes which SeraphimDeployment worth a look.
#pragma once

#include "kubernetes/clock.h"
#include "kubernetes/work_queue.h"
#include "operator/cluster_view.h"

namespace seraphim::op {

/// Registers with the stores; call before anything is written to them. The queue and the clock must outlive
/// them.
void connect_triggers(const ClusterView& view, kubernetes::WorkQueue& queue, const kubernetes::Clock& clock);

}  // namespace seraphim::op
