#include "traffic/gateway_environment.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace seraphim::traffic {
namespace {

using nlohmann::json;

std::string variable_or(const GatewayContainer& container, const char* name, const std::string& otherwise) {
  const auto found = container.variables.find(name);
  return found == container.variables.end() ? otherwise : found->second.value;
}

std::vector<std::pair<std::string, std::string>> variables_of(const GatewayEnvironment& environment) {
  return {{kCanaryPercent, environment.canary_percent},
          {kBaselineName, environment.baseline.name},
          {kBaselineVersion, environment.baseline.version},
          {kCandidateName, environment.candidate.name},
          {kCandidateVersion, environment.candidate.version}};
}

json operation(const char* op, const std::string& path, const json& value) {
  return {{"op", op}, {"path", path}, {"value", value}};
}

}  // namespace

GatewayEnvironment read_environment(const GatewayContainer& container) {
  GatewayEnvironment environment;
  environment.canary_percent = variable_or(container, kCanaryPercent, "0");
  environment.baseline.name =
      variable_or(container, kBaselineName, variable_or(container, "MODEL_NAME", "custom-text"));
  environment.baseline.version = variable_or(container, kBaselineVersion, "");
  environment.candidate.name = variable_or(container, kCandidateName, environment.baseline.name);
  environment.candidate.version = variable_or(container, kCandidateVersion, "");
  return environment;
}

std::string force_header(const GatewayContainer& container) {
  return variable_or(container, kForceHeader, "X-Canary");
}

json environment_patch(const GatewayDeployment& deployment, std::size_t container,
                       const GatewayEnvironment& wanted) {
  const GatewayContainer& present = deployment.containers.at(container);
  const std::string base = "/spec/template/spec/containers/" + std::to_string(container);
  json tests = json::array({operation("test", base + "/name", present.name)});
  json changes = json::array();
  bool testable = true;
  for (const auto& [name, value] : variables_of(wanted)) {
    const auto found = present.variables.find(name);
    if (found == present.variables.end()) {
      testable = false;  // that something is not there cannot be tested
      if (!present.has_env && changes.empty())
        changes.push_back(operation("add", base + "/env", json::array()));
      changes.push_back(operation("add", base + "/env/-", {{"name", name}, {"value", value}}));
      continue;
    }
    const std::string entry = base + "/env/" + std::to_string(found->second.index);
    tests.push_back(operation("test", entry + "/name", name));
    if (found->second.value.empty()) {
      testable = false;  // the API server leaves an empty value out
    } else {
      tests.push_back(operation("test", entry + "/value", found->second.value));
    }
    if (found->second.value != value) changes.push_back(operation("add", entry + "/value", value));
  }
  if (changes.empty()) return changes;
  if (!testable) {
    changes.push_back(operation("add", "/metadata/resourceVersion", deployment.meta.resource_version));
  }
  tests.insert(tests.end(), changes.begin(), changes.end());
  return tests;
}

}  // namespace seraphim::traffic
