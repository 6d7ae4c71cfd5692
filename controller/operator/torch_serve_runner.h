// The threads that talk to TorchServes: one asks what is there, and each order that is under way has its own,
// since loading a model may take minutes.
#pragma once

#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

#include "kubernetes/clock.h"
#include "kubernetes/work_queue.h"
#include "workload/torch_serves.h"

namespace seraphim::op {

class TorchServeRunner {
 public:
  /// Puts every object with news into the queue.
  TorchServeRunner(workload::TorchServes& torch_serves, kubernetes::WorkQueue& queue,
                   const kubernetes::Clock& clock);
  ~TorchServeRunner();

  void start();
  /// Gives up what is under way: it is looked at anew after the next start.
  void stop();

 private:
  struct Job {
    std::atomic<bool> ended = false;
    std::jthread thread{};
  };

  void run(const std::stop_token& stop);
  void begin_orders();
  void wake_up();
  std::optional<kubernetes::SteadyTime> next_due() const;

  workload::TorchServes& torch_serves_;
  kubernetes::WorkQueue& queue_;
  const kubernetes::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool woken_ = false;
  std::list<Job> jobs_;  ///< of the thread below; then of whoever stopped it
  std::jthread thread_;
};

}  // namespace seraphim::op
