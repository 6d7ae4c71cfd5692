// Which revision to go back to, and when not to.
#include <algorithm>
#include <iterator>

#include "api/codec.h"
#include "cli/proposals.h"
#include "cli/status_text.h"
#include "rollout/conditions.h"

namespace seraphim::cli {
namespace {

using api::RevisionVerdict;

tl::unexpected<Refusal> no_rollback(int code, std::string sentence) {
  return tl::unexpected<Refusal>({code, std::move(sentence)});
}

std::string title(const Record& record) {
  return "revision " + std::to_string(record.revision.number) + " (" + record.revision.name + ")";
}

/// "1 (Healthy), 2 (Failed)"
std::string list_of(const std::vector<Record>& records) {
  std::string text;
  for (const Record& record : records) {
    const std::string verdict = api::to_string(record.revision.verdict);
    text += (text.empty() ? "" : ", ") + std::to_string(record.revision.number) + " (" +
            (verdict.empty() ? "no verdict" : verdict) + ")";
  }
  return text.empty() ? "none" : text;
}

bool healthy(const Record& record) {
  return record.revision.verdict == RevisionVerdict::healthy;
}

/// Null when the spec's revision has no record, or the spec is not understood.
const Record* present_record(const api::SeraphimDeployment& object, const std::vector<Record>& records) {
  return object.problems.empty() ? record_of(records, wanted_revision(object)) : nullptr;
}

/// A rollback by hand has been asked for already: asking again must go neither forward nor further back.
bool is_rolled_back(const Record& present, const std::vector<Record>& records) {
  return healthy(present) && present.revision.number < records.back().revision.number;
}

const Record* choose(const api::SeraphimDeployment& object, const std::vector<Record>& records) {
  const Record* present = present_record(object, records);
  if (present != nullptr && is_rolled_back(*present, records)) return present;
  const Record* stable = record_of(records, object.status.stable_revision);
  if (stable != nullptr && stable != present && healthy(*stable)) return stable;
  const auto newest = std::find_if(records.rbegin(), records.rend(), [&](const Record& record) {
    return healthy(record) && (present == nullptr || record.revision.number < present->revision.number);
  });
  return newest == records.rend() ? nullptr : &*newest;
}

tl::expected<const Record*, Refusal> find_target(const api::SeraphimDeployment& object,
                                                 const std::vector<Record>& records,
                                                 const RollbackWish& wish) {
  if (!wish.to) {
    const Record* chosen = choose(object, records);
    if (chosen != nullptr) return chosen;
    return no_rollback(kBad,
                       "there is no healthy revision before the present one to roll back to; recorded are: " +
                           list_of(records) + "; name one with --to-revision, or change the spec");
  }
  const auto found = std::find_if(records.begin(), records.end(),
                                  [&](const Record& record) { return record.revision.number == *wish.to; });
  if (found == records.end()) {
    return no_rollback(kUnusable, "there is no revision " + std::to_string(*wish.to) +
                                      "; recorded are: " + list_of(records));
  }
  if (found->revision.verdict == RevisionVerdict::failed && !wish.retry_failed) {
    return no_rollback(kBad, title(*found) + " failed before: " + found->revision.verdict_reason +
                                 "; pass --retry-failed to try it again all the same");
  }
  return &*found;
}

/// The target serves. What was verified of an earlier rollback says nothing about this one.
Standing judge_verification(const api::SeraphimDeployment& object,
                            const std::optional<api::RollbackStatus>& before) {
  const api::Status& status = object.status;
  const std::string serves =
      status.stable_revision + " serves all traffic (" + api::to_string(status.phase) + ")";
  const auto& last = status.last_rollback;
  if (!last || !last->verification || last == before) return Holds{"confirmed: " + serves};
  switch (last->verification->result) {
    case api::VerificationResult::pending:
      return Waits{"verifying: " + serves + "; " + last->verification->message};
    case api::VerificationResult::recovered:
      return Holds{"recovered: " + serves + "; " + last->verification->message};
    case api::VerificationResult::not_recovered:
      return Fails{"not recovered: " + serves + "; " + last->verification->message, kNotRecovered};
    case api::VerificationResult::undecided:
      break;
  }
  return Fails{"not verified: " + serves + "; " + last->verification->message, kNotVerified};
}

/// The last rollback, unless it is being verified.
std::optional<api::RollbackStatus> settled_rollback(const api::Status& status) {
  const auto& last = status.last_rollback;
  const bool runs =
      last && last->verification && last->verification->result == api::VerificationResult::pending;
  return runs ? std::nullopt : last;
}

Judge rollback_judge(const std::string& target, std::int64_t generation,
                     std::optional<api::RollbackStatus> before) {
  return [target, generation, before = std::move(before)](const api::SeraphimDeployment& object) -> Standing {
    const api::Status& status = object.status;
    if (!is_observed(object, generation))
      return Waits{"waiting: the operator has not acted on the change yet"};
    if (object.problems.empty() && wanted_revision(object) != target)
      return Fails{"the spec was changed meanwhile and asks for " + wanted_revision(object)};
    if (status.stable_revision == target && status.candidate_revision.empty())
      return judge_verification(object, before);
    const auto* failed = api::find_condition(status.conditions, rollout::kRolledBack);
    const bool refused = failed != nullptr && failed->status == api::ConditionStatus::true_ &&
                         status.candidate_revision.empty();
    if (refused && status.phase == api::Phase::rolled_back) return Fails{failed->message};
    return Waits{"waiting: " + status_line(object)};
  };
}

}  // namespace

Proposal propose_rollback(const api::SeraphimDeployment& object, const std::vector<Record>& records,
                          const RollbackWish& wish) {
  if (records.empty())
    return no_rollback(kBad, "no revision is recorded yet, so there is nothing to roll back to");
  const auto target = find_target(object, records, wish);
  if (!target) return tl::unexpected(target.error());
  const Record& record = **target;
  const bool there = object.problems.empty() && wanted_revision(object) == record.revision.name;
  Change change{.sentence = "rolls back to " + title(record) + ": spec.workload becomes what was recorded",
                .judge = rollback_judge(record.revision.name, object.generation + (there ? 0 : 1),
                                        settled_rollback(object.status))};
  if (there) {
    change.sentence = "the spec asks for " + title(record) + " already, nothing is changed";
    if (!wish.to) change.sentence += "; to go further back name one with --to-revision: " + list_of(records);
  } else {
    change.edits.push_back(SetWorkload{workload_to_restore(record, object)});
  }
  if (record.revision.verdict == RevisionVerdict::failed && wish.retry_failed)
    change.edits.push_back(SetAnnotation{api::kAnnotationRetry, wish.token});
  return change;
}

}  // namespace seraphim::cli
