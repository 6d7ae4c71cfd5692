// Pods for everybody who has a role, none for the forgotten, and the end of old records.
#include <algorithm>

#include "rollout/planner.h"

namespace seraphim::rollout {
namespace {

bool records_in_this_plan(const Planner& planner, const std::string& revision) {
  return std::any_of(planner.records.begin(), planner.records.end(), [&](const Action& action) {
    const auto* record = std::get_if<RecordRevision>(&action);
    return record != nullptr && record->revision.name == revision;
  });
}

bool exists(const Planner& planner, const std::string& revision) {
  return std::any_of(planner.in.workloads.begin(), planner.in.workloads.end(),
                     [&](const WorkloadState& state) { return state.revision == revision; });
}

void scale_to(Planner& planner, const std::string& revision, std::int32_t replicas) {
  const std::int32_t desired = planner.workload(revision).desired;
  // Without a record there is nothing to create pods from.
  const bool possible = exists(planner, revision) || planner.recorded(revision) != nullptr ||
                        records_in_this_plan(planner, revision);
  if (!possible || (desired == replicas && exists(planner, revision))) return;
  (replicas >= desired ? planner.scale_ups : planner.scale_downs).push_back(Scale{revision, replicas});
}

std::int32_t candidate_size(const Planner& planner) {
  const std::int32_t needs = planner.candidate_needs();
  if (planner.initial() || share_of(planner.in.traffic, planner.status.candidate_revision) == api::kNothing) {
    return needs;
  }
  const std::int32_t has = planner.workload(planner.status.candidate_revision).desired;
  if (std::holds_alternative<api::ReplicasTraffic>(planner.spec.traffic)) {
    // Here more pods are more traffic: only for a persisted intent, under the rules of a raise.
    const bool intended = planner.weight_to_carry() <= planner.weight_intent;
    return needs > has && (!intended || planner.raise_blocked()) ? has : needs;
  }
  // Nothing is scaled down while it holds weight (invariant 5), but what the spec took away.
  return std::max(needs, std::min(has, planner.full.replicas));
}

/// A revision that traffic may still reach, before or after this plan's move.
bool reachable(const Planner& planner, const std::string& revision) {
  // Pods of the gateway that are still to be replaced send where they always did.
  if (!planner.in.traffic.unsettled.empty()) return true;
  for (const TrafficState* traffic : {&planner.in.traffic, &planner.traffic}) {
    if (share_of(*traffic, revision) > api::kNothing) return true;
    const bool behind = (traffic->stable && traffic->stable->revision == revision) ||
                        (traffic->candidate && traffic->candidate->revision == revision);
    if (behind && !traffic->candidate_weight) return true;
    if (traffic->stable && traffic->stable->revision == revision) return true;
  }
  return false;
}

void retire_forgotten(Planner& planner) {
  for (const WorkloadState& state : planner.in.workloads) {
    if (state.desired == 0 || planner.in_use(state.revision) || reachable(planner, state.revision)) continue;
    if (!planner.status.weightless_since) planner.start_scale_down_delay();
    const api::Duration delay = planner.spec.strategy.scale_down_delay;
    const auto since = planner.status.weightless_since;
    if (!since) {
      planner.look_again_in(delay);
      continue;
    }
    const api::Duration left = *since + delay - planner.now;
    if (left > api::Duration::zero()) {
      planner.look_again_in(left);
    } else {
      planner.scale_downs.push_back(Scale{state.revision, 0});
    }
  }
}

}  // namespace

void size_workloads(Planner& planner) {
  const api::Status& status = planner.status;
  const auto size_candidate = [&] {
    if (!planner.has_candidate() || planner.unreachable_weight()) return;
    scale_to(planner, status.candidate_revision, candidate_size(planner));
  };
  // With traffic.replicas the order matters: the candidate grows last and shrinks first.
  const bool shrinks = candidate_size(planner) < planner.workload(status.candidate_revision).desired;
  if (shrinks) size_candidate();
  scale_to(planner, status.stable_revision, planner.full.replicas);
  scale_to(planner, status.previous_revision, planner.full.replicas);
  if (!shrinks) size_candidate();
  retire_forgotten(planner);
}

void trim_history(Planner& planner) {
  if (planner.in.revisions.empty()) return;
  // The highest number stays on record, so that no number is given twice.
  const std::string& newest = planner.in.revisions.back().name;
  std::string newest_healthy;
  for (const api::Revision& revision : planner.in.revisions) {
    if (revision.verdict == api::RevisionVerdict::healthy) newest_healthy = revision.name;
  }
  std::vector<std::string> old;
  for (const api::Revision& revision : planner.in.revisions) {
    const std::string& name = revision.name;
    if (planner.in_use(name) || name == planner.target || name == newest || name == newest_healthy) continue;
    if (reachable(planner, name)) continue;
    if (planner.traffic.candidate && planner.traffic.candidate->revision == name) continue;
    old.push_back(name);
  }
  const auto limit = static_cast<std::size_t>(std::max(0, planner.spec.revision_history_limit));
  for (std::size_t i = 0; i + limit < old.size(); ++i) {
    const WorkloadState state = planner.workload(old[i]);
    if (state.desired == 0 && state.existing == 0) planner.deletions.push_back(DeleteRevision{old[i]});
  }
}

}  // namespace seraphim::rollout
