// The threads that talk to TorchServes: one asks what is there, and each order that is under way has its own,
// since loading a model may take minutes.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "kubernetes/clock.h"
#include "kubernetes/work_queue.h"
#include "operator/poll_runner.h"
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

  // What the asking thread does, as poll_runner.h wants it.

  /// Begins the orders that are due, and asks.
  std::vector<kubernetes::ObjectKey> step(const std::stop_token& stop);
  std::optional<kubernetes::SteadyTime> next_due() const;
  void on_sooner(std::function<void()> wake);

 private:
  struct Job {
    std::atomic<bool> ended = false;
    std::jthread thread{};
  };

  void begin_orders();

  workload::TorchServes& torch_serves_;
  kubernetes::WorkQueue& queue_;
  const kubernetes::Clock& clock_;
  std::function<void()> wake_;
  std::list<Job> jobs_;  ///< of the thread below; then of whoever stopped it
  PollRunner<TorchServeRunner> asking_{*this, queue_, clock_};
};

}  // namespace seraphim::op
