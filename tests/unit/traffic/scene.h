// An object that shifts traffic, and the API server as a scripted transport.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "api/seraphim_deployment.h"
#include "kubernetes/api_client.h"
#include "kubernetes/fake_transport.h"
#include "kubernetes/store.h"
#include "traffic/backends.h"
#include "traffic/http_route.h"

namespace seraphim::traffic::testing {

using nlohmann::json;

/// SeraphimDeployment shop/web with uid "owner" and pods on port 8080.
inline api::SeraphimDeployment deployment(api::Traffic traffic) {
  api::SeraphimDeployment object;
  object.name = "web";
  object.namespace_ = "shop";
  object.uid = "owner";
  object.spec.workload = api::PodsWorkload{};
  object.spec.traffic = std::move(traffic);
  return object;
}

/// metadata as the API server sends it.
inline json metadata(const std::string& name, const std::string& owner, int version = 10) {
  json meta = {{"namespace", "shop"},
               {"name", name},
               {"uid", name + "-uid"},
               {"resourceVersion", std::to_string(version)},
               {"generation", 2}};
  if (!owner.empty()) meta["ownerReferences"] = json::array({{{"uid", owner}, {"controller", true}}});
  return meta;
}

/// Selects one revision of web, or all when it is empty.
inline json service(const std::string& name, const std::string& revision, const std::string& owner = "owner",
                    int version = 10) {
  json selector = {{"serving.seraphim.io/name", "web"}};
  if (!revision.empty()) selector["serving.seraphim.io/revision"] = revision;
  return {{"metadata", metadata(name, owner, version)}, {"spec", {{"selector", selector}}}};
}

/// One rule per list of backends.
inline json route(const std::string& name, const std::vector<std::vector<std::pair<std::string, int>>>& rules,
                  const std::string& owner = "", int version = 10) {
  json all = json::array();
  for (const auto& rule : rules) {
    json references = json::array();
    for (const auto& [backend, weight] : rule) references.push_back({{"name", backend}, {"weight", weight}});
    all.push_back({{"backendRefs", references}});
  }
  return {{"metadata", metadata(name, owner, version)}, {"spec", {{"rules", all}}}};
}

template <typename T>
void know(kubernetes::Store<T>& store, const json& object) {
  store.note_written(*kubernetes::Resource<T>::decode(object));
}

/// "PATCH /api/v1/...", without what stands behind the question mark.
inline std::vector<std::string> calls(const kubernetes::testing::FakeTransport& transport) {
  std::vector<std::string> lines;
  for (const auto& request : transport.requests()) {
    lines.push_back(request.method + " " + request.target.substr(0, request.target.find('?')));
  }
  return lines;
}

inline json body(const kubernetes::testing::FakeTransport& transport, std::size_t index) {
  return json::parse(transport.requests().at(index).body);
}

}  // namespace seraphim::traffic::testing
