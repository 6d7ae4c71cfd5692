// Threads that take keys from a work queue and reconcile them (runtime rules 13, 14, 33).
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "kubernetes/clock.h"
#include "kubernetes/work_queue.h"

namespace seraphim::kubernetes {

/// What a reconcile wants to happen next.
struct ReconcileDone {
  std::optional<std::chrono::milliseconds> look_again{};
};
struct ReconcileAgain {  ///< failed in a way that may pass: try again with backoff
  std::string why{};
  std::chrono::milliseconds at_least{};
};
using ReconcileOutcome = std::variant<ReconcileDone, ReconcileAgain>;
using Reconcile = std::function<ReconcileOutcome(const ObjectKey& key, const std::stop_token& stop)>;

/// Takes one due key, reconciles it and books the outcome; false when none is due. An exception is an outcome
/// too: ReconcileAgain. `report` (may be empty) hears why a key is tried again; what it throws is ignored.
/// What the threads do in a loop, and all that a simulator needs.
bool work_once(WorkQueue& queue, const Reconcile& reconcile, const Clock& clock, const std::stop_token& stop,
               const std::function<void(const ObjectKey&, const std::string& why)>& report);

/// Thread-safe. What is handed in must outlive it.
class Workers {
 public:
  Workers(WorkQueue& queue, Reconcile reconcile, const Clock& clock,
          std::function<void(const ObjectKey&, const std::string& why)> report);
  /// As stop(0).
  ~Workers();

  void start(int threads);
  /// Closes the queue, lets the looks in progress end (asking them to stop after `drain`), joins. How long a
  /// look goes on after it was asked to stop is its own affair: a reconcile must hand its token to every call
  /// it makes.
  void stop(std::chrono::milliseconds drain);

 private:
  void run();

  WorkQueue& queue_;
  const Reconcile reconcile_;
  const Clock& clock_;
  const std::function<void(const ObjectKey&, const std::string& why)> report_;
  std::stop_source hurry_;  ///< asks looks in progress to stop
  std::mutex mutex_;        ///< guards running_ and threads_
  std::condition_variable ended_;
  int running_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace seraphim::kubernetes
