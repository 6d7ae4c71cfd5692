// The status: all that the operator remembers.
#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "api/codec_parts.h"
#include "api/lenient.h"

namespace seraphim::api {
namespace {

using nlohmann::json;

// Encoding: what is empty, zero or absent is left out.

void put(json& object, const char* name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}
void put(json& object, const char* name, std::int64_t number) {
  if (number != 0) object[name] = number;
}
void put(json& object, const char* name, const std::optional<Time>& time) {
  if (time) object[name] = format_time(*time);
}

/// The members that every metric has, the error rate included.
template <typename Evidence>
json encode_counts(const Evidence& evidence) {
  json object = {{"baselineRequests", evidence.baseline_requests},
                 {"baselineFailures", evidence.baseline_failures},
                 {"candidateRequests", evidence.candidate_requests},
                 {"candidateFailures", evidence.candidate_failures}};
  put(object, "rollbackEvidence", evidence.rollback_evidence);
  put(object, "promotionEvidence", evidence.promotion_evidence);
  put(object, "state", evidence.state);
  return object;
}

template <typename Evidence>
void decode_counts(const json& value, Evidence& evidence) {
  evidence.baseline_requests = lenient::integer(value, "baselineRequests");
  evidence.baseline_failures = lenient::integer(value, "baselineFailures");
  evidence.candidate_requests = lenient::integer(value, "candidateRequests");
  evidence.candidate_failures = lenient::integer(value, "candidateFailures");
  evidence.rollback_evidence = lenient::text(value, "rollbackEvidence");
  evidence.promotion_evidence = lenient::text(value, "promotionEvidence");
  evidence.state = lenient::text(value, "state");
}

json encode(const MetricEvidence& evidence) {
  json object = encode_counts(evidence);
  object["name"] = evidence.name;
  put(object, "note", evidence.note);
  return object;
}

MetricEvidence decode_metric(const json& value) {
  MetricEvidence evidence;
  decode_counts(value, evidence);
  evidence.name = lenient::text(value, "name");
  evidence.note = lenient::text(value, "note");
  return evidence;
}

json encode(const WeightStatus& weight) {
  json object = {{"desired", format_percent(weight.desired)}, {"applied", format_percent(weight.applied)}};
  if (weight.observed) object["observed"] = format_percent(*weight.observed);
  return object;
}

WeightStatus decode_weight(const json& value) {
  const auto percent = [&](std::string_view name) { return parse_percent(lenient::text(value, name)); };
  WeightStatus weight{percent("desired").value_or(kNothing), percent("applied").value_or(kNothing)};
  if (const auto observed = percent("observed")) weight.observed = *observed;
  return weight;
}

json encode(const VerificationStatus& verification) {
  json object = {{"result", to_string(verification.result)}, {"until", format_time(verification.until)}};
  put(object, "decidedAt", verification.decided_at);
  put(object, "message", verification.message);
  put(object, "state", verification.state);
  return object;
}

VerificationStatus decode_verification(const json& value) {
  VerificationStatus verification;
  verification.result = parse_verification(lenient::text(value, "result"));
  verification.until = lenient::time(value, "until").value_or(Time{});
  verification.decided_at = lenient::time(value, "decidedAt");
  verification.message = lenient::text(value, "message");
  verification.state = lenient::text(value, "state");
  return verification;
}

json encode(const RollbackStatus& rollback) {
  json object = {{"at", format_time(rollback.at)}};
  put(object, "fromRevision", rollback.from_revision);
  put(object, "toRevision", rollback.to_revision);
  put(object, "reason", rollback.reason);
  put(object, "message", rollback.message);
  if (rollback.verification) object["verification"] = encode(*rollback.verification);
  return object;
}

RollbackStatus decode_rollback(const json& value) {
  RollbackStatus rollback;
  rollback.from_revision = lenient::text(value, "fromRevision");
  rollback.to_revision = lenient::text(value, "toRevision");
  rollback.reason = lenient::text(value, "reason");
  rollback.message = lenient::text(value, "message");
  rollback.at = lenient::time(value, "at").value_or(Time{});
  if (const json& verification = lenient::member(value, "verification"); verification.is_object()) {
    rollback.verification = decode_verification(verification);
  }
  return rollback;
}

}  // namespace

json encode_evidence(const EvidenceStatus& evidence) {
  json object = encode_counts(evidence);
  put(object, "lastLook", evidence.last_look);
  for (const MetricEvidence& metric : evidence.metrics) object["metrics"].push_back(encode(metric));
  return object;
}

EvidenceStatus decode_evidence(const json& value) {
  EvidenceStatus evidence;
  decode_counts(value, evidence);
  evidence.last_look = lenient::time(value, "lastLook");
  const json& metrics = lenient::member(value, "metrics");
  if (!metrics.is_array()) return evidence;
  for (const json& entry : metrics) {
    MetricEvidence metric = decode_metric(entry);
    if (!metric.name.empty()) evidence.metrics.push_back(std::move(metric));
  }
  return evidence;
}

json encode_status(const Status& status) {
  json object = {{"phase", to_string(status.phase)},
                 {"observedGeneration", status.observed_generation},
                 {"step", status.step},
                 {"weight", encode(status.weight)},
                 {"replicas", status.replicas}};
  put(object, "stableRevision", status.stable_revision);
  put(object, "candidateRevision", status.candidate_revision);
  put(object, "previousRevision", status.previous_revision);
  put(object, "startedAt", status.started_at);
  put(object, "progressSince", status.progress_since);
  put(object, "stepStartedAt", status.step_started_at);
  if (status.held != Duration::zero()) object["held"] = format_duration(status.held);
  put(object, "holdClockSince", status.hold_clock_since);
  put(object, "promotedAt", status.promoted_at);
  put(object, "undecidedSince", status.undecided_since);
  put(object, "weightlessSince", status.weightless_since);
  put(object, "weightRestores", status.weight_restores);
  put(object, "weightRestoredAt", status.weight_restored_at);
  put(object, "modelsForeign", status.models_foreign);
  put(object, "modelsRestores", status.models_restores);
  put(object, "modelsRestoredAt", status.models_restored_at);
  put(object, "splitStoppedAt", status.split_stopped_at);
  put(object, "approvedStep", status.approved_step);
  put(object, "retryToken", status.retry_token);
  if (status.evidence != EvidenceStatus{}) object["evidence"] = encode_evidence(status.evidence);
  if (status.last_rollback) object["lastRollback"] = encode(*status.last_rollback);
  if (!status.conditions.empty()) object["conditions"] = encode_conditions(status.conditions);
  put(object, "selector", status.selector);
  return object;
}

Status decode_status(const json& value) {
  Status status;
  status.phase = parse_phase(lenient::text(value, "phase"));
  status.observed_generation = lenient::integer(value, "observedGeneration");
  status.stable_revision = lenient::text(value, "stableRevision");
  status.candidate_revision = lenient::text(value, "candidateRevision");
  status.previous_revision = lenient::text(value, "previousRevision");
  status.step = lenient::small_integer(value, "step");
  status.started_at = lenient::time(value, "startedAt");
  status.progress_since = lenient::time(value, "progressSince");
  status.step_started_at = lenient::time(value, "stepStartedAt");
  status.held = parse_duration(lenient::text(value, "held")).value_or(Duration::zero());
  status.hold_clock_since = lenient::time(value, "holdClockSince");
  status.promoted_at = lenient::time(value, "promotedAt");
  status.undecided_since = lenient::time(value, "undecidedSince");
  status.weightless_since = lenient::time(value, "weightlessSince");
  status.weight = decode_weight(lenient::member(value, "weight"));
  status.weight_restores = lenient::small_integer(value, "weightRestores");
  status.weight_restored_at = lenient::time(value, "weightRestoredAt");
  status.models_foreign = lenient::text(value, "modelsForeign");
  status.models_restores = lenient::small_integer(value, "modelsRestores");
  status.models_restored_at = lenient::time(value, "modelsRestoredAt");
  status.split_stopped_at = lenient::time(value, "splitStoppedAt");
  status.approved_step = lenient::small_integer(value, "approvedStep");
  status.retry_token = lenient::text(value, "retryToken");
  status.evidence = decode_evidence(lenient::member(value, "evidence"));
  if (const json& rollback = lenient::member(value, "lastRollback"); rollback.is_object()) {
    status.last_rollback = decode_rollback(rollback);
  }
  status.conditions = decode_conditions(lenient::member(value, "conditions"));
  status.replicas = lenient::small_integer(value, "replicas");
  status.selector = lenient::text(value, "selector");
  return status;
}

}  // namespace seraphim::api
