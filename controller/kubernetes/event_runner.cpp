#include "kubernetes/event_runner.h"

namespace seraphim::kubernetes {

EventRunner::EventRunner(EventRecorder& recorder, ApiClient& client, const Clock& clock)
    : recorder_(recorder), client_(client), clock_(clock) {}

EventRunner::~EventRunner() {
  stop({});
}

void EventRunner::start() {
  running_ = true;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void EventRunner::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    // A write in progress is not broken off by the stop request: it has until the end of the grace.
    const auto pause = recorder_.flush(client_, clock_, give_up_.get_token());
    recorder_.wait(stop, pause);
  }
  write_the_rest();
  const std::lock_guard lock(mutex_);
  running_ = false;
  changed_.notify_all();
}

void EventRunner::write_the_rest() {
  recorder_.hurry();
  while (!give_up_.stop_requested()) {
    const auto pause = recorder_.flush(client_, clock_, give_up_.get_token());
    if (!pause) return;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, give_up_.get_token(), *pause, [] { return false; });
  }
}

void EventRunner::stop(std::chrono::milliseconds grace) {
  thread_.request_stop();
  {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, grace, [this] { return !running_; });
  }
  give_up_.request_stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace seraphim::kubernetes
