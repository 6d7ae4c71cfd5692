// What one pass of the operator saw and said about a comparison: a line of its debug log, and back. With the
// samples of Prometheus's history these lines are all it takes to come to the same decisions once more.
//
//   shop/a: look: candidate 3 of 120 failed, stable 1 of 1100; rollback evidence 2.1 of 100, promotion 1.0 of
//   20; verdict=Continue step=2 weight=25% stable=a-1 candidate=a-2 at=2026-11-24T16:17:33.120Z
//   upto=2026-11-24T16:17:33.071Z seen=4410ab:312,9f31c2:0 pods=2/1 endpoints=2/1 approved=0
//
// A pass without a look has `pass:` in place of everything up to the verdict.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "analysis/assessment.h"
#include "rollout/comparison.h"
#include "rollout/observation.h"
#include "rollout/plan.h"

namespace seraphim::rollout {

/// How far an answer reaches: the targets it has, and how far each of them is behind the newest sample.
struct Reach {
  api::Time upto{};                           ///< time of the newest sample
  std::map<std::string, api::Duration> seen;  ///< by target_key; empty when only `upto` is known
  bool operator==(const Reach&) const = default;
};

/// Six hexadecimal digits that stand for a target in a log line.
std::string target_key(std::string_view target);
/// Nothing when the answer holds no sample.
std::optional<Reach> reach_of(const analysis::Answer& answer);

/// Pods that a pass saw: an ideal cluster has them at once, a real one takes its time.
struct SeenPods {
  std::int32_t stable = 0, candidate = 0;                      ///< available
  std::int32_t stable_endpoints = 0, candidate_endpoints = 0;  ///< ready, behind the two backends
  bool operator==(const SeenPods&) const = default;
};

struct PassRecord {
  std::string object;              ///< "<namespace>/<name>"
  std::string stable, candidate;   ///< the revisions that are compared
  bool look = false;               ///< it brought a look
  api::Time at{};                  ///< when; of a look it is EvidenceStatus::last_look
  std::optional<Reach> reach;      ///< of the answer that was judged; nothing when it had no samples
  std::string verdict;             ///< verdict_word
  std::int32_t step = 0;           ///< that the assessment was made in
  api::Percent weight;             ///< applied, as the assessment was made
  std::optional<SeenPods> pods;    ///< nothing in a line that does not tell
  std::int32_t approved_step = 0;  ///< after the pass
  api::EvidenceStatus evidence;    ///< counts and texts after the pass; of a look only
  bool operator==(const PassRecord&) const = default;
};

/// "Continue", "Promote", "None" (nothing was compared), "RollBack:ErrorRateWorseThanStable",
/// "Unavailable:MetricsStale".
std::string verdict_word(const std::optional<analysis::Assessment>& assessment);

/// Of a pass that compared `plan`'s candidate, or had it chosen or replaced; `observation` as decided upon.
/// Nothing of any other pass. `answers` is what was judged, if anything was.
std::optional<PassRecord> record_of(const Observation& observation, const analysis::Answers* answers,
                                    const Plan& plan);

std::string to_line(const PassRecord& record);
/// Nothing for any other line. What stands before and behind it does not matter.
std::optional<PassRecord> parse_line(std::string_view line);

}  // namespace seraphim::rollout
