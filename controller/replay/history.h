// What Prometheus recorded of two revisions over a span of time, and the answer it would have given at any
// moment of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/assessment.h"
#include "api/time.h"
#include "rollout/pass_record.h"

namespace seraphim::replay {

struct History {
  std::string stable, candidate;  ///< revisions: whose samples `answers` calls baseline and candidate
  api::Time from{}, to{};         ///< the span to replay; samples may reach back further
  analysis::Answers answers{};    ///< all samples of the span
};

/// Puts the samples of each answer in the order of time, and drops those that came twice.
void put_in_order(analysis::Answers& answers);
/// What an answer holds that reaches as far as `reach` and begins right after `after`. `all` is in order.
analysis::Answers cut(const analysis::Answers& all, const rollout::Reach& reach, api::Time after);

/// Nothing when there is none.
std::optional<api::Time> first_candidate_sample(const History& history);

/// The targets that count the stable revision's requests.
std::vector<std::string> stable_targets(const History& history);
/// Stable against stable: this one of its targets as the candidate, the others as they were.
History with_as_candidate(const History& history, const std::string& target);
/// The pod or instance of a target, for people.
std::string short_name(const std::string& target);

}  // namespace seraphim::replay
