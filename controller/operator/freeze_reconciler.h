// The status of SeraphimFreezes: whether one is in force, until when, for how many objects.
#pragma once

#include <optional>
#include <stop_token>

#include "kubernetes/api_client.h"
#include "kubernetes/clock.h"
#include "kubernetes/workers.h"
#include "operator/cluster_view.h"

namespace spdlog {
class logger;
}

namespace seraphim::op {

/// Freezes share the work queue with SeraphimDeployments: their keys are "<namespace>/seraphimfreeze/<name>",
/// which no other object can have.
kubernetes::ObjectKey queue_key_of_freeze(const kubernetes::ObjectKey& freeze);
/// The freeze's own key; nothing when the key is that of a SeraphimDeployment.
std::optional<kubernetes::ObjectKey> freeze_of_queue_key(const kubernetes::ObjectKey& key);

/// Thread-safe for different keys.
class FreezeReconciler {
 public:
  FreezeReconciler(const ClusterView& view, kubernetes::ApiClient& client, const kubernetes::Clock& clock,
                   spdlog::logger& log);

  /// Writes the status when it differs, and asks to be called again at the next change by the clock.
  kubernetes::ReconcileOutcome reconcile(const kubernetes::ObjectKey& key, const std::stop_token& stop);

 private:
  api::FreezeStatus status_of(const FreezeObject& freeze, const api::FreezeState& state, api::Time now) const;
  kubernetes::Result<void> write_status(const FreezeObject& freeze, const api::FreezeStatus& status,
                                        const std::stop_token& stop);

  const ClusterView view_;
  kubernetes::ApiClient& client_;
  const kubernetes::Clock& clock_;
  spdlog::logger& log_;
};

}  // namespace seraphim::op
