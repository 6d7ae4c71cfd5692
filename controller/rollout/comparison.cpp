#include "rollout/comparison.h"

namespace seraphim::rollout {

std::optional<Comparison> comparison(const api::Spec& spec, const api::Status& status) {
  using analysis::Stage;
  if (!spec.analysis || status.stable_revision.empty()) return std::nullopt;
  if (!status.candidate_revision.empty()) {
    const api::Percent applied = status.weight.applied;
    Stage stage = Stage::step;
    if (applied == api::kNothing) {
      stage = Stage::priming;
    } else if (applied == api::kEverything) {
      stage = Stage::bake;  // no baseline left to compare with
    } else if (!spec.strategy.steps.empty() && applied == spec.strategy.steps.back().weight) {
      stage = Stage::final;
    }
    return Comparison{status.stable_revision, status.candidate_revision, stage};
  }
  if (status.promoted_at && !status.previous_revision.empty()) {
    return Comparison{status.previous_revision, status.stable_revision, Stage::bake};
  }
  return std::nullopt;
}

std::optional<std::string> verified_revision(const api::Spec& spec, const api::Status& status) {
  if (!spec.analysis || !status.last_rollback || !status.last_rollback->verification) return std::nullopt;
  const api::VerificationStatus& verification = *status.last_rollback->verification;
  const bool counts = verification.result == api::VerificationResult::pending && !verification.state.empty();
  if (!counts || status.stable_revision != status.last_rollback->to_revision) return std::nullopt;
  return status.stable_revision;
}

}  // namespace seraphim::rollout
