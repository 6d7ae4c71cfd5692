// A small world for assess(): pods that count requests, a Prometheus that scrapes them, an operator that
// looks. Time moves in steps of 100 ms; nothing is random.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/assessment.h"
#include "analysis/increments.h"
#include "analysis/remembered.h"
#include "analysis/series.h"

namespace seraphim::analysis::testing {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr api::Time kStart{std::chrono::hours(24 * 365 * 55)};

/// Requests in a second, dealt out to the pods of a side in turn.
struct Traffic {
  int baseline_ok = 0, baseline_failed = 0, candidate_ok = 0, candidate_failed = 0;
};

class Scenario {
 public:
  Scenario() {
    analysis.interval = seconds(1);
    analysis.prometheus.address = "http://prometheus";
  }

  api::Analysis analysis;
  api::EvidenceStatus evidence;  ///< as status has it; written back at each look
  api::Time now = kStart;
  milliseconds scrape_period{1000};
  int writes = 0;  ///< looks whose evidence differs from what status had

  /// A pod that is scraped `phase` after each full period. Counters that are still 0 are exported or not.
  void add_pod(Side side, const std::string& name, milliseconds phase = {}, bool export_zeros = true) {
    pods_.push_back({name, side, phase, {}, true});
    if (export_zeros)
      pods_.back().counters = {{"success", 0}, {"timeout", 0}, {"http_error", 0}, {"error", 0}};
  }
  void two_plain_pods() {
    add_pod(Side::baseline, "b-1");
    add_pod(Side::candidate, "c-1");
  }
  /// Counts what happened before the comparison.
  void history(const std::string& pod, const std::string& outcome, double value) {
    find(pod).counters[outcome] += value;
  }
  void restart_process(const std::string& pod) {
    for (auto& [outcome, value] : find(pod).counters) value = 0;
  }
  void stop_scraping(const std::string& pod) { find(pod).scraped = false; }
  void resume_scraping(const std::string& pod) { find(pod).scraped = true; }

  /// Lets time pass; looks at the end of every interval. The last look's assessment.
  Assessment run(milliseconds how_long, Stage stage, std::int32_t step, const Traffic& traffic = {}) {
    for (const api::Time end = now + how_long; now < end;) {
      if (now.time_since_epoch() % seconds(1) == milliseconds(0)) serve(traffic);
      now += milliseconds(100);
      scrape();
      if (now.time_since_epoch() % analysis.interval == milliseconds(0)) look(samples(), stage, step);
    }
    return *last_;
  }
  /// As run(), but stops at the first look whose verdict is a V. Seconds until then; nothing when it does not
  /// come.
  template <class V>
  std::optional<double> run_until(milliseconds at_most, Stage stage, std::int32_t step,
                                  const Traffic& traffic) {
    const api::Time from = now;
    while (now < from + at_most) {
      run(analysis.interval, stage, step, traffic);
      if (std::holds_alternative<V>(last_->verdict)) return std::chrono::duration<double>(now - from).count();
    }
    return std::nullopt;
  }
  Assessment look(const Answers& answer, Stage stage, std::int32_t step) {
    last_ = assess(analysis, evidence, answer, stage, step, now);
    if (last_->evidence != evidence) ++writes;
    evidence = last_->evidence;
    return *last_;
  }
  /// What Prometheus would answer now.
  Samples samples() const {
    const api::Duration window = window_to_ask_for(analysis, Remembered(evidence), kErrorRate);
    Samples all;
    for (const Scrape& scrape : scrapes_) {
      if (scrape.at <= now - window) continue;
      auto& side = scrape.side == Side::baseline ? all.baseline : all.candidate;
      for (const auto& [outcome, value] : scrape.counters)
        side.push_back({scrape.pod, outcome, value, scrape.at});
    }
    return all;
  }

 private:
  struct Pod {
    std::string name;
    Side side;
    milliseconds phase;
    std::map<std::string, double> counters;
    bool scraped;
  };
  struct Scrape {
    std::string pod;
    Side side;
    api::Time at;
    std::map<std::string, double> counters;
  };

  Pod& find(const std::string& name) {
    for (Pod& pod : pods_) {
      if (pod.name == name) return pod;
    }
    throw std::logic_error("no pod " + name);
  }
  void serve(const Traffic& traffic) {
    deal(Side::baseline, "success", traffic.baseline_ok);
    deal(Side::baseline, "timeout", traffic.baseline_failed);
    deal(Side::candidate, "success", traffic.candidate_ok);
    deal(Side::candidate, "timeout", traffic.candidate_failed);
  }
  void deal(Side side, const std::string& outcome, int requests) {
    std::vector<Pod*> takers;
    for (Pod& pod : pods_) {
      if (pod.side == side) takers.push_back(&pod);
    }
    for (int i = 0; i < requests; ++i) takers.at(next_++ % takers.size())->counters[outcome] += 1;
  }
  void scrape() {
    for (const Pod& pod : pods_) {
      const bool due = (now - pod.phase).time_since_epoch() % scrape_period == milliseconds(0);
      if (due && pod.scraped) scrapes_.push_back({pod.name, pod.side, now, pod.counters});
    }
  }

  std::vector<Pod> pods_;
  std::vector<Scrape> scrapes_;
  std::size_t next_ = 0;
  std::optional<Assessment> last_;
};

inline const Unavailable* unavailable(const Assessment& assessment) {
  return std::get_if<Unavailable>(&assessment.verdict);
}
inline bool continues(const Assessment& assessment) {
  return std::holds_alternative<Continue>(assessment.verdict);
}

}  // namespace seraphim::analysis::testing
