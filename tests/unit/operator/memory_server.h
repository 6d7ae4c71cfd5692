// An API server in memory, as far as the operator's writes need one: create, get, list, patch, apply, delete,
// with versions and uids. Installs itself as the handler of a FakeTransport.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "kubernetes/fake_transport.h"
#include "kubernetes/resource_type.h"

namespace seraphim::op::testing {

using nlohmann::json;

/// For one thread.
class MemoryServer {
 public:
  explicit MemoryServer(kubernetes::testing::FakeTransport& transport) {
    transport.otherwise([this](const kubernetes::Request& request) { return handle(request); });
  }

  /// What it answers instead; may change objects first.
  std::function<std::optional<kubernetes::Response>(const kubernetes::Request&)> intercept{};
  std::map<std::string, json> objects{};  ///< by path

  /// As somebody else's write: with a new version.
  json& edit(const std::string& path) {
    json& object = objects.at(path);
    object["metadata"]["resourceVersion"] = std::to_string(++version_);
    return object;
  }
  json& add(const std::string& path, json object) {
    json& meta = object["metadata"];
    if (!meta.contains("uid"))
      meta["uid"] = path.substr(path.rfind('/') + 1) + "-uid" + std::to_string(version_);
    meta["generation"] = 1;
    objects[path] = std::move(object);
    return edit(path);
  }

 private:
  using Response = kubernetes::Response;

  static Response refuse(int http, const char* reason) { return kubernetes::testing::refuse(http, reason); }

  Response handle(const kubernetes::Request& request) {
    if (intercept) {
      if (auto answer = intercept(request)) return *answer;
    }
    std::string path = request.target.substr(0, request.target.find('?'));
    if (path.ends_with("/status")) path.resize(path.size() - std::string("/status").size());
    if (request.method == "POST") {
      const json object = json::parse(request.body);
      path += "/" + object["metadata"]["name"].get<std::string>();
      if (objects.contains(path)) return refuse(409, "AlreadyExists");
      return kubernetes::testing::reply(201, add(path, object).dump());
    }
    if (request.method == "GET" && request.target.find("?limit=") != std::string::npos)
      return list(path, request.target);
    const bool apply = request.content_type == "application/apply-patch+yaml";
    if (apply && !objects.contains(path)) objects[path] = json::object();
    if (!objects.contains(path)) return refuse(404, "NotFound");
    if (request.method == "GET") return kubernetes::testing::ok(objects[path].dump());
    if (request.method == "DELETE") {
      objects.erase(path);
      return kubernetes::testing::ok();
    }
    return patch(path, request);
  }

  /// Of a collection, by the labels of the selector; field selectors select everything.
  Response list(const std::string& path, const std::string& target) const {
    json items = json::array();
    for (const auto& [at, object] : objects) {
      if (!at.starts_with(path + "/")) continue;
      bool selected = true;
      const json labels = object["metadata"].value("labels", json::object());
      for (const auto& [key, value] : labels.items()) {
        const auto asked = target.find(kubernetes::percent_encode(key + "="));
        const auto wanted = kubernetes::percent_encode(key + "=" + value.get<std::string>());
        if (asked != std::string::npos && target.find(wanted) == std::string::npos) selected = false;
      }
      if (selected) items.push_back(object);
    }
    return kubernetes::testing::ok(json{{"kind", "List"}, {"items", items}}.dump());
  }

  Response patch(const std::string& path, const kubernetes::Request& request) {
    json changed = objects[path];
    const json change = json::parse(request.body);
    if (request.content_type == "application/json-patch+json") {
      changed = changed.patch(change);
    } else {
      if (request.content_type == "application/apply-patch+yaml" && changed.contains("spec")) {
        changed["spec"].erase("selector");  // owned by the one who applies: what is left out goes
      }
      changed.merge_patch(change);
    }
    if (changed["metadata"]["resourceVersion"] != objects[path]["metadata"]["resourceVersion"] ||
        changed["metadata"]["uid"] != objects[path]["metadata"]["uid"]) {
      return refuse(409, "Conflict");
    }
    objects[path] = std::move(changed);
    return kubernetes::testing::ok(edit(path).dump());
  }

  int version_ = 100;
};

}  // namespace seraphim::op::testing
