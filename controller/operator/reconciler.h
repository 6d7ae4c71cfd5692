// One look at one object: observe, decide, act, write status, tell. All state is in API objects.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include "kubernetes/api_client.h"
#include "kubernetes/clock.h"
#include "kubernetes/event_recorder.h"
#include "kubernetes/workers.h"
#include "operator/adapters.h"
#include "operator/cluster_view.h"
#include "operator/freeze_reconciler.h"
#include "operator/metrics_collector.h"
#include "operator/observer.h"
#include "operator/performer.h"
#include "rollout/plan.h"

namespace spdlog {
class logger;
}

namespace seraphim::op {

/// Thread-safe for different keys; the work queue sees to it that one key is looked at once at a time.
class Reconciler {
 public:
  struct Parts {
    ClusterView view;
    kubernetes::ApiClient& client;
    MetricsCollector& collector;
    workload::TorchServes& torch_serves;
    kubernetes::EventRecorder& events;
    const kubernetes::Clock& clock;
    spdlog::logger& log;
    /// Told of every line of the story, for metrics; may be empty.
    std::function<void(const kubernetes::ObjectKey&, const rollout::Narrative&)> on_story{};
    /// Told of every action that was carried out, and of every status that was written: by the object as it
    /// was before. Each may be empty.
    std::function<void(const rollout::Action&)> on_action{};
    std::function<void(const api::SeraphimDeployment& before, const api::Status& after)> on_status{};
  };
  explicit Reconciler(Parts parts);

  /// `key` names a SeraphimDeployment, or as queue_key_of_freeze() a SeraphimFreeze.
  kubernetes::ReconcileOutcome reconcile(const kubernetes::ObjectKey& key, const std::stop_token& stop);

 private:
  /// What one pass led to.
  struct Pass {
    bool quiet = false;  ///< nothing was left to do
    std::optional<std::chrono::milliseconds> look_again{};
    std::optional<kubernetes::ApiError> failure{};
  };
  Pass pass(const DeploymentObject& deployment, const std::stop_token& stop);
  /// A debug line for each pass that came to something while revisions are compared: what
  /// `kubectl-seraphim simulate --looks` needs to come to the same.
  void log_look(const rollout::Observation& observation, const std::optional<Assessed>& assessed,
                const rollout::Plan& plan);
  kubernetes::Result<rollout::Plan> plan_for(rollout::Observation& observation,
                                             traffic::TrafficAdapter& traffic, const std::stop_token& stop);
  std::optional<kubernetes::ApiError> act(const rollout::Observation& observation, const rollout::Plan& plan,
                                          workload::WorkloadAdapter& workload,
                                          traffic::TrafficAdapter& traffic, const std::stop_token& stop,
                                          bool& write_status);
  /// Reads the object afresh before it gets new children: while a watch that lags does not tell of a
  /// deletion, the garbage collector would remove them and this operator make them anew, again and again.
  kubernetes::Result<void> require_owner(const api::SeraphimDeployment& object, const std::stop_token& stop);
  kubernetes::Result<void> write_status(const DeploymentObject& deployment, const api::Status& status,
                                        const std::stop_token& stop);
  void tell(const DeploymentObject& deployment, const rollout::Narrative& narrative);
  void tell_failure(const rollout::Observation& observation, const rollout::Action& action,
                    const kubernetes::ApiError& error);
  void add_scale_problems(rollout::Observation& observation) const;
  void note_scale_problem(const std::string& uid, const std::string& revision, const std::string& problem);

  Parts parts_;
  Adapters adapters_;
  Performer performer_;
  FreezeReconciler freezes_;
  mutable std::mutex mutex_;
  /// Why the API server refused to run a revision, by uid of the object and revision: not in any object,
  /// because there is none. Lost at a restart, and found again by the next try.
  std::map<std::pair<std::string, std::string>, std::string> scale_problems_;
};

}  // namespace seraphim::op
