// The operator's own metrics, as the text that Prometheus scrapes.
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
  static constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

  Metrics();
  ~Metrics();

  /// All of them, in the text format.
  std::string text() const;

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
