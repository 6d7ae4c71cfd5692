#include "kubernetes/exchange.h"

#include <utility>

namespace seraphim::kubernetes {

bool Exchange::put(std::string_view bytes, std::function<void()> resume) {
  const std::lock_guard lock(mutex_);
  if (discarding_) return true;
  unread_.append(bytes);
  changed_.notify_all();
  if (unread_.size() <= capacity_) return true;
  resume_ = std::move(resume);
  return false;
}

void Exchange::note_sent() {
  const std::lock_guard lock(mutex_);
  status_.sent = true;
}

void Exchange::set_head(int http, std::optional<std::chrono::milliseconds> retry_after) {
  const std::lock_guard lock(mutex_);
  status_.http = http;
  status_.retry_after = retry_after;
  status_.sent = true;
  head_ = true;
  changed_.notify_all();
}

void Exchange::finish(TransportError error, std::string detail, bool sent) {
  const std::lock_guard lock(mutex_);
  status_.error = error;
  status_.detail = std::move(detail);
  status_.sent = status_.sent || sent;
  finished_ = true;
  guard_.reset();
  changed_.notify_all();
}

Exchange::Wake Exchange::wait(Clock::time_point until, const std::stop_token& stop, std::size_t at_least) {
  std::unique_lock lock(mutex_);
  const auto ready = [&] { return finished_ || (head_ && unread_.size() >= at_least); };
  if (!changed_.wait_until(lock, stop, until, ready)) {
    return stop.stop_requested() ? Wake::stopped : Wake::timeout;
  }
  if (stop.stop_requested() && !finished_) return Wake::stopped;
  return finished_ && unread_.empty() ? Wake::finished : Wake::data;
}

std::string Exchange::take() {
  std::unique_lock lock(mutex_);
  std::string bytes = std::exchange(unread_, {});
  resume_network(std::move(lock));
  return bytes;
}

void Exchange::discard() {
  std::unique_lock lock(mutex_);
  discarding_ = true;
  unread_.clear();
  resume_network(std::move(lock));
}

void Exchange::resume_network(std::unique_lock<std::mutex> lock) {
  const auto resume = std::exchange(resume_, nullptr);
  lock.unlock();  // resuming runs code of the HTTP library, which may put() again
  if (resume) resume();
}

bool Exchange::wait_finished(Clock::time_point until) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, until, [this] { return finished_; });
}

CallStatus Exchange::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace seraphim::kubernetes
