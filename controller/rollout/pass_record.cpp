#include "rollout/pass_record.h"

#include <algorithm>
#include <charconv>

#include "analysis/increments.h"

namespace seraphim::rollout {
namespace {

void note_newest(const std::vector<analysis::CounterSample>& samples,
                 std::map<std::string, api::Time>& newest) {
  for (const auto& sample : samples) {
    const auto [known, first] = newest.try_emplace(sample.target, sample.at);
    if (!first) known->second = std::max(known->second, sample.at);
  }
}

std::int32_t endpoints_of(const std::optional<Backend>& backend) {
  return backend && backend->foreign_ready == 0 ? backend->ready : 0;
}

std::int32_t available(const Observation& observation, const std::string& revision) {
  for (const WorkloadState& state : observation.workloads) {
    if (state.revision == revision) return state.available;
  }
  return 0;
}

std::string reach_text(const Reach& reach) {
  std::string text = " upto=" + api::format_time(reach.upto);
  std::string sign = " seen=";
  for (const auto& [target, lag] : reach.seen) {
    text += sign + target + ":" + std::to_string(lag.count());
    sign = ",";
  }
  return text;
}

/// What stands between two words; nothing when they are not there.
std::optional<std::string_view> between(std::string_view line, std::string_view before,
                                        std::string_view after) {
  const auto start = line.find(before);
  if (start == std::string_view::npos) return std::nullopt;
  line.remove_prefix(start + before.size());
  const auto end = line.find(after);
  if (end == std::string_view::npos) return std::nullopt;
  return line.substr(0, end);
}

/// The value of ` name=value`, up to a blank, a quote or the end.
std::optional<std::string_view> value_of(std::string_view line, const std::string& name) {
  const std::string sign = " " + name + "=";
  const auto start = line.find(sign);
  if (start == std::string_view::npos) return std::nullopt;
  line.remove_prefix(start + sign.size());
  return line.substr(0, line.find_first_of(" \"\r\n"));
}

template <typename Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

/// "3<sign>120"
template <typename Number>
bool read_pair(std::optional<std::string_view> text, std::string_view sign, Number& first, Number& second) {
  if (!text) return false;
  const auto split = text->find(sign);
  return split != std::string_view::npos && read_number(text->substr(0, split), first) &&
         read_number(text->substr(split + sign.size()), second);
}

std::optional<api::Time> read_time(std::optional<std::string_view> text) {
  if (!text) return std::nullopt;
  const auto time = api::parse_time(*text);
  return time ? std::optional(*time) : std::nullopt;
}

std::map<std::string, api::Duration> read_seen(std::string_view text) {
  std::map<std::string, api::Duration> seen;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    const auto split = one.find(':');
    std::int64_t lag = 0;
    if (split == std::string_view::npos || !read_number(one.substr(split + 1), lag)) return {};
    seen.emplace(one.substr(0, split), api::Duration(lag));
  }
  return seen;
}

bool read_evidence(std::string_view line, api::EvidenceStatus& evidence) {
  const auto rollback = between(line, "rollback evidence ", ", promotion ");
  const auto promotion = between(line, ", promotion ", ";");
  if (!rollback || !promotion) return false;
  evidence.rollback_evidence = *rollback;
  evidence.promotion_evidence = *promotion;
  return read_pair(between(line, "look: candidate ", " failed, "), " of ", evidence.candidate_failures,
                   evidence.candidate_requests) &&
         read_pair(between(line, " failed, stable ", ";"), " of ", evidence.baseline_failures,
                   evidence.baseline_requests);
}

void read_rest(std::string_view line, PassRecord& record) {
  record.verdict = value_of(line, "verdict").value_or("");
  record.stable = value_of(line, "stable").value_or("");
  record.candidate = value_of(line, "candidate").value_or("");
  read_number(value_of(line, "step").value_or(""), record.step);
  read_number(value_of(line, "approved").value_or(""), record.approved_step);
  if (const auto weight = api::parse_percent(value_of(line, "weight").value_or(""))) record.weight = *weight;
  if (const auto upto = read_time(value_of(line, "upto")))
    record.reach = Reach{*upto, read_seen(value_of(line, "seen").value_or(""))};
  SeenPods pods;
  if (read_pair(value_of(line, "pods"), "/", pods.stable, pods.candidate) &&
      read_pair(value_of(line, "endpoints"), "/", pods.stable_endpoints, pods.candidate_endpoints)) {
    record.pods = pods;
  }
}

}  // namespace

std::string target_key(std::string_view target) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::uint64_t id = analysis::target_id(target);
  std::string key(6, '0');
  for (char& digit : key) {
    digit = kDigits[id & 15U];
    id >>= 4U;
  }
  return key;
}

std::optional<Reach> reach_of(const analysis::Answer& answer) {
  const auto* samples = std::get_if<analysis::Samples>(&answer);
  if (samples == nullptr) return std::nullopt;
  std::map<std::string, api::Time> newest;
  note_newest(samples->baseline, newest);
  note_newest(samples->candidate, newest);
  if (newest.empty()) return std::nullopt;
  Reach reach{newest.begin()->second, {}};
  for (const auto& [target, time] : newest) reach.upto = std::max(reach.upto, time);
  for (const auto& [target, time] : newest) reach.seen.emplace(target_key(target), reach.upto - time);
  return reach;
}

std::string verdict_word(const std::optional<analysis::Assessment>& assessment) {
  if (!assessment) return "None";
  const analysis::Verdict& verdict = assessment->verdict;
  if (std::holds_alternative<analysis::Promote>(verdict)) return "Promote";
  if (const auto* back = std::get_if<analysis::RollBack>(&verdict)) return "RollBack:" + back->reason;
  if (const auto* none = std::get_if<analysis::Unavailable>(&verdict)) return "Unavailable:" + none->reason;
  return "Continue";
}

std::optional<PassRecord> record_of(const Observation& observation, const analysis::Answers* answers,
                                    const Plan& plan) {
  const api::Status& before = observation.object.status;
  const auto& assessment = observation.assessment;
  auto compared = comparison(observation.object.spec, before);
  if (!compared) compared = comparison(observation.object.spec, plan.status);
  if (!compared) return std::nullopt;
  PassRecord record;
  record.object = observation.object.namespace_ + "/" + observation.object.name;
  record.stable = compared->baseline;
  record.candidate = compared->candidate;
  record.look = assessment && assessment->evidence.last_look != before.evidence.last_look;
  record.at = observation.now;
  if (answers != nullptr) record.reach = reach_of(answers->requests);
  record.verdict = verdict_word(assessment);
  record.step = before.step;
  record.weight = before.weight.applied;
  record.pods =
      SeenPods{available(observation, compared->baseline), available(observation, compared->candidate),
               endpoints_of(observation.traffic.stable), endpoints_of(observation.traffic.candidate)};
  record.approved_step = plan.status.approved_step;
  if (record.look) {
    record.evidence = assessment->evidence;
    record.evidence.state.clear();
  }
  return record;
}

std::string to_line(const PassRecord& record) {
  const api::EvidenceStatus& evidence = record.evidence;
  const auto failed = [](std::int64_t failures, std::int64_t requests) {
    return std::to_string(failures) + " of " + std::to_string(requests);
  };
  std::string line = record.object + ": ";
  if (record.look) {
    line += "look: candidate " + failed(evidence.candidate_failures, evidence.candidate_requests) +
            " failed, stable " + failed(evidence.baseline_failures, evidence.baseline_requests) +
            "; rollback evidence " + evidence.rollback_evidence + ", promotion " +
            evidence.promotion_evidence + ";";
  } else {
    line += "pass:";
  }
  line += " verdict=" + record.verdict + " step=" + std::to_string(record.step) +
          " weight=" + api::format_percent(record.weight) + " stable=" + record.stable +
          " candidate=" + record.candidate + " at=" + api::format_time(record.at);
  if (record.reach) line += reach_text(*record.reach);
  if (record.pods) {
    line += " pods=" + std::to_string(record.pods->stable) + "/" + std::to_string(record.pods->candidate) +
            " endpoints=" + std::to_string(record.pods->stable_endpoints) + "/" +
            std::to_string(record.pods->candidate_endpoints);
  }
  return line + " approved=" + std::to_string(record.approved_step);
}

std::optional<PassRecord> parse_line(std::string_view line) {
  PassRecord record;
  const auto look = line.find(": look: ");
  const auto sign = look != std::string_view::npos ? look : line.find(": pass: ");
  const auto at = read_time(value_of(line, "at"));
  if (sign == std::string_view::npos || !at) return std::nullopt;
  record.at = *at;
  record.look = look != std::string_view::npos;
  const std::string_view head = line.substr(0, sign);
  const auto start = head.find_last_of(" \"");
  record.object = head.substr(start == std::string_view::npos ? 0 : start + 1);
  read_rest(line, record);
  if (!record.look) return record;
  record.evidence.last_look = record.at;
  if (!read_evidence(line, record.evidence)) return std::nullopt;
  return record;
}

}  // namespace seraphim::rollout
