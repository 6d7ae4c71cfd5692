// HTTPRoutes in front of the platform's gateway, and an API server that knows them and the gateway.
#pragma once

#include <map>
#include <string>

#include "traffic/gateway_scene.h"

namespace seraphim::traffic::testing {

/// A backendRef to the gateway's Service whose filter sets the header to this variant.
inline json forcing(const std::string& variant, int weight, const std::string& header = "X-Canary",
                    const std::string& service = "seraphim-inference") {
  const json set = json::array({{{"name", header}, {"value", variant}}});
  return {{"name", service},
          {"port", 80},
          {"weight", weight},
          {"filters",
           json::array({{{"type", "RequestHeaderModifier"}, {"requestHeaderModifier", {{"set", set}}}}})}};
}

/// HTTPRoute shop/NAME with one rule of these backendRefs.
inline json route_with(const std::string& name, const json& backends, int version = 20) {
  return {{"metadata", metadata(name, "", version)},
          {"spec", {{"rules", json::array({{{"backendRefs", backends}}})}}}};
}

inline json variant_route(const std::string& name, int baseline, int candidate, int version = 20) {
  return route_with(name, json::array({forcing("baseline", baseline), forcing("candidate", candidate)}),
                    version);
}

/// GET, and JSON patches with the versions' lock, by path.
class PatchingServer {
 public:
  kubernetes::Response answer(const kubernetes::Request& request) {
    const std::string path = request.target.substr(0, request.target.find('?'));
    if (!objects.contains(path)) return kubernetes::testing::refuse(404, "NotFound");
    if (request.method == "PATCH") {
      try {
        json changed = objects[path].patch(json::parse(request.body));
        const auto version_in = [](const json& object) { return object["metadata"]["resourceVersion"]; };
        if (version_in(changed) != version_in(objects[path]))
          return kubernetes::testing::refuse(409, "Conflict");
        objects[path] = std::move(changed);
      } catch (const json::exception&) {
        return kubernetes::testing::refuse(422, "Invalid", "the test failed");
      }
      edit(path);
    }
    return kubernetes::testing::ok(objects[path].dump());
  }
  /// As somebody else's write.
  json& edit(const std::string& path) {
    objects.at(path)["metadata"]["resourceVersion"] = std::to_string(++version_);
    return objects.at(path);
  }

  std::map<std::string, json> objects{};

 private:
  int version_ = 100;
};

}  // namespace seraphim::traffic::testing
