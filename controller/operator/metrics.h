// The operator's own metrics, as the text that Prometheus scrapes. Names, labels and meanings:
// docs/metrics.md, which a test compares with this.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kubernetes/api_client.h"
#include "kubernetes/informer.h"
#include "kubernetes/transport.h"
#include "kubernetes/work_queue.h"
#include "operator/deployment_object.h"
#include "operator/rollout_metrics.h"

namespace seraphim::op {

/// Asked at each scrape, and to outlive the last one.
struct MetricSources {
  const kubernetes::WorkQueue& queue;
  const kubernetes::Clock& clock;
  std::function<std::vector<kubernetes::WatchState>()> watches;
  /// Nothing while this replica is not the one that acts: each object is told of once.
  std::function<std::vector<std::shared_ptr<const DeploymentObject>>()> deployments;
};

/// Thread-safe. Only what is read at the scrape may have an object as a label value: series that are
/// remembered would never go away.
class Metrics {
 public:
  static constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

  Metrics();
  ~Metrics();

  /// Before the first scrape; without it only what was counted is told.
  void watch(MetricSources sources);
  /// All of them, in the text format.
  std::string text() const;

  void reconciled(std::chrono::duration<double> took, bool ok);
  void called(const kubernetes::CallRecord& call);
  void asked_prometheus(const kubernetes::CallStatus& status, std::chrono::duration<double> took);
  /// `reason` is that of an Event: StepStarted, Promoted, RolledBack, ...
  void told(const std::string& reason);
  void set_leading(bool leading);
  RolloutMetrics& rollouts();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace seraphim::op
