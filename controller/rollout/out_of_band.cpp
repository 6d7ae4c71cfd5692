// The platform's gateway has its variables in a Deployment that others write as well: helm rollback, kubectl
// rollout undo, GitOps. What they bring back is followed where it is a recorded revision; anything else is
// put back a few times, ever more seldom, and then left and said (invariant 12).
#include <algorithm>
#include <array>

#include "api/rollback.h"
#include "rollout/planner.h"

namespace seraphim::rollout {
namespace {

/// So often, at once and then no sooner than these times after the time before.
constexpr std::array<api::Duration, kModelRestores> kDistances{
    std::chrono::minutes(0), std::chrono::minutes(1), std::chrono::minutes(5), std::chrono::minutes(25)};
/// Putting back takes several restarts of the gateway; what takes longer was undone meanwhile.
constexpr api::Duration kAttempt = std::chrono::minutes(5);
/// Peace for so long makes a new quarrel of the next change.
constexpr api::Duration kForgotten = std::chrono::hours(1);

/// Variables of the gateway that are not as the operator wrote them.
struct Disorder {
  std::string variables;  ///< "MODEL_*_BASELINE"
  std::string values;     ///< "custom-text/9.9"
  std::string revision;   ///< that they name; empty when none is recorded
  bool serves = false;    ///< all traffic but the candidate's goes there
};

std::string values_of(const Backend& backend) {
  return backend.model.empty() ? backend.revision : backend.model;
}

std::optional<Disorder> baseline_disorder(const Planner& planner) {
  const Backend& stable = *planner.traffic.stable;
  const api::Status& status = planner.status;
  if (stable.revision == status.stable_revision) return std::nullopt;
  if (planner.promoting() && stable.revision == status.candidate_revision) return std::nullopt;
  // The operator's own way back out of a bake: everything goes to the stable revision already.
  if (share_of(planner.traffic, status.stable_revision) == api::kEverything) return std::nullopt;
  return Disorder{"MODEL_*_BASELINE", values_of(stable), stable.revision, true};
}

std::optional<Disorder> candidate_disorder(const Planner& planner) {
  const Backend& candidate = *planner.traffic.candidate;
  const api::Status& status = planner.status;
  for (const std::string* ours :
       {&status.stable_revision, &status.candidate_revision, &status.previous_revision}) {
    if (!ours->empty() && candidate.revision == *ours) return std::nullopt;
  }
  // Before its first step a candidate's slot still has what was there before.
  if (planner.has_candidate() && status.step == 0) return std::nullopt;
  return Disorder{"MODEL_*_CANDIDATE", values_of(candidate), candidate.revision};
}

bool can_be_judged(const Planner& planner) {
  const TrafficState& traffic = planner.traffic;
  return planner.has_stable() && !traffic.problem && traffic.stable && traffic.candidate &&
         traffic.candidate_weight;
}

std::optional<Disorder> disorder(const Planner& planner) {
  if (auto found = baseline_disorder(planner)) return found;
  return candidate_disorder(planner);
}

const api::TorchServeWorkload* model_of(const Planner& planner, const std::string& revision) {
  const api::Revision* record = planner.recorded(revision);
  return record == nullptr ? nullptr : std::get_if<api::TorchServeWorkload>(&record->workload);
}

/// A revision that may serve: not one that failed, nor the candidate before its steps are over.
bool may_serve(const Planner& planner, const Disorder& found) {
  const auto *now = model_of(planner, planner.status.stable_revision),
             *then = model_of(planner, found.revision);
  return found.serves && now != nullptr && then != nullptr && now->management_url == then->management_url &&
         !planner.has_failed(found.revision) && found.revision != planner.status.candidate_revision;
}

/// It serves already, so it is the stable one; what it took the place of counts as rolled back by a person.
void follow(Planner& planner, const Disorder& found) {
  const bool canary = planner.has_candidate();
  const std::string left = canary ? planner.status.candidate_revision : planner.status.stable_revision;
  const bool asked_for = left == planner.target;
  if (canary) planner.status.stable_revision = found.revision;
  planner.status.models_foreign.clear();
  planner.withdrawal = Withdrawal{left, found.revision,
                                  asked_for ? api::RevisionVerdict::failed : api::RevisionVerdict::superseded,
                                  asked_for ? api::kRolledBackOutOfBand : api::kReverted,
                                  "somebody set the gateway's " + found.variables + " to " + found.values +
                                      ", as helm rollback "
                                      "and kubectl rollout undo do; " +
                                      found.revision + " is the stable revision from now on"};
}

void begin_attempt(Planner& planner, const Disorder& found) {
  api::Status& status = planner.status;
  status.models_foreign = found.variables + "=" + found.values;
  status.models_restored_at = planner.now;
  ++status.models_restores;
  // The end of a bake, or of a candidate before its first step, leaves such a slot behind.
  if (!found.serves && !found.revision.empty() && status.models_restores == 1) return;
  planner.tell(Narrative::Kind::warning, "ModelsRestored", "PointBackend",
               "somebody set the gateway's " + found.variables + " to " + found.values + ", which " +
                   (found.revision.empty() ? "is no recorded revision" : "may not serve now") +
                   "; it is put back (" + std::to_string(status.models_restores) + " of " +
                   std::to_string(kModelRestores) + " times)",
               status.stable_revision + "/models-" + std::to_string(status.models_restores));
}

void leave(Planner& planner, const Disorder& found) {
  // A candidate's weight that points at something else is taken away all the same (invariant 1).
  if (!found.serves && *planner.traffic.candidate_weight > api::kNothing) return;
  const std::int32_t times = planner.status.models_restores;
  planner.route_is_left = "the gateway's " + found.variables + " is " + found.values +
                          ", set by somebody else again and again; it was put back " + std::to_string(times) +
                          " times and is left alone" + (times < kModelRestores ? " for now" : "") +
                          ": take the variable out of the chart's values or of Git, or set it to a recorded "
                          "revision";
  planner.wait_for("ModelsContested", planner.route_is_left);
}

/// The variables show the attempt's step, and the next one waits for the gateway or a model server: nobody
/// has undone anything.
bool own_move_is_under_way(const Planner& planner, const Disorder& found) {
  const api::Status& status = planner.status;
  if (!status.models_restored_at || status.models_foreign != found.variables + "=" + found.values)
    return false;
  if (found.serves) return planner.traffic.candidate->revision == status.stable_revision;
  return *planner.traffic.candidate_weight > api::kNothing;  // until it has none the slot is not touched
}

/// What may not stay: a few times, ever more seldom.
void put_back(Planner& planner, const Disorder& found) {
  api::Status& status = planner.status;
  const api::Duration since = planner.now - status.models_restored_at.value_or(api::Time{});
  const bool new_quarrel = status.models_foreign.empty() && since >= kForgotten;
  if (new_quarrel) status.models_restores = 0;
  if (!status.models_foreign.empty() && since < kAttempt) {
    planner.look_again_in(kAttempt - since);
    return;
  }
  if (own_move_is_under_way(planner, found)) return;
  if (status.models_restores >= kModelRestores) {
    status.models_foreign = found.variables + "=" + found.values;
    status.models_restored_at.reset();  // no attempt is under way
    return leave(planner, found);
  }
  const api::Duration distance = kDistances[static_cast<std::size_t>(status.models_restores)];
  if (since >= distance) return begin_attempt(planner, found);
  planner.look_again_in(distance - since);
  leave(planner, found);
}

void forget(Planner& planner) {
  planner.status.models_foreign.clear();
  planner.status.models_restores = 0;
  planner.status.models_restored_at.reset();
}

/// The variables are in order; when they stay so for long enough the quarrel is over.
void keep_the_peace(Planner& planner) {
  api::Status& status = planner.status;
  const bool begins = !status.models_foreign.empty() || !status.models_restored_at;
  status.models_foreign.clear();
  if (status.models_restores == 0) return;
  if (begins) status.models_restored_at = planner.now;
  const api::Duration since = planner.now - *status.models_restored_at;
  if (since >= kForgotten) return forget(planner);
  planner.look_again_in(kForgotten - since);
}

}  // namespace

void mind_out_of_band(Planner& planner) {
  if (planner.withdrawal) return;
  if (!std::holds_alternative<api::SeraphimGatewayTraffic>(planner.spec.traffic)) return forget(planner);
  if (!can_be_judged(planner)) return;
  const auto found = disorder(planner);
  if (!found) return keep_the_peace(planner);
  if (!planner.traffic.confirmed) {
    planner.confirm_traffic = true;
    return;
  }
  if (may_serve(planner, *found)) return follow(planner, *found);
  put_back(planner, *found);
}

}  // namespace seraphim::rollout
