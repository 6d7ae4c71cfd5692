#include "replay/replay.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "analysis/look_phase.h"
#include "analysis/remembered.h"
#include "analysis/series.h"
#include "api/codec.h"
#include "replay/cluster.h"
#include "rollout/comparison.h"
#include "rollout/decide.h"

namespace seraphim::replay {
namespace {

using std::chrono::milliseconds;

// As in the operator: a pass sees its own writes, and the bound guards against a plan that never rests.
constexpr int kMaxPasses = 10;
constexpr milliseconds kGoOn{100};
/// Passes that a log may have missed before one that it tells of.
constexpr int kMostMissed = 4;

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  if (from.empty() || from == to) return;
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

class Session {
 public:
  Session(const api::SeraphimDeployment& manifest, const History& history, const Options& options)
      : history_(history), options_(options), cluster_(manifest, stable_name(manifest)) {
    put_in_order(history_.answers);
    up_from_ = first_candidate_sample(history_).value_or(history_.from);
    timeline_.stable = history_.stable;
    timeline_.candidate = history_.candidate;
  }

  Timeline run() && {
    if (options_.passes.empty()) {
      look_by_itself();
    } else {
      follow_passes();
    }
    conclude();
    return std::move(timeline_);
  }

 private:
  /// A name that the spec's revision cannot have; people get to read the history's names.
  static std::string stable_name(const api::SeraphimDeployment& manifest) {
    return manifest.name + "-before";
  }
  const api::Analysis& settings() const { return *cluster_.object.spec.analysis; }
  const api::Status& status() const { return cluster_.object.status; }
  std::optional<rollout::Comparison> compared() const {
    return rollout::comparison(cluster_.object.spec, status());
  }
  bool over() const { return started_ && !compared() && status().candidate_revision.empty(); }

  void look_by_itself();
  void follow_passes();
  void follow(const rollout::PassRecord& record);
  void take_answer(const rollout::Reach& reach, api::Time now);
  void take_answer(const rollout::PassRecord& record);
  bool pass(api::Time now);
  void settle(api::Time now);
  void note(const rollout::Observation& observation, const rollout::Plan& plan);
  bool restarted();
  void conclude();
  std::string with_real_names(std::string text) const;

  History history_;
  const Options& options_;
  Cluster cluster_;
  api::Time up_from_{};
  analysis::Answers answers_{};
  std::optional<rollout::Reach> reach_{};  ///< of answers_, when a log told it
  analysis::LookPhase phase_{};
  std::optional<api::Time> timer_{};
  std::size_t events_ = 0;
  bool started_ = false;
  Timeline timeline_{};
};

std::string Session::with_real_names(std::string text) const {
  replace_all(text, stable_name(cluster_.object), history_.stable);
  replace_all(text, cluster_.candidate(), history_.candidate);
  return text;
}

void Session::take_answer(const rollout::Reach& reach, api::Time now) {
  // The widest window of all metrics: what one of them knows already, it does not count again.
  const analysis::Remembered remembered(status().evidence);
  api::Duration window = analysis::window_to_ask_for(settings(), remembered, analysis::kErrorRate);
  for (const auto& [name, series] : analysis::further_series(settings())) {
    window = std::max(window, analysis::window_to_ask_for(settings(), remembered, name));
  }
  answers_ = cut(history_.answers, reach, now - window);
}

/// One pass of the operator (op::Reconciler::pass); true when there was nothing left to do.
bool Session::pass(api::Time now) {
  cluster_.candidate_up = now >= up_from_;
  const auto assessed = [&]() -> std::optional<analysis::Assessment> {
    const auto comparison = compared();
    if (!comparison) return std::nullopt;
    return analysis::assess(settings(), status().evidence, answers_, comparison->stage, status().step, now);
  };
  auto observation = cluster_.observe(now, false);
  observation.assessment = assessed();
  auto plan = rollout::decide(observation);
  if (plan.confirm_traffic) {
    observation.traffic.confirmed = true;
    plan = rollout::decide(observation);
  }
  timer_ = plan.look_again ? std::optional(now + *plan.look_again) : std::nullopt;
  started_ = started_ || !plan.status.candidate_revision.empty();
  if (plan.actions.empty() && plan.status == status() && plan.story.empty()) return true;
  note(observation, plan);
  cluster_.carry_out(plan);
  cluster_.object.status = std::move(plan.status);
  const bool waits = status().phase == api::Phase::awaiting_approval;
  if (waits && !cluster_.seen) {  // a person who does not let it wait
    cluster_.object.annotations[api::kAnnotationApprove] =
        status().candidate_revision + "/" + std::to_string(status().step);
  }
  return false;
}

void Session::note(const rollout::Observation& observation, const rollout::Plan& plan) {
  const api::Status& before = observation.object.status;
  const auto& assessment = observation.assessment;
  for (const auto& action : plan.actions) {
    if (const auto* set = std::get_if<rollout::SetWeight>(&action))
      timeline_.weights.push_back({observation.now, set->weight});
  }
  for (const auto& narrative : plan.story) {
    timeline_.story.push_back({observation.now, narrative});
    timeline_.story.back().narrative.message = with_real_names(narrative.message);
    timeline_.story.back().narrative.discriminator = with_real_names(narrative.discriminator);
  }
  if (!assessment || assessment->evidence.last_look == before.evidence.last_look) return;
  timeline_.looks.push_back({observation.now, before.step, before.weight.applied, plan.status.phase,
                             rollout::verdict_word(assessment), assessment->evidence});
}

void Session::settle(api::Time now) {
  for (int passes = 0; passes < kMaxPasses; ++passes) {
    if (pass(now)) return;
  }
  timer_ = now + kGoOn;
}

bool Session::restarted() {
  const std::size_t event = events_++;
  if (!options_.restart || !options_.restart(event)) return false;
  cluster_.object.status = api::decode_status(api::encode_status(status()));
  answers_ = {};
  reach_.reset();
  return true;
}

void Session::look_by_itself() {
  api::Time now = std::max(history_.from, up_from_ - 2 * settings().interval);
  timeline_.from = timeline_.to = now;
  settle(now);  // the candidate is chosen; nobody has been asked yet
  api::Time next_look = now;
  while (!over()) {
    now = timer_ ? std::min(next_look, *timer_) : next_look;
    if (now > history_.to) break;
    if (restarted()) settle(now);  // the first pass comes before the first answer
    if (now == next_look) {
      take_answer({now, {}}, now);
      const auto* samples = std::get_if<analysis::Samples>(&answers_.requests);
      const auto interval = settings().interval;
      next_look = now + (samples != nullptr ? phase_.until_next(*samples, now, interval) : interval);
    }
    settle(now);
    timeline_.to = now;
  }
  if (!over()) timeline_.to = history_.to;
}

void Session::take_answer(const rollout::PassRecord& record) {
  if (record.reach && record.reach == reach_) return;  // several passes judge by one answer
  reach_ = record.reach;
  if (reach_) return take_answer(*reach_, record.at);
  answers_ = {};
  const std::string sign = "Unavailable:MetricsUnavailable";
  if (record.verdict == sign)
    answers_ = analysis::NoSamples{"MetricsUnavailable", "Prometheus gave no answer then"};
}

void Session::follow(const rollout::PassRecord& record) {
  cluster_.seen = record.pods;
  if (!record.pods) {
    take_answer(record);
    return settle(record.at);
  }
  const auto agrees = [&] {
    return status().step == record.step && status().weight.applied == record.weight;
  };
  for (int missed = 0; !agrees() && missed < kMostMissed; ++missed) {
    if (pass(record.at)) break;
  }
  take_answer(record);
  if (record.approved_step > 0) {
    cluster_.object.annotations[api::kAnnotationApprove] =
        status().candidate_revision + "/" + std::to_string(record.approved_step);
  }
  pass(record.at);
}

void Session::follow_passes() {
  timeline_.from = timeline_.to = options_.passes.front().at;
  for (const auto& record : options_.passes) {
    if (over()) break;
    restarted();
    follow(record);
    timeline_.to = record.at;
  }
}

void Session::conclude() {
  const auto& back = status().last_rollback;
  if (back && back->from_revision == cluster_.candidate()) {
    timeline_.outcome = Outcome::rolled_back;
    timeline_.reason = back->reason;
    timeline_.message = with_real_names(back->message);
    return;
  }
  const auto* progress = api::find_condition(status().conditions, "Progressing");
  if (progress != nullptr) {
    timeline_.reason = progress->reason;
    timeline_.message = with_real_names(progress->message);
  }
  if (status().stable_revision == cluster_.candidate()) timeline_.outcome = Outcome::promoted;
}

}  // namespace

Timeline replay(const api::SeraphimDeployment& manifest, const History& history, const Options& options) {
  return Session(manifest, history, options).run();
}

std::vector<AaRun> replay_aa(const api::SeraphimDeployment& manifest, const History& history) {
  const auto targets = stable_targets(history);
  std::vector<AaRun> runs;
  if (targets.size() < 2) return runs;
  for (const auto& target : targets)
    runs.push_back({short_name(target), replay(manifest, with_as_candidate(history, target))});
  return runs;
}

}  // namespace seraphim::replay
