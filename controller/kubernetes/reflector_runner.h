// The thread of a reflector: asks the transport what the reflector wants to know, waits where it says wait.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "kubernetes/clock.h"
#include "kubernetes/reflector.h"
#include "kubernetes/transport.h"

namespace seraphim::kubernetes {

class ReflectorRunner {
 public:
  ReflectorRunner(Transport& transport, ReflectorOptions options, ReflectorSink& sink, const Clock& clock,
                  Random random, std::function<void(const std::string&)> report);
  ~ReflectorRunner();

  void start();
  /// Cancels what is under way and joins; not to be called by the sink. It can be started again.
  void stop();
  ReflectorStats stats() const;

 private:
  void run(const std::stop_token& stop);
  void wait(SteadyTime until, const std::stop_token& stop);
  void watch(const Reflector::Watch& watch, const std::stop_token& stop);
  void publish();

  Transport& transport_;
  const Clock& clock_;
  std::function<void(const std::string&)> report_;
  Reflector
      reflector_;  ///< touched by the thread only, so no lock is held while the sink or the network works
  mutable std::mutex mutex_;
  ReflectorStats published_;  ///< guarded by mutex_
  std::jthread thread_;
};

}  // namespace seraphim::kubernetes
