#include "kubernetes/leader_runner.h"

namespace seraphim::kubernetes {

LeaderRunner::LeaderRunner(LeaderElector& elector, const Clock& clock) : elector_(elector), clock_(clock) {}

LeaderRunner::~LeaderRunner() {
  stop();
}

void LeaderRunner::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void LeaderRunner::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void LeaderRunner::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto pause = elector_.step(stop);
    std::unique_lock lock(mutex_);
    ++rounds_;
    changed_.notify_all();
    changed_.wait_for(lock, stop, pause, [] { return false; });
  }
}

bool LeaderRunner::wait_until_leading(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const SteadyTime now = clock_.steady();
    if (elector_.leading(now)) return true;
    if (elector_.lost(now) || stop.stop_requested()) return false;
    changed_.wait(lock, stop, [this, seen = rounds_] { return rounds_ != seen; });
  }
}

bool LeaderRunner::wait_until_lost(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!elector_.lost(clock_.steady())) {
    if (stop.stop_requested()) return false;
    const auto news = [this, seen = rounds_] { return rounds_ != seen; };
    if (const auto until = elector_.leading_until()) {
      changed_.wait_until(lock, stop, *until, news);
    } else {
      changed_.wait(lock, stop, news);
    }
  }
  return true;
}

}  // namespace seraphim::kubernetes
