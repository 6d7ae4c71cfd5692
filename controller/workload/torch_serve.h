// workload.torchServe: a revision is a model version in a running TorchServe.
//
// A version without traffic keeps its registration and has 0 workers: it costs no memory of workers, a
// request forced to it gets 503 at once (one whose worker keeps crashing would hang), and it is back without
// loading the archive again. Beyond the history limit it is unregistered. When the SeraphimDeployment is
// deleted its versions stay as they are.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "kubernetes/clock.h"
#include "workload/torch_serve_orders.h"
#include "workload/torch_serve_watch.h"
#include "workload/workload_adapter.h"

namespace seraphim::workload {

/// Makes no request itself: it reads what the watch knows and places orders.
class TorchServe final : public WorkloadAdapter {
 public:
  /// The revisions on record of an object: nothing on the server says which version is whose.
  using Recorded = std::function<std::vector<api::Revision>(const api::SeraphimDeployment&)>;

  TorchServe(TorchServeWatch& watch, TorchServeOrders& orders, Recorded recorded,
             const kubernetes::Clock& clock)
      : watch_(watch), orders_(orders), recorded_(std::move(recorded)), clock_(clock) {}

  bool knows(const api::SeraphimDeployment& object) const override;
  std::vector<rollout::WorkloadState> observe(const api::SeraphimDeployment& object) const override;
  kubernetes::Result<void> scale(const api::SeraphimDeployment& object, const api::Revision& revision,
                                 std::int32_t replicas, const std::stop_token& stop) override;
  kubernetes::Result<void> remove(const api::SeraphimDeployment& object, const std::string& revision,
                                  const std::stop_token& stop) override;
  /// A default version that somebody else moves is put back at most once in ten minutes.
  void serve_by_default(const api::SeraphimDeployment& object, const std::string& revision) override;

 private:
  const api::Revision* find(const std::vector<api::Revision>& revisions, const std::string& name) const;

  TorchServeWatch& watch_;
  TorchServeOrders& orders_;
  const Recorded recorded_;
  const kubernetes::Clock& clock_;
  std::mutex mutex_;
  std::map<ModelKey, std::pair<std::string, kubernetes::SteadyTime>>
      made_default_;  ///< last version, and when
};

}  // namespace seraphim::workload
