// The thread that asks Prometheus.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "kubernetes/clock.h"
#include "kubernetes/work_queue.h"
#include "operator/metrics_collector.h"

namespace seraphim::op {

class CollectorRunner {
 public:
  /// Puts every object with a new answer into the queue.
  CollectorRunner(MetricsCollector& collector, kubernetes::WorkQueue& queue, const kubernetes::Clock& clock);
  ~CollectorRunner();

  void start();
  void stop();

 private:
  void run(const std::stop_token& stop);

  MetricsCollector& collector_;
  kubernetes::WorkQueue& queue_;
  const kubernetes::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool sooner_ = false;
  std::jthread thread_;
};

}  // namespace seraphim::op
