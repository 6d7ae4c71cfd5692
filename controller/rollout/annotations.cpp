// What a person says by annotations: approve a step, try a failed revision again.
#include <algorithm>
#include <charconv>

#include "rollout/planner.h"

namespace seraphim::rollout {
namespace {

std::string annotation(const Planner& planner, const char* key) {
  const auto found = planner.in.object.annotations.find(key);
  return found == planner.in.object.annotations.end() ? std::string() : found->second;
}

/// "<revision>/<step>"; anything else approves nothing.
void read_approval(Planner& planner) {
  if (!planner.has_candidate()) return;
  const std::string words = annotation(planner, api::kAnnotationApprove);
  const std::string prefix = planner.status.candidate_revision + "/";
  if (words.compare(0, prefix.size(), prefix) != 0) return;
  std::int32_t step = 0;
  const char* const end = words.data() + words.size();
  const auto [stop, error] = std::from_chars(words.data() + prefix.size(), end, step);
  if (error != std::errc{} || stop != end || step < 1) return;
  step = std::min(step, static_cast<std::int32_t>(planner.steps.size()));
  if (step <= planner.status.approved_step) return;
  planner.status.approved_step = step;
  planner.tell(Narrative::Kind::normal, "StepApproved", "Approve",
               "step " + std::to_string(step) + " of " + planner.status.candidate_revision + " was approved",
               planner.status.candidate_revision + "/approved-" + std::to_string(step));
}

/// In two passes: the verdict is taken back first, and only when the record shows that is the token noted. A
/// cache that still showed the old verdict would otherwise roll the new try back.
void read_retry(Planner& planner) {
  const std::string token = annotation(planner, api::kAnnotationRetry);
  if (token.empty() || token == planner.status.retry_token || planner.withdrawal) return;
  const bool running = planner.in_use(planner.target);
  const api::Revision* record = planner.recorded(planner.target);
  if (!running && record != nullptr && record->verdict == api::RevisionVerdict::failed) {
    planner.mark(planner.target, api::RevisionVerdict::none, "");
    return;
  }
  planner.status.retry_token = token;
  if (running || !planner.has_failed(planner.target)) return;
  end_verification(planner, planner.target + " is tried again");
  planner.status.last_rollback.reset();
  planner.tell(Narrative::Kind::normal, "RetryRequested", "Retry",
               planner.target + " failed before and is tried again, as the retry annotation asks",
               planner.target);
}

}  // namespace

void read_annotations(Planner& planner) {
  read_approval(planner);
  read_retry(planner);
}

}  // namespace seraphim::rollout
