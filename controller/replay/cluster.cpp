#include "replay/cluster.h"

#include <algorithm>

#include "api/revision.h"
#include "rollout/full_size.h"

namespace seraphim::replay {
Cluster::Cluster(const api::SeraphimDeployment& manifest, const std::string& stable)
    : object(manifest),
      stable_(stable),
      candidate_(api::revision_name(manifest.name, manifest.spec.workload)),
      behind_stable_(stable),
      behind_candidate_(stable) {
  object.status = api::Status{};
  object.status.phase = api::Phase::stable;
  object.status.stable_revision = stable;
  object.annotations.clear();  // words about another try than this one
  object.deleting = false;
  desired_[stable] = rollout::full_size(object.spec.workload).replicas;
  api::Revision revision;
  revision.name = stable;
  revision.number = 1;
  revision.workload = object.spec.workload;
  revision.verdict = api::RevisionVerdict::healthy;
  revisions_.push_back(std::move(revision));
}

std::int32_t Cluster::available(const std::string& revision) const {
  if (seen) return revision == candidate_ ? seen->candidate : seen->stable;
  const auto desired = desired_.find(revision);
  const bool up = revision != candidate_ || candidate_up;
  return up && desired != desired_.end() ? desired->second : 0;
}

std::optional<rollout::Backend> Cluster::backend(const std::string& revision, bool is_stable) const {
  if (!seen) return rollout::Backend{revision, available(revision), 0};
  return rollout::Backend{revision, is_stable ? seen->stable_endpoints : seen->candidate_endpoints, 0};
}

rollout::Observation Cluster::observe(api::Time now, bool confirmed) const {
  rollout::Observation observation;
  observation.object = object;
  observation.now = now;
  observation.revisions = revisions_;
  for (const auto& [revision, desired] : desired_) {
    rollout::WorkloadState state;
    state.revision = revision;
    state.desired = desired;
    state.available = state.ready = available(revision);
    state.existing = std::max(desired, state.ready);
    observation.workloads.push_back(std::move(state));
  }
  observation.traffic.stable = backend(behind_stable_, true);
  observation.traffic.candidate = backend(behind_candidate_, false);
  observation.traffic.candidate_weight = weight_;
  observation.traffic.confirmed = confirmed;
  return observation;
}

void Cluster::carry_out(const rollout::Plan& plan) {
  for (const auto& action : plan.actions) {
    if (const auto* record = std::get_if<rollout::RecordRevision>(&action)) {
      revisions_.push_back(record->revision);
    } else if (const auto* mark = std::get_if<rollout::MarkVerdict>(&action)) {
      for (auto& revision : revisions_) {
        if (revision.name == mark->revision) revision.verdict = mark->verdict;
        if (revision.name == mark->revision) revision.verdict_reason = mark->reason;
      }
    } else if (const auto* removal = std::get_if<rollout::DeleteRevision>(&action)) {
      std::erase_if(revisions_, [&](const auto& revision) { return revision.name == removal->revision; });
    } else if (const auto* scale = std::get_if<rollout::Scale>(&action)) {
      desired_[scale->revision] = scale->replicas;
    } else if (const auto* point = std::get_if<rollout::PointBackend>(&action)) {
      (point->slot == rollout::Slot::stable ? behind_stable_ : behind_candidate_) = point->revision;
    } else if (const auto* set = std::get_if<rollout::SetWeight>(&action)) {
      weight_ = set->weight;
    }
  }
}

}  // namespace seraphim::replay
