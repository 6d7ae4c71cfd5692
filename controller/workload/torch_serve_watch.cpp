#include "workload/torch_serve_watch.h"

#include <algorithm>

namespace seraphim::workload {
namespace {

using namespace std::chrono_literals;
using kubernetes::ObjectKey;
using kubernetes::SteadyTime;

constexpr std::chrono::milliseconds kOften{1000};
constexpr std::chrono::milliseconds kSeldom{15'000};
constexpr std::chrono::milliseconds kUnreached{5000};
constexpr std::chrono::milliseconds kLongestAnswer{5000};
// A server that did not answer for so long is taken for one without workers: nothing gets traffic for it.
constexpr std::chrono::milliseconds kBelieved{30'000};

/// It has the workers that it was asked for, no more and no fewer.
bool is_settled(const ModelVersion& version) {
  return version.ready() == version.min_workers &&
         static_cast<std::int32_t>(version.workers.size()) == version.min_workers;
}

}  // namespace

const ModelVersion* ModelState::find(const std::string& version) const {
  const auto found = std::find_if(versions.begin(), versions.end(),
                                  [&](const auto& candidate) { return candidate.version == version; });
  return found == versions.end() ? nullptr : &*found;
}

void TorchServeWatch::watch(const ObjectKey& object, const Models& models) {
  bool sooner = false;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [key, subject] : subjects_) {
      if (!models.contains(key)) subject.named_by.erase(object);
    }
    for (const auto& [key, versions] : models) {
      const auto [position, added] = subjects_.try_emplace(key);
      position->second.named_by[object] = versions;
      if (added) position->second.due = clock_.steady();
      sooner |= added;
    }
    drop_unnamed();
  }
  if (sooner && wake_) wake_();
}

void TorchServeWatch::forget(const ObjectKey& object) {
  watch(object, {});
}

void TorchServeWatch::drop_unnamed() {
  if (std::erase_if(subjects_, [](const auto& entry) { return entry.second.named_by.empty(); }) == 0) return;
  std::set<ServerKey> servers;
  for (const auto& [key, subject] : subjects_) servers.insert(key.server);
  servers_.keep_only(servers);
}

bool TorchServeWatch::is_current(const Subject& subject) const {
  return subject.answered && clock_.steady() - *subject.answered <= kBelieved;
}

std::optional<ModelState> TorchServeWatch::latest(const ModelKey& model) const {
  const std::lock_guard lock(mutex_);
  const auto found = subjects_.find(model);
  if (found == subjects_.end() || !found->second.state) return std::nullopt;
  ModelState state = *found->second.state;
  state.current = is_current(found->second);
  return state;
}

void TorchServeWatch::look_soon(const ModelKey& model) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = subjects_.find(model);
    if (found == subjects_.end()) return;
    ++found->second.changes;
    found->second.due = clock_.steady();
  }
  if (wake_) wake_();
}

TorchServeWatch::Answer TorchServeWatch::ask(const ModelKey& model, const std::stop_token& stop) {
  const auto transport = servers_.at(model.server);
  TorchServeClient client(*transport, model.server.address, token_text(model.server));
  const TorchServeClient::Bounds bounds{kLongestAnswer, stop};
  auto versions = client.versions(model.model, bounds);
  if (!versions) return tl::unexpected(versions.error());
  ModelState state{.versions = std::move(*versions)};
  if (state.versions.empty()) return state;
  auto chosen = client.default_version(model.model, bounds);
  if (!chosen) return tl::unexpected(chosen.error());
  state.default_version = std::move(*chosen);
  return state;
}

bool TorchServeWatch::take(Subject& subject, Answer answer) {
  const bool known = subject.state.has_value();
  const ModelState before = subject.state.value_or(ModelState{});
  if (!known) subject.state.emplace();
  if (!answer) {
    subject.due = clock_.steady() + kUnreached;
    subject.state->problem = answer.error().message;
    const bool current = is_current(subject);
    const bool news = !known || before.problem.empty() || current != before.current;
    subject.state->current = current;
    return news;
  }
  subject.state = std::move(*answer);
  subject.state->current = true;
  subject.answered = clock_.steady();
  bool settled = true;
  for (const auto& [object, versions] : subject.named_by) {
    for (const auto& name : versions) {
      const ModelVersion* version = subject.state->find(name);
      settled = settled && (version == nullptr || is_settled(*version));
    }
  }
  subject.due = clock_.steady() + (settled ? kSeldom : kOften);
  return !known || before.versions != subject.state->versions ||
         before.default_version != subject.state->default_version || !before.problem.empty() ||
         !before.current;
}

std::vector<ObjectKey> TorchServeWatch::step(const std::stop_token& stop) {
  std::map<ModelKey, std::uint64_t> due;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, subject] : subjects_) {
      if (subject.due <= clock_.steady()) due.emplace(key, subject.changes);
    }
  }
  std::set<ObjectKey> concerned;
  std::map<ServerKey, kubernetes::ApiError> unreached;  // is not asked again in this round
  for (const auto& [key, changes] : due) {
    if (stop.stop_requested()) break;
    const auto failed = unreached.find(key.server);
    Answer answer = failed == unreached.end() ? ask(key, stop) : tl::unexpected(failed->second);
    if (!answer && answer.error().http == 0) unreached.emplace(key.server, answer.error());
    const std::lock_guard lock(mutex_);
    const auto subject = subjects_.find(key);
    if (subject == subjects_.end() || subject->second.changes != changes) continue;
    if (!take(subject->second, std::move(answer))) continue;
    for (const auto& [object, versions] : subject->second.named_by) concerned.insert(object);
  }
  return {concerned.begin(), concerned.end()};
}

std::optional<SteadyTime> TorchServeWatch::next_due() const {
  const std::lock_guard lock(mutex_);
  std::optional<SteadyTime> next;
  for (const auto& [key, subject] : subjects_) {
    if (!next || subject.due < *next) next = subject.due;
  }
  return next;
}

}  // namespace seraphim::workload
