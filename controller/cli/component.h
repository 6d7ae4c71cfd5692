// The platform's components by the names that people use, and the Deployments behind them.
#pragma once

#include <string>
#include <vector>

#include "kubernetes/resource_type.h"

namespace seraphim::cli {

/// "gateway" and "inference" are seraphim-inference, "model-server" and "torchserve" are
/// seraphim-model-server; any other name is that of the Deployment itself.
std::string deployment_of(const std::string& component);

/// All that a full restart restarts, in that order: who is called comes before who calls.
const std::vector<std::string>& restart_order();

/// apps/v1 Deployment.
const kubernetes::ResourceType& plain_deployment_type();

}  // namespace seraphim::cli
