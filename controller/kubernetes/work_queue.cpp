#include "kubernetes/work_queue.h"

#include <algorithm>

namespace seraphim::kubernetes {

namespace {

constexpr std::chrono::milliseconds kForEver = std::chrono::hours(24 * 365 * 10);  // and no overflow

std::chrono::milliseconds doubled(std::chrono::milliseconds first, std::chrono::milliseconds longest,
                                  int times) {
  auto delay = std::min(first, longest);
  // Halving the limit instead of doubling the delay: no overflow.
  for (int i = 0; i < times; ++i) {
    if (delay > longest / 2) return longest;
    delay *= 2;
  }
  return delay;
}

}  // namespace

WorkQueue::WorkQueue(WorkQueueOptions options)
    : options_(options), retries_(options.retries_per_second, options.burst) {}

void WorkQueue::add(const ObjectKey& key, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  promote(now);  // those that were due before this one go before it
  make_ready(key, now);
}

void WorkQueue::add_after(const ObjectKey& key, std::chrono::milliseconds delay, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  promote(now);
  if (delay.count() <= 0) return make_ready(key, now);
  delay_until(key, now + std::min(delay, kForEver));
}

void WorkQueue::add_rate_limited(const ObjectKey& key, SteadyTime now, std::chrono::milliseconds at_least) {
  std::chrono::milliseconds delay{};
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    int& failures = failures_[key];
    delay = doubled(options_.first_retry, options_.longest_retry, failures);
    if (delay < options_.longest_retry) ++failures;
    delay = std::max({delay, retries_.reserve(now), at_least});
  }
  add_after(key, delay, now);
}

void WorkQueue::forget(const ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  failures_.erase(key);
}

std::optional<ObjectKey> WorkQueue::try_take(SteadyTime now) {
  const std::lock_guard lock(mutex_);
  return take_ready(now);
}

void WorkQueue::done(const ObjectKey& key, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  if (processing_.erase(key) == 0) return;
  promote(now);
  if (again_.erase(key) > 0) make_ready(key, now);
  if (delayed_.contains(key)) tell_waiting();  // nobody waited for a key that was being looked at
}

std::optional<SteadyTime> WorkQueue::next_due() const {
  const std::lock_guard lock(mutex_);
  return next_due_locked();
}

std::optional<ObjectKey> WorkQueue::take(const Clock& clock, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!closed_ && !stop.stop_requested()) {
    if (auto key = take_ready(clock.steady())) return key;
    const auto news = [this, seen = changes_] { return changes_ != seen; };
    if (const auto due = next_due_locked()) {
      changed_.wait_until(lock, stop, *due, news);
    } else {
      changed_.wait(lock, stop, news);
    }
  }
  return std::nullopt;
}

void WorkQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  tell_waiting();
}

std::size_t WorkQueue::depth() const {
  const std::lock_guard lock(mutex_);
  return ready_.size() + again_.size();
}

std::size_t WorkQueue::processing() const {
  const std::lock_guard lock(mutex_);
  return processing_.size();
}

std::optional<std::pair<ObjectKey, SteadyTime>> WorkQueue::longest_look() const {
  const std::lock_guard lock(mutex_);
  const auto longest =
      std::min_element(processing_.begin(), processing_.end(),
                       [](const auto& left, const auto& right) { return left.second < right.second; });
  if (longest == processing_.end()) return std::nullopt;
  return *longest;
}

std::optional<SteadyTime> WorkQueue::starved_since(SteadyTime now) const {
  const std::lock_guard lock(mutex_);
  const auto due = next_due_locked();
  if (!due || *due > now) return std::nullopt;
  return std::max(*due, last_taken_);
}

void WorkQueue::make_ready(const ObjectKey& key, SteadyTime now) {
  cancel_delayed(key);
  if (processing_.contains(key)) {
    again_.insert(key);
    return;
  }
  if (!queued_.insert(key).second) return;
  ready_.push_back({key, now});
  tell_waiting();
}

void WorkQueue::promote(SteadyTime now) {
  while (!by_due_.empty() && by_due_.begin()->first <= now) {
    const auto [due, key] = *by_due_.begin();
    make_ready(key, due);
  }
}

void WorkQueue::cancel_delayed(const ObjectKey& key) {
  const auto found = delayed_.find(key);
  if (found == delayed_.end()) return;
  by_due_.erase({found->second, key});
  delayed_.erase(found);
}

void WorkQueue::delay_until(const ObjectKey& key, SteadyTime due) {
  if (queued_.contains(key) || again_.contains(key)) return;
  if (const auto found = delayed_.find(key); found != delayed_.end() && found->second <= due) return;
  cancel_delayed(key);
  delayed_.emplace(key, due);
  by_due_.emplace(due, key);
  tell_waiting();
}

std::optional<ObjectKey> WorkQueue::take_ready(SteadyTime now) {
  if (closed_) return std::nullopt;
  promote(now);
  if (ready_.empty()) return std::nullopt;
  ObjectKey key = std::move(ready_.front().key);
  ready_.pop_front();
  queued_.erase(key);
  processing_.emplace(key, now);
  last_taken_ = now;
  return key;
}

std::optional<SteadyTime> WorkQueue::next_due_locked() const {
  if (closed_) return std::nullopt;
  std::optional<SteadyTime> due;
  if (!ready_.empty()) due = ready_.front().since;
  for (const auto& [time, key] : by_due_) {
    if (processing_.contains(key)) continue;
    return due ? std::min(*due, time) : time;
  }
  return due;
}

void WorkQueue::tell_waiting() {
  ++changes_;
  changed_.notify_all();
}

}  // namespace seraphim::kubernetes
