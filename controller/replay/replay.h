// The operator's own analysis and decisions over recorded samples. Pure: the same history gives the same
// timeline.
//
//   const Timeline timeline = replay(manifest, history);
//   if (timeline.outcome == Outcome::rolled_back) ...
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/seraphim_deployment.h"
#include "replay/history.h"
#include "replay/timeline.h"
#include "rollout/pass_record.h"

namespace seraphim::replay {

struct Options {
  /// Passes of the operator, oldest first: the replay makes a pass whenever the operator did, on the samples
  /// and the pods that the operator had then. Lines that tell of moments only (without pods) are followed on
  /// an ideal cluster. Empty: looks are taken as the operator would, soon after a scrape of the candidate.
  std::vector<rollout::PassRecord> passes{};
  /// Asked before each event (a look, a timer or a pass of the log); true: the operator is restarted there
  /// and knows but what its status says. The moments of the looks stay as they are.
  std::function<bool(std::size_t event)> restart{};
};

/// Steps that need an approval are approved as soon as they wait for it, unless `passes` tell when.
///
/// Begins at History::from, or two intervals before the candidate's first sample if that is later: what
/// happened before it had pods was nobody's rollout. `manifest` is usable (no problems, pods, analysis).
Timeline replay(const api::SeraphimDeployment& manifest, const History& history, const Options& options = {});

/// Stable against stable: each of its targets in turn as the candidate.
struct AaRun {
  std::string target;  ///< for people
  Timeline timeline;
};
/// Empty when the stable revision has but one target: there is nothing to compare it with.
std::vector<AaRun> replay_aa(const api::SeraphimDeployment& manifest, const History& history);

}  // namespace seraphim::replay
