// The thread of an EventRecorder: writes what was recorded, as soon as it may.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "kubernetes/event_recorder.h"

namespace seraphim::kubernetes {

/// Thread-safe, apart from start(). What is handed in must outlive it; the clock must run as the machine's
/// does.
class EventRunner {
 public:
  EventRunner(EventRecorder& recorder, ApiClient& client, const Clock& clock);
  /// As stop(0).
  ~EventRunner();

  void start();
  /// Writes what still waits, for `grace` at most, then breaks off and joins. What is left stays in the
  /// recorder.
  void stop(std::chrono::milliseconds grace = std::chrono::seconds(3));

 private:
  void run(const std::stop_token& stop);
  void write_the_rest();

  EventRecorder& recorder_;
  ApiClient& client_;
  const Clock& clock_;
  std::stop_source give_up_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool running_ = false;
  std::jthread thread_;
};

}  // namespace seraphim::kubernetes
