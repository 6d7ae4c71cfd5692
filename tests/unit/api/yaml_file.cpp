#include "api/yaml_file.h"

#include <yaml-cpp/yaml.h>

#include <stdexcept>

namespace seraphim::api {
namespace {

using nlohmann::json;

json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // quoted
  json value = json::parse(text, nullptr, false);
  return value.is_number() || value.is_boolean() ? value : json(text);
}

json to_json(const YAML::Node& node) {
  if (node.IsScalar()) return scalar(node);
  json value;
  if (node.IsMap()) {
    value = json::object();
    for (const auto& entry : node) value[entry.first.Scalar()] = to_json(entry.second);
  } else if (node.IsSequence()) {
    value = json::array();
    for (const auto& entry : node) value.push_back(to_json(entry));
  }
  return value;
}

std::vector<ObjectCase> read_cases(const json& file, const char* list) {
  std::vector<ObjectCase> cases;
  for (const json& entry : file.at(list)) {
    ObjectCase one{entry.at("name"), file.at("base"), entry.value("codec", "")};
    const json::json_pointer at(entry.at("at").get<std::string>());
    const bool removes = !entry.contains("value");
    one.object = one.object.patch(json::array({{{"op", removes ? "remove" : "add"},
                                                {"path", at.to_string()},
                                                {"value", removes ? json() : entry.at("value")}}}));
    cases.push_back(std::move(one));
  }
  return cases;
}

}  // namespace

std::vector<json> read_yaml_documents(const std::string& path) {
  std::vector<json> documents;
  for (const auto& node : YAML::LoadAllFromFile(SERAPHIM_SOURCE_DIR "/" + path))
    documents.push_back(to_json(node));
  return documents;
}

json read_yaml(const std::string& path) {
  auto documents = read_yaml_documents(path);
  if (documents.size() != 1) throw std::runtime_error(path + " does not have exactly one document");
  return std::move(documents.front());
}

json valid_deployment() {
  return read_yaml("tests/data/deployments.yaml").at("base");
}
std::vector<ObjectCase> invalid_deployments() {
  return read_cases(read_yaml("tests/data/deployments.yaml"), "cases");
}
std::vector<ObjectCase> accepted_deployments() {
  return read_cases(read_yaml("tests/data/deployments.yaml"), "accepted");
}

json valid_freeze() {
  return read_yaml("tests/data/freezes.yaml").at("base");
}
std::vector<ObjectCase> invalid_freezes() {
  return read_cases(read_yaml("tests/data/freezes.yaml"), "cases");
}
std::vector<ObjectCase> accepted_freezes() {
  return read_cases(read_yaml("tests/data/freezes.yaml"), "accepted");
}

}  // namespace seraphim::api
