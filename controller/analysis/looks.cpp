#include "analysis/looks.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace seraphim::analysis {
namespace {

/// The counters of each scrape, in the order of time.
using Scrapes = std::map<std::pair<api::Time, std::string_view>, std::vector<Counter>>;

Scrapes scrapes_of(const Samples& samples) {
  Scrapes scrapes;
  const auto add = [&](Side side, const std::vector<CounterSample>& all) {
    for (const CounterSample& s : all) scrapes[{s.at, s.target}].push_back({side, s.outcome, s.value});
  };
  add(Side::baseline, samples.baseline);
  add(Side::candidate, samples.candidate);
  return scrapes;
}

std::optional<api::Time> newest(const std::vector<CounterSample>& samples) {
  const auto latest = std::max_element(samples.begin(), samples.end(),
                                       [](const auto& a, const auto& b) { return a.at < b.at; });
  if (latest == samples.end()) return std::nullopt;
  return latest->at;
}

/// The shortest time between two scrapes of one target, remembered ones included: a window may hold but one
/// of each. Nothing when no target was scraped again.
std::optional<api::Duration> period_of(const Scrapes& scrapes, const Increments& counters) {
  std::map<std::uint64_t, api::Time> previous;
  for (const auto& [id, target] : counters.targets) previous.emplace(id, target.seen);
  std::optional<api::Duration> period;
  for (const auto& [key, values] : scrapes) {
    const auto [entry, first] = previous.try_emplace(target_id(key.second), key.first);
    if (first || key.first <= entry->second) continue;
    const api::Duration gap = key.first - std::exchange(entry->second, key.first);
    period = std::min(period.value_or(gap), gap);
  }
  return period;
}

void add(Counts& counts, const Counter& counter) {
  const bool baseline = counter.side == Side::baseline;
  double& ok = baseline ? counts.baseline_ok : counts.candidate_ok;
  double& failed = baseline ? counts.baseline_failed : counts.candidate_failed;
  const char kind = counter.outcome.empty() ? '\0' : counter.outcome.front();
  const bool good = counter.outcome == "success" || kind == kGood || kind == kTotalOfBad;
  (good ? ok : failed) += counter.value;
  if (kind == kGood) failed -= counter.value;
  if (kind == kBad) ok -= counter.value;
}

/// What there is of `waiting` to look at. Where the parts of a ratio did not come in one scrape, one side is
/// negative for now; that much stays behind.
Counts take_whole(Counts& waiting) {
  const auto positive = [](double& part) { return std::max(std::exchange(part, std::min(part, 0.0)), 0.0); };
  Counts whole;
  whole.baseline_ok = positive(waiting.baseline_ok);
  whole.baseline_failed = positive(waiting.baseline_failed);
  whole.candidate_ok = positive(waiting.candidate_ok);
  whole.candidate_failed = positive(waiting.candidate_failed);
  return whole;
}

// Long, because a target that comes back after it was forgotten would bring all of its history as news.
constexpr std::chrono::hours kGone{6};

/// What is older than this is gone. By the scrapes' own clock: this machine's may differ.
api::Time horizon(const Evidence& evidence) {
  std::optional<api::Time> newest;
  for (const auto& [id, target] : evidence.counters.targets)
    newest = std::max(newest.value_or(target.seen), target.seen);
  return newest ? *newest - kGone : api::Time::min();
}

/// Returns what grew; nothing for a scrape that is not new.
std::optional<Counts> take_in_one(Evidence& evidence, const Scrapes::value_type& scrape, Intake& intake) {
  const auto& [key, counters] = scrape;
  // Of a target that is forgotten, or will be.
  if (key.first < intake.horizon) return std::nullopt;
  // Absent from all earlier answers, so born since the first of them: see rule 5 at Increments::scrape.
  const auto born = evidence.noted ? std::optional(evidence.counters.started_at) : std::nullopt;
  auto& targets = evidence.counters.targets;
  const auto known = targets.find(target_id(key.second));
  const std::size_t counted_before = known == targets.end() ? 0 : known->second.last.size();
  const auto grown = evidence.counters.scrape(key.second, key.first, counters, born);
  if (!grown) return std::nullopt;
  TargetMemory& target = targets.at(target_id(key.second));
  target.news = true;
  if (target.last.size() != counted_before) intake.moved = true;
  Counts counts;
  for (const Counter& counter : *grown) add(counts, counter);
  if (counts.all() > 0) intake.moved = true;
  return counts;
}

Intake start_intake(Evidence& evidence, const Samples& samples, const Scrapes& scrapes) {
  if (const auto period = period_of(scrapes, evidence.counters)) evidence.scrape_period = *period;
  Intake intake;
  intake.newest_baseline = newest(samples.baseline);
  intake.newest_candidate = newest(samples.candidate);
  intake.horizon = horizon(evidence);
  if (!scrapes.empty()) intake.horizon = std::max(intake.horizon, scrapes.rbegin()->first.first - kGone);
  if (!evidence.pace_since && !scrapes.empty()) evidence.pace_since = scrapes.begin()->first.first;
  return intake;
}

void keep_pace(Evidence& evidence, const Counts& grown) {
  evidence.pace_events += grown.all();
  evidence.pace_failures += grown.failed();
}

}  // namespace

Intake take_in(Evidence& evidence, const Samples& samples) {
  const Scrapes scrapes = scrapes_of(samples);
  Intake intake = start_intake(evidence, samples, scrapes);
  for (const auto& scrape : scrapes) {
    const auto grown = take_in_one(evidence, scrape, intake);
    if (!grown) continue;
    evidence.waiting += *grown;
    keep_pace(evidence, *grown);
  }
  return intake;
}

Intake note(Evidence& evidence, const Samples& samples, api::Duration window) {
  const Scrapes scrapes = scrapes_of(samples);
  Intake intake = start_intake(evidence, samples, scrapes);
  std::optional<std::int64_t> current;
  Counts in_window;
  for (const auto& scrape : scrapes) {
    const std::int64_t index = scrape.first.first.time_since_epoch() / std::max(window, api::Duration(1));
    if (current && index != *current) {
      evidence.test.clumps.observe_baseline(in_window.baseline(), in_window.baseline_failed);
      in_window = {};
    }
    current = index;
    if (const auto grown = take_in_one(evidence, scrape, intake)) {
      in_window += *grown;
      keep_pace(evidence, *grown);
    }
  }
  // The last window is cut off by the present: it goes on in the next look.
  for (auto& [id, target] : evidence.counters.targets) target.news = false;
  evidence.noted = true;
  intake.moved = true;
  return intake;
}

std::optional<Counts> take_look(Evidence& evidence, Needs needs, api::Time now) {
  bool baseline_news = !needs.baseline, candidate_news = !needs.candidate;
  for (const auto& [id, target] : evidence.counters.targets) {
    const bool of_baseline = needs.baseline && target.counts(Side::baseline);
    const bool of_candidate = needs.candidate && target.counts(Side::candidate);
    if (!of_baseline && !of_candidate) continue;
    if (target.news) {
      baseline_news = baseline_news || of_baseline;
      candidate_news = candidate_news || of_candidate;
    } else if (now < target.seen + evidence.scrape_period * 4 / 5) {  // a little early: scrapes jitter
      return std::nullopt;
    }
  }
  if (!baseline_news || !candidate_news) return std::nullopt;
  for (auto& [id, target] : evidence.counters.targets) target.news = false;
  evidence.last_look = now;
  return take_whole(evidence.waiting);
}

std::optional<api::Time> last_seen(const Evidence& evidence, Side side) {
  std::optional<api::Time> last;
  for (const auto& [id, target] : evidence.counters.targets) {
    if (target.counts(side)) last = std::max(last.value_or(target.seen), target.seen);
  }
  return last;
}

void forget_departed(Evidence& evidence) {
  const api::Time oldest = horizon(evidence);
  std::erase_if(evidence.counters.targets, [&](const auto& target) { return target.second.seen < oldest; });
}

}  // namespace seraphim::analysis
