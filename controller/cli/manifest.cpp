#include "cli/manifest.h"

#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "api/codec.h"

namespace seraphim::cli {
namespace {

using nlohmann::json;

constexpr int kDeepest = 100;          // a pod template has about 15 levels
constexpr int kMostNodes = 1'000'000;  // aliases may multiply them

/// As Kubernetes reads YAML: a plain scalar may be a number, a boolean or nothing; a quoted one is a text.
json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;
  json value = json::parse(text, nullptr, false);
  return value.is_number() || value.is_boolean() ? value : json(text);
}

json as_json(const YAML::Node& node, int depth, int& nodes) {
  if (depth > kDeepest || ++nodes > kMostNodes)
    throw std::runtime_error("it is nested too deeply or too large");
  if (node.IsScalar()) return scalar(node);
  json value;
  if (node.IsMap()) {
    value = json::object();
    for (const auto& entry : node) value[entry.first.Scalar()] = as_json(entry.second, depth + 1, nodes);
  } else if (node.IsSequence()) {
    value = json::array();
    for (const auto& entry : node) value.push_back(as_json(entry, depth + 1, nodes));
  }
  return value;
}

void add_ours(const json& document, std::vector<json>& ours) {
  if (!document.is_object()) return;
  const auto kind = document.find("kind");
  if (kind == document.end() || !kind->is_string()) return;
  if (*kind == api::kKind) ours.push_back(document);
  const auto items = document.find("items");  // what kubectl get --output yaml prints for several
  if (*kind != "List" || items == document.end() || !items->is_array()) return;
  for (const json& item : *items) add_ours(item, ours);
}

}  // namespace

tl::expected<api::SeraphimDeployment, std::string> read_manifest(const std::string& yaml) {
  std::vector<json> ours;
  try {
    int nodes = 0;
    for (const auto& document : YAML::LoadAll(yaml)) add_ours(as_json(document, 0, nodes), ours);
  } catch (const std::exception& failure) {
    return tl::unexpected("the manifest is not YAML that can be used: " + std::string(failure.what()));
  }
  if (ours.size() != 1) {
    return tl::unexpected("the manifest holds " + std::to_string(ours.size()) +
                          " objects of kind SeraphimDeployment; write exactly one");
  }
  auto object = api::decode_deployment(ours.front());
  if (!object.problems.empty()) {
    std::string all;
    for (const auto& problem : object.problems) all += (all.empty() ? "" : "\n") + problem;
    return tl::unexpected(all);
  }
  if (object.namespace_.empty()) object.namespace_ = "default";
  return object;
}

}  // namespace seraphim::cli
