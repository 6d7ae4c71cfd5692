#include "rbac_use.h"

#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "chart.h"

namespace seraphim::cluster {
namespace {

using nlohmann::json;

/// API group, resource with subresource, verb.
using Right = std::tuple<std::string, std::string, std::string>;

const Right kFinalizers{"serving.seraphim.io", "seraphimdeployments/finalizers", "update"};

std::set<Right> rights_of_the_chart() {
  std::set<Right> rights;
  for (const char* file : {"rules-of-objects.txt", "rules-of-leases.txt"}) {
    for (const YAML::Node& rule : YAML::LoadFile((chart() / "files" / file).string())) {
      for (const YAML::Node& group : rule["apiGroups"])
        for (const YAML::Node& resource : rule["resources"])
          for (const YAML::Node& verb : rule["verbs"])
            rights.emplace(group.as<std::string>(), resource.as<std::string>(), verb.as<std::string>());
    }
  }
  return rights;
}

Right right_of(const json& entry) {
  const json object = entry.value("objectRef", json::object());
  const std::string subresource = object.value("subresource", "");
  return {object.value("apiGroup", ""),
          object.value("resource", "") + (subresource.empty() ? "" : "/" + subresource),
          entry.value("verb", "")};
}

/// Admission asks for the right to set the owner's finalizers when a child blocks its deletion; that question
/// is not in the log, but its answer is: without the right such a child is refused.
bool blocks_its_owner(const json& entry) {
  const json body = entry.value("requestObject", json::object());
  if (!body.is_object()) return false;  // a JSON patch
  const json meta = body.value("metadata", json::object());
  for (const json& owner : meta.value("ownerReferences", json::array()))
    if (owner.value("blockOwnerDeletion", false)) return true;
  return false;
}

}  // namespace

RbacUse rbac_use(const AuditLog& audit) {
  RbacUse use;
  std::set<Right> unused = rights_of_the_chart();
  audit.each_of_an_operator([&](const json& entry) {
    const int code = entry.value("responseStatus", json::object()).value("code", 0);
    if (code == 403) {
      use.forbidden.push_back(entry.value("verb", "") + " " + entry.value("requestURI", ""));
      return;
    }
    unused.erase(right_of(entry));
    if (code < 300 && blocks_its_owner(entry)) unused.erase(kFinalizers);
  });
  for (const auto& [group, resource, verb] : unused) use.unused.push_back(verb + " " + resource);
  return use;
}

}  // namespace seraphim::cluster
