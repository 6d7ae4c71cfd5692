#include "cli/proposals.h"

#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "api/rollback.h"
#include "cli/status_text.h"
#include "rollout/conditions.h"

namespace seraphim::cli {
namespace {

constexpr const char* kNotSeen = "waiting: the operator has not acted on the change yet";

tl::unexpected<Refusal> refuse(int code, std::string sentence) {
  return tl::unexpected<Refusal>({code, std::move(sentence)});
}

std::vector<Edit> only(Edit edit) {
  std::vector<Edit> edits;
  edits.push_back(std::move(edit));
  return edits;
}

bool pause_shows(const api::SeraphimDeployment& object, bool paused) {
  const auto* found = api::find_condition(object.status.conditions, rollout::kPaused);
  return found != nullptr && (found->status == api::ConditionStatus::true_) == paused;
}

Judge approval_judge(const std::string& candidate, std::int32_t step) {
  return [candidate, step](const api::SeraphimDeployment& object) -> Standing {
    const api::Status& status = object.status;
    if (status.candidate_revision == candidate && status.approved_step >= step)
      return Holds{"confirmed: the operator has noted the approval of step " + std::to_string(step)};
    if (status.candidate_revision == candidate) return Waits{kNotSeen};
    if (status.stable_revision == candidate) return Holds{"confirmed: " + candidate + " was promoted"};
    return Fails{candidate + " is no longer the candidate: " + status_line(object)};
  };
}

Judge retry_judge(const std::string& revision) {
  return [revision](const api::SeraphimDeployment& object) -> Standing {
    const api::Status& status = object.status;
    if (status.candidate_revision == revision || status.stable_revision == revision)
      return Holds{"confirmed: " + revision + " is tried again"};
    if (object.problems.empty() && wanted_revision(object) != revision)
      return Fails{"the spec asks for " + wanted_revision(object) + " now"};
    return Waits{kNotSeen};
  };
}

Judge abort_judge(const std::string& candidate, std::int64_t generation) {
  return [candidate, generation](const api::SeraphimDeployment& object) -> Standing {
    const api::Status& status = object.status;
    if (!is_observed(object, generation)) return Waits{kNotSeen};
    if (status.stable_revision == candidate)
      return Fails{candidate +
                   " was promoted before the abort arrived; take it back with: kubectl seraphim "
                   "rollback " +
                   object.name};
    if (status.candidate_revision == candidate) return Waits{"waiting: " + status_line(object)};
    if (status.candidate_revision.empty() && status.weight.applied != api::kNothing)
      return Waits{"waiting: " + status_line(object)};
    return Holds{"confirmed: " + candidate + " has no traffic; " + status.stable_revision + " serves"};
  };
}

}  // namespace

std::string workload_to_restore(const Record& record, const api::SeraphimDeployment& object) {
  const auto* now = std::get_if<api::PodsWorkload>(&object.spec.workload);
  const auto* then = std::get_if<api::PodsWorkload>(&record.revision.workload);
  if (now == nullptr || then == nullptr || !object.problems.empty()) return record.workload;
  auto workload = nlohmann::json::parse(record.workload);
  workload["pods"]["replicas"] = now->replicas;
  return workload.dump();
}

Proposal propose_approval(const api::SeraphimDeployment& object) {
  const api::Status& status = object.status;
  if (status.candidate_revision.empty())
    return refuse(kBad,
                  "nothing waits for approval: there is no candidate (" + api::to_string(status.phase) + ")");
  const auto& steps = object.spec.strategy.steps;
  const auto step = status.step;
  const std::string at = "step " + std::to_string(step) + " of " + std::to_string(steps.size());
  const bool in_steps = step >= 1 && step <= static_cast<std::int32_t>(steps.size());
  if (!in_steps || !steps[static_cast<std::size_t>(step) - 1].approval) {
    return refuse(kBad, at + " needs no approval: " + status_line(object));
  }
  if (status.approved_step >= step)
    return refuse(kGood, at + " of " + status.candidate_revision + " is approved already");
  return Change{.sentence = "approves " + at + " of " + status.candidate_revision,
                .edits = only(SetAnnotation{api::kAnnotationApprove,
                                            status.candidate_revision + "/" + std::to_string(step)}),
                .judge = approval_judge(status.candidate_revision, step)};
}

Proposal propose_pause(const api::SeraphimDeployment& object, bool paused) {
  if (object.spec.paused == paused) return refuse(kGood, paused ? "is paused already" : "is not paused");
  const std::int64_t generation = object.generation + 1;
  return Change{
      .sentence = paused ? "pauses: no candidate gets more traffic; rolling back still works" : "resumes",
      .edits = only(paused ? Edit(Pause{}) : Edit(Resume{})),
      .judge = [paused, generation](const api::SeraphimDeployment& seen) -> Standing {
        if (!is_observed(seen, generation) || !pause_shows(seen, paused)) return Waits{kNotSeen};
        return Holds{"confirmed: " + status_line(seen)};
      }};
}

Proposal propose_retry(const api::SeraphimDeployment& object, const std::vector<Record>& records,
                       const std::string& token) {
  if (!object.problems.empty())
    return refuse(kBad, "the spec cannot be acted upon: " + object.problems.front());
  const std::string wanted = wanted_revision(object);
  const api::Status& status = object.status;
  if (status.candidate_revision == wanted || status.stable_revision == wanted)
    return refuse(kGood, "nothing to retry: " + wanted + " is in use: " + status_line(object));
  const Record* record = record_of(records, wanted);
  const bool failed = (record != nullptr && record->revision.verdict == api::RevisionVerdict::failed) ||
                      api::rolled_back_as_failed(status, wanted);
  if (!failed)
    return refuse(kBad, wanted + " has not failed, so there is nothing to retry: " + status_line(object));
  return Change{.sentence = "tries " + wanted + " again, which failed before",
                .edits = only(SetAnnotation{api::kAnnotationRetry, token}),
                .judge = retry_judge(wanted)};
}

Proposal propose_abort(const api::SeraphimDeployment& object, const std::vector<Record>& records) {
  const api::Status& status = object.status;
  if (status.candidate_revision.empty()) {
    return refuse(kGood,
                  "there is no candidate to abort: " + status_line(object) +
                      (status.promoted_at ? "; take it back with: kubectl seraphim rollback " + object.name
                                          : std::string()));
  }
  if (status.stable_revision.empty()) {
    return refuse(kBad, status.candidate_revision +
                            " is the first revision and nothing else can serve; delete the object, or change "
                            "its spec");
  }
  const Record* stable = record_of(records, status.stable_revision);
  if (stable == nullptr)
    return refuse(
        kBad, "the stable revision " + status.stable_revision + " has no ControllerRevision to go back to");
  const bool back = object.problems.empty() && wanted_revision(object) == status.stable_revision;
  Change change{.sentence = "aborts " + status.candidate_revision + ": the spec goes back to revision " +
                            std::to_string(stable->revision.number) + " (" + status.stable_revision +
                            "), and the candidate's weight to 0",
                .judge = abort_judge(status.candidate_revision, object.generation + (back ? 0 : 1))};
  if (back) {
    change.sentence = "the spec is back to " + status.stable_revision + " already";
  } else {
    change.edits.push_back(SetWorkload{workload_to_restore(*stable, object)});
  }
  return change;
}

}  // namespace seraphim::cli
