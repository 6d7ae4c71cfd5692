// One look at a metric that is a plain value with bounds. Internal to analysis/.
#pragma once

#include <optional>

#include "analysis/breach_memory.h"

namespace seraphim::analysis {

/// So many looks in a row out of bounds roll back, for good. A value that is missing, NaN or old is neither
/// good nor bad. Within bounds nothing is remembered, so that a quiet metric causes no writes. `answer`: null
/// when it was not asked for yet, right after a restart; it is then as fresh as the `last_look`.
BoundFinding assess_value(const api::Metric& metric, api::Duration stale_after,
                          const api::MetricEvidence& last, const std::optional<api::Time>& last_look,
                          const Answer* answer, Stage stage, api::Time now);

}  // namespace seraphim::analysis
