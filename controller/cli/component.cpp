#include "cli/component.h"

#include <map>

namespace seraphim::cli {

std::string deployment_of(const std::string& component) {
  static const std::map<std::string, std::string> kNames{{"gateway", "seraphim-inference"},
                                                         {"inference", "seraphim-inference"},
                                                         {"model-server", "seraphim-model-server"},
                                                         {"torchserve", "seraphim-model-server"}};
  const auto found = kNames.find(component);
  return found == kNames.end() ? component : found->second;
}

const std::vector<std::string>& restart_order() {
  static const std::vector<std::string> kOrder{"model-server", "gateway"};
  return kOrder;
}

const kubernetes::ResourceType& plain_deployment_type() {
  static const kubernetes::ResourceType type{"apps", "v1", "deployments", "Deployment"};
  return type;
}

}  // namespace seraphim::cli
