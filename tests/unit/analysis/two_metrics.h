// A small world with two metrics of the same requests: the error rate and one ratio.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "analysis/assessment.h"
#include "analysis/increments.h"
#include "analysis/scenario.h"
#include "analysis/series.h"

namespace seraphim::analysis::testing {

/// What happens in a second on one side: requests, and how many of them are not good.
struct Second {
  int all = 0, bad = 0;
};

/// One pod a side, scraped each second right before each look; the error rate and one ratio of the same
/// requests.
class TwoMetrics {
 public:
  explicit TwoMetrics(std::string name) : name_(std::move(name)) {
    analysis.prometheus.address = "http://prometheus";
    analysis.interval = seconds(1);
  }

  api::Analysis analysis;
  api::EvidenceStatus evidence;
  api::Time now = kStart;
  std::string basis;
  bool answers_for_it = true;

  Assessment look(Stage stage, std::int32_t step, Second baseline, Second candidate, Second slow_baseline,
                  Second slow_candidate) {
    now += seconds(1);
    add(baseline_, baseline, slow_baseline);
    add(candidate_, candidate, slow_candidate);
    Answers answers(requests());
    if (answers_for_it) answers.metrics.emplace(name_, ratio());
    auto out = assess(analysis, evidence, answers, stage, step, now);
    evidence = out.evidence;
    return out;
  }
  /// `looks` of them; the share of slow ones is given by every how manieth request is slow, 0: none.
  Assessment looks(int looks, Stage stage, std::int32_t step, int slow_of_10_baseline,
                   int slow_of_10_candidate) {
    Assessment last;
    for (int i = 0; i < looks; ++i) {
      const int candidate = stage == Stage::priming ? 0 : 10;
      last = look(stage, step, {10, 0}, {candidate, 0}, {10, slow_of_10_baseline},
                  {candidate, candidate == 0 ? 0 : slow_of_10_candidate});
      if (std::holds_alternative<RollBack>(last.verdict)) break;
    }
    return last;
  }

 private:
  struct Pod {
    double ok = 0, failed = 0, good = 0, total = 0;
  };
  static void add(Pod& pod, Second requests, Second events) {
    pod.ok += requests.all - requests.bad;
    pod.failed += requests.bad;
    pod.good += events.all - events.bad;
    pod.total += events.all;
  }
  Samples requests() const {
    return {{{"b", "success", baseline_.ok, now}, {"b", "timeout", baseline_.failed, now}},
            {{"c", "success", candidate_.ok, now}, {"c", "timeout", candidate_.failed, now}},
            {}};
  }
  Samples ratio() const {
    const std::string good(1, kGood), total(1, kTotalOfGood);
    return {{{"b", good, baseline_.good, now}, {"b", total, baseline_.total, now}},
            {{"c", good, candidate_.good, now}, {"c", total, candidate_.total, now}},
            basis};
  }

  std::string name_;
  Pod baseline_, candidate_;
};

inline TwoMetrics with_latency() {
  TwoMetrics world(kLatency);
  world.analysis.latency = api::LatencyAnalysis{milliseconds(500)};
  world.basis = "the bucket up to 0.5 s";
  return world;
}

}  // namespace seraphim::analysis::testing
