// What "alive" and "ready" mean for the operator.
//
// Alive: a restart would not help. A standby replica is alive and ready, as its caches are warm; the API
// server or Prometheus being away is not the operator's death, and restarting would not bring them back.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <vector>

#include "kubernetes/clock.h"
#include "kubernetes/informer.h"
#include "kubernetes/work_queue.h"
#include "operator/health.h"
#include "operator/metrics_collector.h"

namespace seraphim::op {

/// Which part of its life the process is in.
struct LifeStage {
  std::atomic<bool> working = false;   ///< the workers have been started: this replica acts
  std::atomic<bool> stopping = false;  ///< it has been asked to end
};

/// What the checks look at; all of it outlives them.
struct Vitals {
  const kubernetes::WorkQueue& queue;
  const MetricsCollector& collector;
  std::function<std::vector<kubernetes::WatchState>()> watches;
  const LifeStage& stage;
  const kubernetes::Clock& clock;
  /// Longer than any look or round of questions takes that is not stuck.
  std::chrono::milliseconds stuck_after;
};

/// A thread of a watch is never silent for so long: a stream is idle for 90 s at most, a list takes a minute,
/// and a wait that the API server asks for 5 minutes.
inline constexpr std::chrono::minutes kLongestSilenceOfAWatch{10};

/// reconcile: no look takes too long, and what is due is taken. collector: Prometheus is being asked.
/// watches: the threads of all watches run.
std::vector<HealthCheck> livez_checks(const Vitals& vitals);
/// sync: each watched kind has been listed. shutdown: it is not ending.
std::vector<HealthCheck> readyz_checks(const Vitals& vitals);

}  // namespace seraphim::op
