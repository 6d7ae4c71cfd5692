// The questions that users write themselves: one comparison each, several queries. Internal to prometheus/.
#pragma once

#include <functional>
#include <string>
#include <tl/expected.hpp>

#include "prometheus/client.h"
#include "prometheus/metrics_source.h"

namespace seraphim::prometheus {

using Ask = std::function<tl::expected<QueryAnswer, QueryError>(const std::string& promql)>;

/// Good (or bad) events and all events of both sides: four questions for raw samples.
tl::expected<Answer, QueryError> fetch_ratio(const Want& want, const analysis::RatioSeries& series,
                                             const Ask& ask);
/// One value, now; it stands on the candidate's side.
tl::expected<Answer, QueryError> fetch_value(const Want& want, const analysis::ValueSeries& series,
                                             const Ask& ask);

/// One value for each label of both sides: two questions. The outcome of a sample is the text of its labels.
tl::expected<Answer, QueryError> fetch_drift(const Want& want, const analysis::DriftSeries& series,
                                             const Ask& ask);

}  // namespace seraphim::prometheus
