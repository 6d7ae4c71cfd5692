#include "operator/collector_runner.h"

namespace seraphim::op {

CollectorRunner::CollectorRunner(MetricsCollector& collector, kubernetes::WorkQueue& queue,
                                 const kubernetes::Clock& clock)
    : collector_(collector), queue_(queue), clock_(clock) {
  collector_.on_sooner([this] {
    {
      const std::lock_guard lock(mutex_);
      sooner_ = true;
    }
    wake_.notify_one();
  });
}

CollectorRunner::~CollectorRunner() {
  stop();
}

void CollectorRunner::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void CollectorRunner::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void CollectorRunner::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    for (const auto& key : collector_.step(stop)) queue_.add(key, clock_.steady());
    std::unique_lock lock(mutex_);
    const auto due = collector_.next_due();
    const auto sooner = [this] { return sooner_; };
    if (due) {
      wake_.wait_until(lock, stop, *due, sooner);
    } else {
      wake_.wait(lock, stop, sooner);
    }
    sooner_ = false;
  }
}

}  // namespace seraphim::op
