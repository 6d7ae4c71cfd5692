#include "cli/recording.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <ostream>
#include <set>
#include <vector>

#include "analysis/promql.h"
#include "analysis/remembered.h"
#include "analysis/series.h"
#include "prometheus/client.h"

namespace seraphim::cli {
namespace {

using analysis::Answer;
using analysis::Answers;
using analysis::Samples;

constexpr std::chrono::hours kPiece{1};  // of raw samples in one answer
constexpr std::chrono::seconds kLongestAnswer{60};

void append(std::vector<analysis::CounterSample>& all, std::vector<analysis::CounterSample> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// What could not be had in one piece is missing as a whole.
void append(Answer& all, Answer more) {
  auto* samples = std::get_if<Samples>(&all);
  auto* further = std::get_if<Samples>(&more);
  if (samples == nullptr) return;
  if (further == nullptr) {
    all = std::move(more);
    return;
  }
  append(samples->baseline, std::move(further->baseline));
  append(samples->candidate, std::move(further->candidate));
}

void append(Answers& all, Answers more) {
  append(all.requests, std::move(more.requests));
  for (auto& [name, answer] : more.metrics) {
    const auto [known, added] = all.metrics.try_emplace(name, answer);
    if (!added) append(known->second, std::move(answer));
  }
}

/// The stable revision was asked for on both sides.
void forget_candidate(Answers& answers) {
  if (auto* samples = std::get_if<Samples>(&answers.requests)) samples->candidate.clear();
  for (auto& [name, answer] : answers.metrics) {
    if (auto* samples = std::get_if<Samples>(&answer)) samples->candidate.clear();
  }
}

std::string span_text(api::Duration span) {
  return std::to_string(std::max<std::int64_t>(1, span.count())) + "ms";
}

std::string revisions_query(const Wanted& wanted) {
  std::string matchers;
  for (const auto& [label, value] : wanted.analysis.prometheus.match_labels)
    matchers += label + "=" + analysis::quote(value) + ",";
  if (!wanted.analysis.prometheus.match_labels.contains("namespace"))
    matchers += "namespace=" + analysis::quote(wanted.namespace_);
  return "count by (revision) (last_over_time(" + std::string(analysis::kRequestsMetric) + "{" + matchers +
         "}[" + span_text(wanted.to - wanted.from) + "]))";
}

/// The requests under an empty id, and each further metric under its name.
std::vector<prometheus::Want> wants_of(const Wanted& wanted, api::Duration window) {
  prometheus::Want want{.id = {},
                        .source = wanted.analysis.prometheus,
                        .object_namespace = wanted.namespace_,
                        .object_name = wanted.name,
                        .baseline = wanted.stable,
                        .candidate = wanted.candidate.empty() ? wanted.stable : wanted.candidate,
                        .baseline_version = wanted.stable_version,
                        .candidate_version = wanted.candidate_version,
                        .resolution = wanted.analysis.interval,
                        .window = window};
  std::vector<prometheus::Want> wants{want};
  for (const auto& [name, series] : analysis::further_series(wanted.analysis)) {
    want.id = name;
    want.series = series;
    wants.push_back(want);
  }
  return wants;
}

Answers answers_of(std::map<std::string, Answer> by_id) {
  Answers answers(std::move(by_id.at("")));
  by_id.erase("");
  answers.metrics = std::move(by_id);
  return answers;
}

}  // namespace

tl::expected<replay::History, std::string> record(const Wanted& wanted, const Surroundings& surroundings) {
  const api::EvidenceStatus nothing;
  const api::Time begin =
      wanted.from -
      analysis::window_to_ask_for(wanted.analysis, analysis::Remembered(nothing), analysis::kErrorRate);
  prometheus::MetricsSource source(surroundings.transport_for);
  replay::History history{wanted.stable, wanted.candidate, wanted.from, wanted.to, {}};
  for (api::Time end = wanted.to; end > begin; end -= kPiece) {
    const auto wants = wants_of(wanted, std::min<api::Duration>(kPiece, end - begin));
    auto fetched = source.fetch(wants, kLongestAnswer, {}, end);
    for (const auto& warning : fetched.warnings) surroundings.err << warning << '\n';
    append(history.answers, answers_of(std::move(fetched.answers)));
  }
  if (const auto* failure = std::get_if<analysis::NoSamples>(&history.answers.requests))
    return tl::unexpected(failure->message);
  if (wanted.candidate.empty()) forget_candidate(history.answers);
  replay::put_in_order(history.answers);
  return history;
}

std::string revisions_there(const Wanted& wanted, const Surroundings& surroundings) {
  std::string address = wanted.analysis.prometheus.address;
  while (!address.empty() && address.back() == '/') address.pop_back();
  const auto transport = surroundings.transport_for(address);
  if (!transport) return "none";
  const auto answer =
      prometheus::Client(*transport, address).query(revisions_query(wanted), kLongestAnswer, {}, wanted.to);
  std::set<std::string> revisions;
  if (answer) {
    if (const auto* vector = std::get_if<prometheus::Vector>(&answer->data)) {
      for (const auto& entry : vector->entries) {
        const auto label = entry.labels.find("revision");
        if (label != entry.labels.end()) revisions.insert(label->second);
      }
    }
  }
  std::string text;
  for (const auto& revision : revisions) text += (text.empty() ? "" : ", ") + revision;
  return text.empty() ? "none" : text;
}

}  // namespace seraphim::cli
