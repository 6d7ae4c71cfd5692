// The thread of a LeaderElector: one round after the other, until it is stopped.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <thread>

#include "kubernetes/clock.h"
#include "kubernetes/leader_election.h"

namespace seraphim::kubernetes {

/// Thread-safe. The elector and the clock must outlive it; the clock must run as the machine's does.
class LeaderRunner {
 public:
  LeaderRunner(LeaderElector& elector, const Clock& clock);
  /// As stop().
  ~LeaderRunner();

  void start();
  /// Breaks off the round in progress and joins. The lease stays held, so that the last writes can be
  /// finished within the renew deadline; call LeaderElector::release() after them.
  void stop();

  /// True as soon as this process leads; false when stop was requested, or when leadership was lost, which is
  /// for good.
  bool wait_until_leading(const std::stop_token& stop);
  /// True as soon as leadership was lost, to the millisecond and not only after the round in progress; false
  /// when stop was requested. A process that was never leading waits on.
  bool wait_until_lost(const std::stop_token& stop);

 private:
  void run(const std::stop_token& stop);

  LeaderElector& elector_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t rounds_ = 0;
  std::jthread thread_;
};

}  // namespace seraphim::kubernetes
