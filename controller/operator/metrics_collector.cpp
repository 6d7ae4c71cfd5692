#include "operator/metrics_collector.h"

#include <algorithm>

namespace seraphim::op {
namespace {

using kubernetes::ObjectKey;
using kubernetes::SteadyTime;

// A server that hangs must not hold up the others for long; the next tick asks again anyway.
constexpr std::chrono::milliseconds kLongestAnswer{5000};

/// Without a metric: the requests.
std::string id_of(const ObjectKey& key, const std::string& metric = "") {
  return metric.empty() ? to_string(key) : to_string(key) + "#" + metric;
}

/// What one comparison asks for: its requests first.
void add_wants(const ObjectKey& key, const Question& question, std::vector<prometheus::Want>& wants) {
  prometheus::Want want{.id = id_of(key),
                        .source = question.source,
                        .object_namespace = key.namespace_,
                        .object_name = key.name,
                        .baseline = question.baseline,
                        .candidate = question.candidate,
                        .promoted = question.promoted,
                        .window = question.window,
                        .essential_window = question.essential_window};
  wants.push_back(want);
  for (const auto& [name, metric] : question.metrics) {
    want.id = id_of(key, name);
    want.series = metric.series;
    want.window = metric.window;
    wants.push_back(want);
  }
}

/// Whether the question is still the one that was asked.
bool is_about(const Question& question, const ObjectKey& key, const std::vector<prometheus::Want>& wants) {
  const auto asked =
      std::find_if(wants.begin(), wants.end(), [id = id_of(key)](const auto& want) { return want.id == id; });
  return asked != wants.end() && asked->baseline == question.baseline &&
         asked->candidate == question.candidate && asked->promoted == question.promoted &&
         asked->source == question.source;
}

}  // namespace

void MetricsCollector::watch(const ObjectKey& key, const Question& question) {
  bool sooner = false;
  {
    const std::lock_guard lock(mutex_);
    auto [position, added] = subjects_.try_emplace(key);
    Subject& subject = position->second;
    const bool other = added || subject.question.baseline != question.baseline ||
                       subject.question.candidate != question.candidate ||
                       subject.question.promoted != question.promoted ||
                       subject.question.source != question.source;
    if (other) {
      subject.answers.reset();
      subject.due = clock_.steady();
      sooner = true;
    } else if (question.interval < subject.question.interval) {
      subject.due = std::min(subject.due, clock_.steady() + question.interval);
      sooner = true;
    }
    subject.question = question;
  }
  if (sooner && wake_) wake_();
}

void MetricsCollector::forget(const ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  subjects_.erase(key);
}

std::optional<analysis::Answers> MetricsCollector::latest(const ObjectKey& key, const std::string& baseline,
                                                          const std::string& candidate) const {
  const std::lock_guard lock(mutex_);
  const auto found = subjects_.find(key);
  if (found == subjects_.end() || found->second.question.baseline != baseline ||
      found->second.question.candidate != candidate) {
    return std::nullopt;
  }
  return found->second.answers;
}

std::vector<ObjectKey> MetricsCollector::take_due(std::vector<prometheus::Want>& wants) {
  std::vector<ObjectKey> keys;
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady();
  const bool any = std::any_of(subjects_.begin(), subjects_.end(),
                               [now](const auto& subject) { return subject.second.due <= now; });
  if (!any) return keys;
  for (auto& [key, subject] : subjects_) {
    if (subject.due > now + subject.question.interval / 2) continue;
    subject.due = now + subject.question.interval;
    keys.push_back(key);
    add_wants(key, subject.question, wants);
  }
  return keys;
}

std::vector<ObjectKey> MetricsCollector::step(const std::stop_token& stop) {
  std::vector<prometheus::Want> wants;
  const auto due = take_due(wants);
  if (wants.empty()) return {};
  auto fetched = source_.fetch(wants, kLongestAnswer, stop);
  std::vector<ObjectKey> answered;
  const std::lock_guard lock(mutex_);
  for (const ObjectKey& key : due) {
    const auto subject = subjects_.find(key);
    // Meanwhile forgotten, or about others: the answer is of no use.
    if (subject == subjects_.end() || !is_about(subject->second.question, key, wants)) continue;
    Subject& of = subject->second;
    of.answers.emplace(std::move(fetched.answers.at(id_of(key))));
    for (const auto& [name, metric] : of.question.metrics) {
      const auto answer = fetched.answers.find(id_of(key, name));
      if (answer != fetched.answers.end()) of.answers->metrics.emplace(name, std::move(answer->second));
    }
    if (const auto* samples = std::get_if<analysis::Samples>(&of.answers->requests)) {
      of.due = clock_.steady() + of.phase.until_next(*samples, clock_.wall(), of.question.interval);
    }
    answered.push_back(key);
  }
  return answered;
}

std::optional<SteadyTime> MetricsCollector::next_due() const {
  const std::lock_guard lock(mutex_);
  std::optional<SteadyTime> next;
  for (const auto& [key, subject] : subjects_) {
    if (!next || subject.due < *next) next = subject.due;
  }
  return next;
}

}  // namespace seraphim::op
