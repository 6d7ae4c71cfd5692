// Which revision is on its way: start one, replace it, cancel it, or take the previous one back.
#include <algorithm>

#include "api/rollback.h"
#include "rollout/freeze.h"
#include "rollout/planner.h"

namespace seraphim::rollout {
namespace {

void record_target(Planner& planner) {
  if (planner.recorded(planner.target) != nullptr) return;
  std::int64_t number = 0;
  for (const api::Revision& revision : planner.in.revisions) number = std::max(number, revision.number);
  api::Revision revision;
  revision.name = planner.target;
  revision.number = number + 1;
  revision.workload = planner.spec.workload;
  planner.records.push_back(RecordRevision{std::move(revision)});
}

/// A status that was lost (restored from a backup, say) while a revision serves: go on from there.
void adopt_what_serves(Planner& planner) {
  if (planner.has_stable() || planner.has_candidate() || !planner.traffic.stable) return;
  const std::string& serving = planner.traffic.stable->revision;
  const api::Revision* record = planner.recorded(serving);
  if (record == nullptr || record->verdict != api::RevisionVerdict::healthy) return;
  if (planner.workload(serving).available == 0) return;
  planner.status.stable_revision = serving;
  planner.tell(Narrative::Kind::normal, "StableAdopted", "Adopt",
               serving +
                   " serves and was found healthy before, so it is the stable revision although the status "
                   "did not say so",
               serving);
}

void start(Planner& planner) {
  record_target(planner);
  planner.new_course = true;
  planner.drop_candidate();
  planner.status.candidate_revision = planner.target;
  planner.status.models_restores = 0;
  planner.status.models_restored_at.reset();
  planner.status.started_at = planner.now;
  if (planner.full.replicas > 0) {
    planner.status.progress_since = planner.now;
    planner.look_again_in(planner.full.progress_deadline);
  }
  planner.status.evidence = api::EvidenceStatus{};
  if (!planner.has_stable()) {
    planner.tell(Narrative::Kind::normal, "FirstRevisionStarted", "Start",
                 planner.target + " is the first revision: it serves as soon as " +
                     std::to_string(planner.full.replicas) + " " + planner.full.units() + " are available",
                 planner.target);
    return;
  }
  planner.tell(Narrative::Kind::normal, "CandidateStarted", "Start",
               planner.target + " comes up without traffic beside " + planner.status.stable_revision,
               planner.target);
}

void replace_candidate(Planner& planner) {
  const std::string& candidate = planner.status.candidate_revision;
  Withdrawal withdrawal{candidate, planner.status.stable_revision, api::RevisionVerdict::superseded, "", ""};
  if (planner.target == planner.status.stable_revision) {
    withdrawal.reason = api::kCancelled;
    withdrawal.message = "the spec is back to the stable revision " + planner.target;
  } else {
    withdrawal.reason = "Superseded";
    withdrawal.message = "the spec asks for " + planner.target + " now";
  }
  planner.withdrawal = std::move(withdrawal);
}

/// Where nothing serves yet there is nobody to protect: a first revision waits for no freeze.
bool waits_for_thaw(Planner& planner) {
  if (!planner.has_stable()) return false;
  const auto held = held_by_freeze(planner, "the new revision " + planner.target + " is not started");
  if (held) planner.wait_for(held->reason, held->message);
  return held.has_value();
}

}  // namespace

void choose_course(Planner& planner) {
  if (planner.withdrawal) return;
  adopt_what_serves(planner);
  const std::string& target = planner.target;
  if (planner.has_candidate() && target != planner.status.candidate_revision)
    return replace_candidate(planner);
  if (planner.in_use(target) && target != planner.status.previous_revision) return record_target(planner);
  if (planner.has_failed(target)) return;  // it is not tried again by itself
  if (planner.baking() && target == planner.status.previous_revision) {
    planner.withdrawal =
        Withdrawal{planner.status.stable_revision, target, api::RevisionVerdict::superseded, api::kTakenBack,
                   "the spec is back to " + target + ", which was still ready"};
    return;
  }
  if (waits_for_thaw(planner)) return;
  if (planner.baking()) end_bake(planner, "cut short by the new revision " + target);
  start(planner);
}

}  // namespace seraphim::rollout
