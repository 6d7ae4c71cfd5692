// What the pods of the platform's gateway say themselves. A pod's environment is fixed when it starts, so a
// weight is true only when every pod reports it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "api/time.h"
#include "kubernetes/object_meta.h"

namespace seraphim::traffic {

struct GatewayQuestion {
  kubernetes::ObjectKey deployment{};
  std::string uid{};                              ///< of the Deployment
  std::map<std::string, std::string> selector{};  ///< of its pods
  std::int32_t port = 8080;
  /// What each pod has to report as CANARY_PERCENT, and what else was set with it: pods that have agreed to
  /// another setting are asked again.
  std::string canary_percent{}, setting{};
  api::Duration settle{0};  ///< they agree for this long
  bool operator==(const GatewayQuestion&) const = default;
};

/// Answers from memory; whoever implements it asks the pods at other times. Thread-safe.
class GatewayReadings {
 public:
  virtual ~GatewayReadings() = default;
  /// Empty when the pods have agreed to exactly this for long enough; else a sentence that says what is in
  /// the way. Repeating a question changes nothing.
  virtual std::string unsettled(const kubernetes::ObjectKey& object, const GatewayQuestion& question) = 0;
  /// Nobody waits for an answer any more.
  virtual void forget(const kubernetes::ObjectKey& object) = 0;
};

}  // namespace seraphim::traffic
