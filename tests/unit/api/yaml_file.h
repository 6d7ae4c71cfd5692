// YAML files of the project as JSON, for tests.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace seraphim::api {

/// All documents of a file, given by its path in the checkout.
std::vector<nlohmann::json> read_yaml_documents(const std::string& path);
/// The only one.
nlohmann::json read_yaml(const std::string& path);

/// tests/data/deployments.yaml: a valid object, and cases that change it in one place.
struct ObjectCase {
  std::string name;
  nlohmann::json object;
  std::string problem;  ///< empty for the accepted ones
};
nlohmann::json valid_deployment();
std::vector<ObjectCase> invalid_deployments();
std::vector<ObjectCase> accepted_deployments();

/// tests/data/freezes.yaml, likewise.
nlohmann::json valid_freeze();
std::vector<ObjectCase> invalid_freezes();
std::vector<ObjectCase> accepted_freezes();

}  // namespace seraphim::api
