// The checks behind the lines of `health`: each asks one part of the platform and judges its answer.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/ask.h"
#include "cli/cluster.h"
#include "cli/health_report.h"

namespace seraphim::cli {

struct HealthCheck {
  std::string section{}, name{};
  std::function<Verdict()> run{};
};

/// A model that must be served; version empty: all of its versions.
struct ExpectedModel {
  std::string name{}, version{};
};

// One part each. What went wrong is said with the URL, the answer, and what to look at.
Verdict check_gateway(const Ask& ask, const std::string& url);
Verdict check_inference(const Ask& ask, const std::string& url);
/// Every model that is expected, or without expectations every registered one, has a READY worker in each
/// version. One that was scaled to no workers on purpose, as the operator does after a promotion, needs none
/// unless it is expected or the default.
Verdict check_management(const Ask& ask, const std::string& url, const std::vector<ExpectedModel>& expected);
Verdict check_prometheus(const Ask& ask, const std::string& url);
Verdict check_grafana(const Ask& ask, const std::string& url);
Verdict check_gateway_metrics(const Ask& ask, const std::string& url);
/// All targets are up, and there is one at least.
Verdict check_targets(const Ask& ask, const std::string& url);
/// A prediction that the gateway counted as a success: its answer is 200 also when the model is dead, and
/// then made up.
Verdict check_prediction(const Ask& ask, const std::string& url);
/// Every Deployment of the namespace has its replicas ready, every SeraphimDeployment serves.
Verdict check_workloads(const Cluster& cluster);

}  // namespace seraphim::cli
