#include "operator/metrics_collector.h"

#include <algorithm>

namespace seraphim::op {
namespace {

using kubernetes::ObjectKey;
using kubernetes::SteadyTime;

// A server that hangs must not hold up the others for long; the next tick asks again anyway.
constexpr std::chrono::milliseconds kLongestAnswer{5000};

}  // namespace

void MetricsCollector::watch(const ObjectKey& key, const Question& question) {
  bool sooner = false;
  {
    const std::lock_guard lock(mutex_);
    auto [position, added] = subjects_.try_emplace(key);
    Subject& subject = position->second;
    const bool other = added || subject.question.baseline != question.baseline ||
                       subject.question.candidate != question.candidate ||
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

std::map<std::string, ObjectKey> MetricsCollector::take_due(std::vector<prometheus::Want>& wants) {
  std::map<std::string, ObjectKey> keys;
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady();
  const bool any = std::any_of(subjects_.begin(), subjects_.end(),
                               [now](const auto& subject) { return subject.second.due <= now; });
  if (!any) return keys;
  for (auto& [key, subject] : subjects_) {
    if (subject.due > now + subject.question.interval / 2) continue;
    subject.due = now + subject.question.interval;
    const std::string id = to_string(key);
    keys.emplace(id, key);
    wants.push_back({.id = id,
                     .source = subject.question.source,
                     .object_namespace = key.namespace_,
                     .baseline = subject.question.baseline,
                     .candidate = subject.question.candidate,
                     .window = subject.question.window,
                     .essential_window = subject.question.essential_window});
  }
  return keys;
}

std::vector<ObjectKey> MetricsCollector::step(const std::stop_token& stop) {
  std::vector<prometheus::Want> wants;
  const auto keys = take_due(wants);
  if (wants.empty()) return {};
  auto fetched = source_.fetch(wants, kLongestAnswer, stop);
  std::vector<ObjectKey> answered;
  const std::lock_guard lock(mutex_);
  for (const auto& want : wants) {
    const ObjectKey& key = keys.at(want.id);
    const auto subject = subjects_.find(key);
    // Meanwhile forgotten, or about others: the answer is of no use.
    if (subject == subjects_.end() || subject->second.question.baseline != want.baseline ||
        subject->second.question.candidate != want.candidate ||
        subject->second.question.source != want.source) {
      continue;
    }
    subject->second.answers.emplace(std::move(fetched.answers.at(want.id)));
    if (const auto* samples = std::get_if<analysis::Samples>(&subject->second.answers->requests)) {
      subject->second.due = clock_.steady() + subject->second.phase.until_next(
                                                  *samples, clock_.wall(), subject->second.question.interval);
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
