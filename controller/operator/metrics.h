// The operator's own metrics, on /metrics of a small HTTP server.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "kubernetes/api_client.h"

namespace seraphim::op {

/// Thread-safe. No object is ever a label value: series would never go away.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  /// Starts serving; throws std::runtime_error with the address and the reason.
  void serve(const std::string& address);
  /// No scrape is under way any more, and none comes: what watch_queue_depth() was given may go.
  void stop_serving();

  void reconciled(std::chrono::duration<double> took, bool ok);
  void called(const kubernetes::CallRecord& call);
  /// `reason` is that of an Event: StepStarted, Promoted, RolledBack, ...
  void told(const std::string& reason);
  /// Asked at each scrape.
  void watch_queue_depth(std::function<double()> depth);
  void set_leading(bool leading);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace seraphim::op
