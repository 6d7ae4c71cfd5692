// Reads everything that a decision may depend on into one immutable value. No request is made.
#pragma once

#include <optional>

#include "api/time.h"
#include "kubernetes/object_meta.h"
#include "operator/cluster_view.h"
#include "operator/metrics_collector.h"
#include "rollout/observation.h"
#include "traffic/traffic_adapter.h"
#include "workload/workload_adapter.h"

namespace seraphim::op {

/// The recorded revisions of the object, by number.
std::vector<api::Revision> recorded_revisions(const kubernetes::Store<ControllerRevision>& store,
                                              const api::SeraphimDeployment& object);

/// What was judged, and what came of it.
struct Assessed {
  analysis::Answers answers;
  analysis::Assessment assessment;
};

/// The same for a rollback that is being verified; nothing when none is, or when no look has come back yet.
/// To be called after assess_now().
std::optional<analysis::Recovery> verify_now(const api::SeraphimDeployment& object,
                                             const std::vector<api::Revision>& recorded,
                                             MetricsCollector& collector, api::Time now);

/// Has the collector watch what this object compares, and judges by its newest answer; nothing when nothing
/// is compared.
std::optional<Assessed> assess_now(const api::SeraphimDeployment& object,
                                   const std::vector<api::Revision>& recorded, MetricsCollector& collector,
                                   api::Time now);

}  // namespace seraphim::op
