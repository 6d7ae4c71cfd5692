// A thread that asks what is due, and lets the objects with new answers be looked at.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "kubernetes/clock.h"
#include "kubernetes/work_queue.h"

namespace seraphim::op {

/// Poller has step(stop), which returns the keys of the objects with new answers, next_due() and
/// on_sooner(wake).
template <typename Poller>
class PollRunner {
 public:
  PollRunner(Poller& poller, kubernetes::WorkQueue& queue, const kubernetes::Clock& clock)
      : poller_(poller), queue_(queue), clock_(clock) {
    poller_.on_sooner([this] {
      {
        const std::lock_guard lock(mutex_);
        sooner_ = true;
      }
      wake_.notify_one();
    });
  }
  ~PollRunner() { stop(); }
  PollRunner(const PollRunner&) = delete;
  PollRunner& operator=(const PollRunner&) = delete;

  void start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  void stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      for (const auto& key : poller_.step(stop)) queue_.add(key, clock_.steady());
      std::unique_lock lock(mutex_);
      const auto due = poller_.next_due();
      const auto sooner = [this] { return sooner_; };
      if (due) {
        wake_.wait_until(lock, stop, *due, sooner);
      } else {
        wake_.wait(lock, stop, sooner);
      }
      sooner_ = false;
    }
  }

  Poller& poller_;
  kubernetes::WorkQueue& queue_;
  const kubernetes::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool sooner_ = false;
  std::jthread thread_;
};

}  // namespace seraphim::op
