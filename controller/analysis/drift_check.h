// One look at the drift between the predictions of the two revisions. Internal to analysis/.
#pragma once

#include <optional>

#include "analysis/breach_memory.h"

namespace seraphim::analysis {

/// So many looks in a row with a distance above the bound roll back, for good; one alone stops the raise. A
/// look counts as one only when the distance is beyond chance as well (g_statistic, once in 1000 looks of two
/// alike revisions). Too few events, an empty side, a negative value, and a distance that chance alone may
/// bring are neither good nor bad. Without traffic of the candidate, after the promotion and after a rollback
/// there is nothing to compare with: nothing is said, whatever the answer is. Within the bound nothing is
/// written while the numbers stay.
///
/// The outcome of a sample is the text of its labels; of each side those of its newest time are taken.
BoundFinding assess_drift(const api::Metric& metric, api::Duration stale_after,
                          const api::MetricEvidence& last, const std::optional<api::Time>& last_look,
                          const Answer* answer, Stage stage, api::Time now);

}  // namespace seraphim::analysis
