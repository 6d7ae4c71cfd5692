// An operator on a cluster that takes its time: pods and endpoints come up late, writes and looks take
// milliseconds, Prometheus has a scrape some time after it was made. It writes the debug log.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "analysis/look_phase.h"
#include "analysis/remembered.h"
#include "analysis/series.h"
#include "replay/cluster.h"
#include "replay/history.h"
#include "rollout/comparison.h"
#include "rollout/decide.h"
#include "rollout/pass_record.h"

namespace seraphim::replay::testing {

class RealOperator {
 public:
  RealOperator(const api::SeraphimDeployment& manifest, const History& history, std::uint64_t seed)
      : cluster_(manifest, history.stable), history_(history), random_(seed) {
    cluster_.object.annotations = manifest.annotations;
  }

  /// Works until the end of the history, or of the rollout; returns its log.
  std::vector<std::string> work() {
    now_ = history_.from;
    reconcile();
    api::Time next_look = now_;
    while (compared() || !cluster_.object.status.candidate_revision.empty()) {
      now_ = std::max(now_ + std::chrono::milliseconds(1),
                      std::min({next_look, timer_.value_or(next_look), next_change()}));
      if (now_ > history_.to) break;
      if (now_ >= next_look) {
        ask();
        const auto& samples = std::get<analysis::Samples>(answers_.requests);
        next_look = now_ + phase_.until_next(samples, now_, cluster_.object.spec.analysis->interval);
        now_ += jitter(1, 6);  // the answer arrives, the queue hands the object over
      }
      reconcile();
    }
    return log_;
  }
  const std::vector<api::Percent>& weights() const { return weights_; }
  const api::Status& status() const { return cluster_.object.status; }

 private:
  std::chrono::milliseconds jitter(int least, int most) {
    return std::chrono::milliseconds(std::uniform_int_distribution<int>(least, most)(random_));
  }
  std::optional<rollout::Comparison> compared() const {
    return rollout::comparison(cluster_.object.spec, cluster_.object.status);
  }

  /// Now and then a scrape takes its time, and another target's later one is there before it.
  std::chrono::milliseconds arrival() {
    return jitter(0, 9) == std::chrono::milliseconds(0) ? jitter(100, 400) : jitter(0, 20);
  }

  /// What Prometheus has by now: each target's scrape is there some time after it was made.
  void ask() {
    const auto window = analysis::window_to_ask_for(*cluster_.object.spec.analysis,
                                                    analysis::Remembered(cluster_.object.status.evidence),
                                                    analysis::kErrorRate);
    rollout::Reach reach{now_, {}};
    const auto all = cut(history_.answers, reach, now_ - window);
    const auto& samples = std::get<analysis::Samples>(all.requests);
    for (const auto* side : {&samples.baseline, &samples.candidate}) {
      for (const auto& sample : *side) {
        const std::string key = rollout::target_key(sample.target);
        if (!reach.seen.contains(key)) reach.seen[key] = arrival();
      }
    }
    answers_ = cut(history_.answers, reach, now_ - window);
  }

  std::int32_t desired(const std::string& revision) const {
    for (const auto& state : cluster_.observe(now_, false).workloads) {
      if (state.revision == revision) return state.desired;
    }
    return 0;
  }
  /// Pods come up one after the other, 2.3 s after they were asked for; endpoints 150
  /// std::chrono::milliseconds later.
  void grow() {
    const std::int32_t wanted = desired(cluster_.candidate());
    if (wanted != wanted_) {
      wanted_ = wanted;
      pods_at_ = now_ + std::chrono::milliseconds(2300);
    }
    if (pods_at_ && now_ >= *pods_at_) pods_ = wanted_;
    if (pods_at_ && now_ >= *pods_at_ + std::chrono::milliseconds(150)) {
      endpoints_ = pods_;
      pods_at_.reset();
    }
    if (stable_at_ && now_ >= *stable_at_) {
      stable_endpoints_ = 2;
      stable_at_.reset();
    }
    cluster_.seen = rollout::SeenPods{2, pods_, stable_endpoints_, endpoints_};
  }
  api::Time next_change() const {
    api::Time next = api::Time::max();
    if (pods_at_) next = now_ < *pods_at_ ? *pods_at_ : *pods_at_ + std::chrono::milliseconds(150);
    if (stable_at_) next = std::min(next, *stable_at_);
    return next;
  }

  void reconcile() {
    for (int i = 0; i < 10; ++i) {
      if (pass()) return;
    }
  }

  bool pass() {
    grow();
    auto observation = cluster_.observe(now_, false);
    const auto comparison = compared();
    auto& status = cluster_.object.status;
    if (comparison) {
      observation.assessment = analysis::assess(*cluster_.object.spec.analysis, status.evidence, answers_,
                                                comparison->stage, status.step, now_);
    }
    auto plan = rollout::decide(observation);
    if (plan.confirm_traffic) {
      observation.traffic.confirmed = true;
      plan = rollout::decide(observation);
    }
    timer_ = plan.look_again ? std::optional(now_ + *plan.look_again) : std::nullopt;
    if (plan.actions.empty() && plan.status == status && plan.story.empty()) return true;
    const auto record = rollout::record_of(observation, comparison ? &answers_ : nullptr, plan);
    if (record) log_.push_back("2026-11-24T16:17:33.121Z debug " + rollout::to_line(*record));
    for (const auto& action : plan.actions) {
      now_ += jitter(2, 25);
      if (const auto* set = std::get_if<rollout::SetWeight>(&action)) weights_.push_back(set->weight);
      const auto* point = std::get_if<rollout::PointBackend>(&action);
      if (point == nullptr || point->slot != rollout::Slot::stable) continue;
      stable_endpoints_ = 0;
      stable_at_ = now_ + std::chrono::milliseconds(1700);
    }
    cluster_.carry_out(plan);
    status = std::move(plan.status);
    now_ += jitter(2, 15);
    return false;
  }

  Cluster cluster_;
  const History& history_;
  std::mt19937_64 random_;
  api::Time now_{};
  analysis::Answers answers_{};
  analysis::LookPhase phase_{};
  std::optional<api::Time> timer_{}, pods_at_{}, stable_at_{};
  std::int32_t wanted_ = 0, pods_ = 0, endpoints_ = 0, stable_endpoints_ = 2;
  std::vector<std::string> log_{};
  std::vector<api::Percent> weights_{};
};

}  // namespace seraphim::replay::testing
