#include "cli/status_text.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "analysis/series.h"
#include "api/codec.h"
#include "cli/text_table.h"
#include "rollout/conditions.h"

namespace seraphim::cli {
namespace {

using nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

const char* condition_word(api::ConditionStatus status) {
  switch (status) {
    case api::ConditionStatus::true_:
      return "True";
    case api::ConditionStatus::false_:
      return "False";
    case api::ConditionStatus::unknown:
      break;
  }
  return "Unknown";
}

std::string weights_text(const api::WeightStatus& weight) {
  return fmt::format("desired {}, applied {}, observed {}", api::format_percent(weight.desired),
                     api::format_percent(weight.applied),
                     weight.observed ? api::format_percent(*weight.observed) : "not yet");
}

std::string step_text(const api::SeraphimDeployment& object) {
  const auto& steps = object.spec.strategy.steps;
  const auto step = static_cast<std::size_t>(std::max(object.status.step, 0));
  if (step == 0) return fmt::format("none of {} yet", steps.size());
  std::string text = fmt::format("{} of {}", step, steps.size());
  if (step > steps.size()) return text;
  const api::Step& at = steps[step - 1];
  text += fmt::format(": weight {}, hold {}", api::format_percent(at.weight), api::format_duration(at.hold));
  if (at.approval) {
    text += object.status.approved_step >= object.status.step ? ", approved" : ", waits for approval";
  }
  if (object.status.step_started_at) text += ", since " + api::format_time(*object.status.step_started_at);
  return text;
}

std::string role_of(const std::string& name, const api::SeraphimDeployment& object) {
  std::string roles;
  const auto add = [&](bool holds, const char* role) {
    if (holds) roles += (roles.empty() ? "" : ", ") + std::string(role);
  };
  add(name == object.status.stable_revision, "stable");
  add(name == object.status.candidate_revision, "candidate");
  add(name == object.status.previous_revision, "kept for the bake");
  add(object.problems.empty() && name == wanted_revision(object), "asked for by the spec");
  return roles;
}

std::string revisions_text(const Story& story) {
  Rows rows{{"NUMBER", "NAME", "VERDICT", "ROLE", "REASON"}};
  for (const Record& record : story.records) {
    const api::Revision& revision = record.revision;
    const std::string verdict = api::to_string(revision.verdict);
    rows.push_back({std::to_string(revision.number), revision.name, verdict.empty() ? "none yet" : verdict,
                    role_of(revision.name, story.object), revision.verdict_reason});
  }
  return "Revisions:\n" + format_columns(rows, "  ");
}

/// What a metric's evidence is judged by.
std::pair<api::Percent, api::Percent> bounds_of(const api::Analysis& analysis, const std::string& metric) {
  if (metric == analysis::kLatency && analysis.latency)
    return {analysis.latency->tolerance, analysis.latency->ceiling};
  for (const api::Metric& further : analysis.metrics) {
    const auto* ratio = std::get_if<api::RatioMetric>(&further.kind);
    if (further.name == metric && ratio != nullptr) return {ratio->tolerance, ratio->ceiling};
  }
  return {analysis.error_rate.tolerance, analysis.error_rate.ceiling};
}

std::vector<api::MetricEvidence> all_evidence(const api::EvidenceStatus& evidence) {
  api::MetricEvidence errors;
  errors.name = analysis::kErrorRate;
  errors.baseline_requests = evidence.baseline_requests;
  errors.baseline_failures = evidence.baseline_failures;
  errors.candidate_requests = evidence.candidate_requests;
  errors.candidate_failures = evidence.candidate_failures;
  errors.rollback_evidence = evidence.rollback_evidence;
  errors.promotion_evidence = evidence.promotion_evidence;
  std::vector<api::MetricEvidence> all{errors};
  all.insert(all.end(), evidence.metrics.begin(), evidence.metrics.end());
  return all;
}

std::string conditions_block(const api::Status& status) {
  Rows rows{{"TYPE", "STATUS", "REASON", "MESSAGE"}};
  for (const api::Condition& condition : status.conditions)
    rows.push_back({condition.type, condition_word(condition.status), condition.reason, condition.message});
  return "Conditions:\n" + format_columns(rows, "  ");
}

std::string events_block(const std::vector<Happening>& happenings) {
  if (happenings.empty()) return "Events: none kept\n";
  Rows rows;
  for (const Happening& happening : happenings) {
    const std::string often = happening.count > 1 ? fmt::format(" ({} times)", happening.count) : "";
    rows.push_back({happening.at.substr(0, 19) + "Z", happening.warning ? "Warning" : "Normal",
                    happening.reason, happening.note + often});
  }
  return "Events:\n" + format_columns(rows, "  ");
}

std::string verification_text(const api::VerificationStatus& verification) {
  const bool pending = verification.result == api::VerificationResult::pending;
  const api::Time at = pending ? verification.until : verification.decided_at.value_or(verification.until);
  return fmt::format("{}, {} {}: {}", api::to_string(verification.result), pending ? "until" : "at",
                     api::format_time(at), verification.message);
}

std::string head_block(const api::SeraphimDeployment& object) {
  const api::Status& status = object.status;
  const auto name_or = [](const std::string& name) { return name.empty() ? "none" : name; };
  Rows rows{
      {"Name:", object.namespace_ + "/" + object.name}, {"Phase:", api::to_string(status.phase)},
      {"Stable:", name_or(status.stable_revision)},     {"Candidate:", name_or(status.candidate_revision)},
      {"Weight:", weights_text(status.weight)},         {"Step:", step_text(object)}};
  if (status.last_rollback) {
    const auto& last = *status.last_rollback;
    rows.push_back(
        {"Rollback:", fmt::format("{} from {} to {}: {}: {}", api::format_time(last.at), last.from_revision,
                                  name_or(last.to_revision), last.reason, last.message)});
    if (last.verification) rows.push_back({"Verified:", verification_text(*last.verification)});
  }
  if (status.observed_generation < object.generation)
    rows.push_back({"Note:", "the operator has not acted on the newest spec yet"});
  for (const auto& problem : object.problems) rows.push_back({"Problem:", problem});
  return format_columns(rows);
}

ordered_json weight_json(const api::WeightStatus& weight) {
  ordered_json value = {{"desired", api::format_percent(weight.desired)},
                        {"applied", api::format_percent(weight.applied)}};
  if (weight.observed) value["observed"] = api::format_percent(*weight.observed);
  return value;
}

ordered_json rollback_json(const api::RollbackStatus& rollback) {
  ordered_json value = {{"at", api::format_time(rollback.at)},
                        {"fromRevision", rollback.from_revision},
                        {"toRevision", rollback.to_revision},
                        {"reason", rollback.reason},
                        {"message", rollback.message}};
  if (rollback.verification) {
    value["verification"] = {{"result", api::to_string(rollback.verification->result)},
                             {"message", rollback.verification->message}};
  }
  return value;
}

}  // namespace

std::string evidence_text(const api::SeraphimDeployment& object) {
  const api::EvidenceStatus& evidence = object.status.evidence;
  if (!object.spec.analysis || !evidence.last_look) return "";
  const api::Analysis& analysis = *object.spec.analysis;
  Rows rows{{"METRIC", "CANDIDATE", "STABLE", "ROLLBACK", "PROMOTION", "TOLERANCE", "CEILING", "NOTE"}};
  for (const api::MetricEvidence& metric : all_evidence(evidence)) {
    if (metric.rollback_evidence.empty() && metric.name != analysis::kErrorRate) {
      rows.push_back({metric.name, "", "", "", "", "", "", metric.note});
      continue;
    }
    const auto [tolerance, ceiling] = bounds_of(analysis, metric.name);
    rows.push_back({metric.name,
                    fmt::format("{} of {}", metric.candidate_failures, metric.candidate_requests),
                    fmt::format("{} of {}", metric.baseline_failures, metric.baseline_requests),
                    metric.rollback_evidence, metric.promotion_evidence, api::format_percent(tolerance),
                    api::format_percent(ceiling), metric.note});
  }
  return fmt::format("Evidence (wrong rollback at most {}, wrong promotion at most {}; last look {}):\n",
                     api::format_percent(analysis.error_rate.false_rollback),
                     api::format_percent(analysis.error_rate.bad_promotion),
                     api::format_time(*evidence.last_look)) +
         format_columns(rows, "  ");
}

std::string status_line(const api::SeraphimDeployment& object) {
  const api::Status& status = object.status;
  std::string line = api::to_string(status.phase);
  if (!status.candidate_revision.empty()) {
    line += fmt::format(": {} has {}, step {}", status.candidate_revision,
                        api::format_percent(status.weight.applied), step_text(object));
  } else if (!status.stable_revision.empty()) {
    line += ": " + status.stable_revision + " serves";
  }
  const auto* progress = api::find_condition(status.conditions, rollout::kProgressing);
  return progress == nullptr ? line : line + "; " + progress->reason;
}

std::string status_text(const Story& story) {
  std::string text = head_block(story.object) + "\n" + revisions_text(story) + "\n";
  const std::string evidence = evidence_text(story.object);
  if (!evidence.empty()) text += evidence + "\n";
  return text + conditions_block(story.object.status) + "\n" + events_block(story.happenings);
}

std::string status_json(const Story& story) {
  const api::Status& status = story.object.status;
  ordered_json all = {{"name", story.object.name},
                      {"namespace", story.object.namespace_},
                      {"phase", api::to_string(status.phase)},
                      {"stableRevision", status.stable_revision},
                      {"candidateRevision", status.candidate_revision},
                      {"step", status.step},
                      {"steps", story.object.spec.strategy.steps.size()},
                      {"weight", weight_json(status.weight)}};
  all["revisions"] = ordered_json::array();
  for (const Record& record : story.records) {
    all["revisions"].push_back({{"number", record.revision.number},
                                {"name", record.revision.name},
                                {"verdict", api::to_string(record.revision.verdict)},
                                {"reason", record.revision.verdict_reason}});
  }
  all["evidence"] = ordered_json::array();
  for (const auto& metric : all_evidence(status.evidence)) {
    all["evidence"].push_back({{"metric", metric.name},
                               {"candidateFailures", metric.candidate_failures},
                               {"candidateRequests", metric.candidate_requests},
                               {"stableFailures", metric.baseline_failures},
                               {"stableRequests", metric.baseline_requests},
                               {"rollbackEvidence", metric.rollback_evidence},
                               {"promotionEvidence", metric.promotion_evidence},
                               {"note", metric.note}});
  }
  if (status.last_rollback) all["lastRollback"] = rollback_json(*status.last_rollback);
  all["conditions"] = ordered_json::array();
  for (const auto& condition : status.conditions) {
    all["conditions"].push_back({{"type", condition.type},
                                 {"status", condition_word(condition.status)},
                                 {"reason", condition.reason},
                                 {"message", condition.message}});
  }
  all["events"] = ordered_json::array();
  for (const auto& happening : story.happenings) {
    all["events"].push_back({{"at", happening.at},
                             {"type", happening.warning ? "Warning" : "Normal"},
                             {"reason", happening.reason},
                             {"note", happening.note}});
  }
  return all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace seraphim::cli
