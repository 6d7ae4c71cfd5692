// The thread of a reflector: asks the transport what the reflector wants to know, waits where it says wait.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
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
  /// When the thread last did something: asked, heard a line, waited; nothing while it does not run. It is
  /// never silent for long: watches are idle for `idle` at most, lists and waits are bounded too.
  std::optional<SteadyTime> last_active() const;

 private:
  void run(const std::stop_token& stop);
  void wait(SteadyTime until, const std::stop_token& stop);
  void watch(const Reflector::Watch& watch, const std::stop_token& stop);
  void publish();
  void set_active(std::optional<SteadyTime> when);

  Transport& transport_;
  const Clock& clock_;
  std::function<void(const std::string&)> report_;
  Reflector
      reflector_;  ///< touched by the thread only, so no lock is held while the sink or the network works
  mutable std::mutex mutex_;
  ReflectorStats published_;               ///< guarded by mutex_
  std::optional<SteadyTime> last_active_;  ///< guarded by mutex_
  std::jthread thread_;
};

}  // namespace seraphim::kubernetes
