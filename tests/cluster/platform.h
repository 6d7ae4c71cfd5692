// The inference platform in a world's namespace: its gateway (a stand-in with its interface) in a pod, a real
// TorchServe with the model custom-text, a real Prometheus with the platform's two jobs, and a Grafana that
// answers.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "grafana_stand_in.h"
#include "prometheus_process.h"
#include "torch_serve_process.h"
#include "world.h"

namespace seraphim::cluster {

class Platform {
 public:
  /// Versions 1.0 and `candidate` of custom-text are registered with a worker each; the gateway has 1.0 as
  /// its baseline, `candidate` as its candidate, and weight 0. Returns when all of it is up.
  Platform(World& world, const std::string& candidate);

  const TorchServeProcess& torch_serve() const { return torch_serve_; }
  /// One pod, behind the gateway's Service.
  const std::string& gateway() const { return gateway_; }
  const PrometheusProcess& prometheus() const { return *prometheus_; }
  /// What kubectl-seraphim reads of it: "SERAPHIM_GATEWAY_URL=http://..." and so on.
  std::vector<std::string> addresses() const;

  /// So many workers for this version of custom-text, waited for; without any its predictions fail at once.
  void scale(const std::string& version, int workers);
  /// Predictions through the gateway, of the candidate or of the baseline.
  void predict(const std::string& variant, int count) const;
  /// Waits until its Prometheus has so many requests of this variant and outcome.
  ::testing::AssertionResult wait_for_requests(const std::string& variant, const std::string& outcome,
                                               int count) const;

 private:
  void register_model(const std::string& version);

  TorchServeProcess torch_serve_{TorchServeProcess::Reach::pods};
  GrafanaStandIn grafana_;
  std::string gateway_;
  std::unique_ptr<PrometheusProcess> prometheus_;
};

}  // namespace seraphim::cluster
