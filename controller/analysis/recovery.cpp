#include "analysis/recovery.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/ratios.h"
#include "analysis/series.h"
#include "api/codec.h"

namespace seraphim::analysis {
namespace {

using nlohmann::json;
using Finding = Recovery::Finding;

struct Since {
  api::Time at{};
  api::EvidenceStatus evidence;
};

std::string encode_since(const Since& since) {
  return json{{"since", since.at.time_since_epoch().count()},
              {"evidence", api::encode_evidence(since.evidence)}}
      .dump();
}

Since decode_since(const std::string& text, api::Time now) {
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object() || !object.contains("since") || !object["since"].is_number_integer())
    return {now, {}};
  // A clock that was set back must not keep requests from counting.
  const api::Time at{api::Duration(object["since"].get<std::int64_t>())};
  return {std::min(at, now), api::decode_evidence(object.value("evidence", json()))};
}

/// What is left of an answer: the stable revision, since the rollback.
Answer since_then(const Answer& answer, api::Time since) {
  const auto* all = std::get_if<Samples>(&answer);
  if (all == nullptr) return answer;
  Samples left;
  left.basis = all->basis;
  for (const CounterSample& sample : all->candidate) {
    if (sample.at >= since) left.candidate.push_back(sample);
  }
  return left;
}

Answers since_then(const Answers& answers, api::Time since) {
  Answers left(since_then(answers.requests, since));
  for (const auto& [name, answer] : answers.metrics) left.metrics.emplace(name, since_then(answer, since));
  return left;
}

struct Counted {
  std::int64_t all = 0, bad = 0;
};

Counted counted(const api::EvidenceStatus& evidence, const std::string& name) {
  if (name == kErrorRate) return {evidence.candidate_requests, evidence.candidate_failures};
  for (const api::MetricEvidence& metric : evidence.metrics) {
    if (metric.name == name) return {metric.candidate_requests, metric.candidate_failures};
  }
  return {};
}

void append(std::string& text, const std::string& part) {
  if (!part.empty()) text += (text.empty() ? "" : "; ") + part;
}

std::string note_of(const api::EvidenceStatus& evidence, const std::string& name) {
  for (const api::MetricEvidence& metric : evidence.metrics) {
    if (metric.name == name && !metric.note.empty()) return metric.note;
  }
  return "within its bounds";
}

/// The worse one; what is known to be bad outweighs what is not known.
Finding worse(Finding left, Finding right) {
  static constexpr Finding kWorst[] = {Finding::bad, Finding::above, Finding::missing};
  for (const Finding finding : kWorst) {
    if (left == finding || right == finding) return finding;
  }
  return Finding::good;
}

/// By what was counted alone, without a test.
Finding judge(const Ratio& ratio, const Counted& seen, std::string& message) {
  const std::string ceiling = ", the ceiling is " + api::format_percent(ratio.ceiling);
  append(message,
         ratio.words.prefix +
             failures_text(static_cast<double>(seen.bad), static_cast<double>(seen.all), ratio.words) +
             ceiling);
  if (seen.all < kRequestsToVerify) {
    message += ", and " + std::to_string(kRequestsToVerify) + " are needed at least";
    return Finding::missing;
  }
  const double share = static_cast<double>(seen.bad) / static_cast<double>(seen.all);
  return share > ratio.ceiling.fraction() ? Finding::above : Finding::good;
}

/// What the sequential tests and the clock say.
Finding judge(const Assessment& assessment, std::string& message) {
  if (std::holds_alternative<RollBack>(assessment.verdict)) return Finding::bad;
  if (const auto* nothing = std::get_if<Unavailable>(&assessment.verdict)) {
    append(message, nothing->message);
    return Finding::missing;
  }
  return assessment.suspicious ? Finding::above : Finding::good;
}

}  // namespace

std::string begin_recovery(api::Time since) {
  return encode_since({since, {}});
}

Recovery assess_recovery(const api::Analysis& analysis, const std::string& state, const Answers& answers,
                         api::Time now) {
  const Since last = decode_since(state, now);
  const Assessment assessment =
      assess(analysis, last.evidence, since_then(answers, last.at), Stage::verify, 0, now);
  Recovery out;
  out.finding = Finding::good;
  for (const Ratio& ratio : ratios_of(analysis)) {
    out.finding = worse(out.finding, judge(ratio, counted(assessment.evidence, ratio.name), out.message));
  }
  for (const api::Metric& metric : analysis.metrics) {
    if (!std::holds_alternative<api::ValueMetric>(metric.kind)) continue;
    append(out.message, metric.name + ": " + note_of(assessment.evidence, metric.name));
  }
  out.finding = worse(out.finding, judge(assessment, out.message));
  out.state = encode_since({last.at, assessment.evidence});
  return out;
}

}  // namespace seraphim::analysis
