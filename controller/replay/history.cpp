#include "replay/history.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace seraphim::replay {
namespace {

using analysis::Answer;
using analysis::Answers;
using analysis::CounterSample;
using analysis::Samples;

/// The same change to every answer.
template <typename Change>
void for_each(Answers& answers, const Change& change) {
  if (auto* samples = std::get_if<Samples>(&answers.requests)) change(*samples);
  for (auto& [name, answer] : answers.metrics) {
    if (auto* samples = std::get_if<Samples>(&answer)) change(*samples);
  }
}

void sort_side(std::vector<CounterSample>& samples) {
  const auto key = [](const CounterSample& s) { return std::tie(s.at, s.target, s.outcome); };
  std::stable_sort(samples.begin(), samples.end(),
                   [&](const auto& left, const auto& right) { return key(left) < key(right); });
  const auto rest = std::unique(samples.begin(), samples.end(),
                                [&](const auto& left, const auto& right) { return key(left) == key(right); });
  samples.erase(rest, samples.end());
}

std::vector<CounterSample> cut_side(const std::vector<CounterSample>& all, const rollout::Reach& reach,
                                    api::Time after) {
  const auto earlier = [](api::Time time, const CounterSample& sample) { return time < sample.at; };
  const auto first = std::upper_bound(all.begin(), all.end(), after, earlier);
  const auto last = std::upper_bound(first, all.end(), reach.upto, earlier);
  if (reach.seen.empty()) return {first, last};
  std::vector<CounterSample> part;
  std::copy_if(first, last, std::back_inserter(part), [&](const CounterSample& sample) {
    const auto target = reach.seen.find(rollout::target_key(sample.target));
    return target != reach.seen.end() && sample.at <= reach.upto - target->second;
  });
  return part;
}

bool knows(const rollout::Reach& reach, const std::vector<CounterSample>& samples) {
  return std::any_of(samples.begin(), samples.end(), [&](const CounterSample& sample) {
    return reach.seen.contains(rollout::target_key(sample.target));
  });
}

Answer cut_answer(const Answer& all, rollout::Reach reach, api::Time after) {
  const auto* samples = std::get_if<Samples>(&all);
  if (samples == nullptr) return all;
  // Where the targets have other labels than the operator saw, a server that adds some for example, the
  // newest sample's time has to do for all of them.
  if (!knows(reach, samples->baseline) && !knows(reach, samples->candidate)) reach.seen.clear();
  return Samples{cut_side(samples->baseline, reach, after), cut_side(samples->candidate, reach, after),
                 samples->basis};
}

std::optional<std::string> label_of(const std::string& target, const std::string& name) {
  const std::string sign = "\n" + name + "=";
  const std::string lines = "\n" + target;
  const auto start = lines.find(sign);
  if (start == std::string::npos) return std::nullopt;
  const auto value = start + sign.size();
  return lines.substr(value, lines.find('\n', value) - value);
}

}  // namespace

void put_in_order(Answers& answers) {
  for_each(answers, [](Samples& samples) {
    sort_side(samples.baseline);
    sort_side(samples.candidate);
  });
}

Answers cut(const Answers& all, const rollout::Reach& reach, api::Time after) {
  Answers part(cut_answer(all.requests, reach, after));
  for (const auto& [name, answer] : all.metrics) part.metrics.emplace(name, cut_answer(answer, reach, after));
  return part;
}

std::optional<api::Time> first_candidate_sample(const History& history) {
  const auto* samples = std::get_if<Samples>(&history.answers.requests);
  if (samples == nullptr || samples->candidate.empty()) return std::nullopt;
  const auto first = std::min_element(samples->candidate.begin(), samples->candidate.end(),
                                      [](const auto& left, const auto& right) { return left.at < right.at; });
  return first->at;
}

std::vector<std::string> stable_targets(const History& history) {
  std::set<std::string> targets;
  if (const auto* samples = std::get_if<Samples>(&history.answers.requests)) {
    for (const auto& sample : samples->baseline) targets.insert(sample.target);
  }
  return {targets.begin(), targets.end()};
}

History with_as_candidate(const History& history, const std::string& target) {
  History split = history;
  for_each(split.answers, [&](Samples& samples) {
    samples.candidate.clear();
    for (const auto& sample : samples.baseline) {
      if (sample.target == target) samples.candidate.push_back(sample);
    }
    std::erase_if(samples.baseline, [&](const CounterSample& sample) { return sample.target == target; });
  });
  split.candidate = split.stable;
  return split;
}

std::string short_name(const std::string& target) {
  for (const char* label : {"pod", "instance"}) {
    if (auto value = label_of(target, label)) return *std::move(value);
  }
  std::string line = target;
  while (!line.empty() && line.back() == '\n') line.pop_back();
  std::replace(line.begin(), line.end(), '\n', ',');
  return line;
}

}  // namespace seraphim::replay
