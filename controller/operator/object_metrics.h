// Metrics of each SeraphimDeployment, read from the objects as they are at the scrape.
#pragma once

#include <prometheus/metric_family.h>

#include <memory>
#include <vector>

#include "operator/deployment_object.h"

namespace seraphim::op {

/// Each object has the labels `namespace` and `name`. Shares are between 0 and 1.
std::vector<::prometheus::MetricFamily> object_metrics(
    const std::vector<std::shared_ptr<const DeploymentObject>>& deployments);

}  // namespace seraphim::op
