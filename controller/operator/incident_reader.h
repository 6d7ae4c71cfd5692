// Gathers what a post-mortem is made from: the status, the records of revisions, the object's Events, and the
// error rates that Prometheus has kept.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "kubernetes/api_client.h"
#include "kubernetes/clock.h"
#include "operator/cluster_view.h"
#include "report/incident.h"

namespace seraphim::op {

class IncidentReader {
 public:
  using TransportFor = std::function<std::shared_ptr<kubernetes::Transport>(const std::string& address)>;

  IncidentReader(const ClusterView& view, kubernetes::ApiClient& client, TransportFor transport_for,
                 const kubernetes::Clock& clock)
      : view_(view), client_(client), transport_for_(std::move(transport_for)), clock_(clock) {}

  /// Takes as long as its questions: seconds. `object` is as it was after the rollback, `wanted` the revision
  /// that the spec asks for now; `remembered` is what was told and may not be an Event yet. What cannot be
  /// had is said in the incident; the error is one of the API server's that may pass.
  kubernetes::Result<report::Incident> read(const api::SeraphimDeployment& object, const std::string& wanted,
                                            std::vector<report::Told> remembered,
                                            const std::stop_token& stop) const;

 private:
  kubernetes::Result<void> add_events(const api::SeraphimDeployment& object, report::Incident& incident,
                                      const std::stop_token& stop) const;
  void add_rates(report::Incident& incident, const std::stop_token& stop) const;

  const ClusterView view_;
  kubernetes::ApiClient& client_;
  const TransportFor transport_for_;
  const kubernetes::Clock& clock_;
};

}  // namespace seraphim::op
