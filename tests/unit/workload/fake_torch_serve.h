// A TorchServe in memory, with the answers of 0.11.0 that matter. Installs itself as the handler of a
// FakeTransport.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "kubernetes/fake_transport.h"

namespace seraphim::workload::testing {

using nlohmann::json;

/// May be asked by several threads; what is public is for one thread, while nobody asks.
class FakeTorchServe {
 public:
  struct Archive {
    std::string version;
    bool starts = true;  ///< its workers come up
  };
  struct Version {
    std::string url;
    int min_workers = 0;
    int ready = 0;
  };

  FakeTorchServe() {
    transport->otherwise([this](const kubernetes::Request& request) {
      const std::lock_guard lock(mutex_);
      return handle(request);
    });
  }

  std::shared_ptr<kubernetes::testing::FakeTransport> transport =
      std::make_shared<kubernetes::testing::FakeTransport>();
  std::map<std::string, Archive> store{
      {"v1.mar", {"1.0"}}, {"v2.mar", {"2.0"}}, {"v3.mar", {"3.0"}}, {"bad.mar", {"4.0", false}}};
  std::map<std::string, Version> versions;  ///< of the model "text", by version
  std::string chosen;                       ///< the default version
  bool away = false;                        ///< nobody answers

  void have(const std::string& version, const std::string& url, int workers) {
    versions[version] = {url, workers, workers};
    if (chosen.empty()) chosen = version;
  }
  /// Requests that change something, since the last question: "PUT 2.0/set-default".
  std::vector<std::string> writes() {
    const auto requests = transport->requests();
    std::vector<std::string> lines;
    for (; seen_ < requests.size(); ++seen_) {
      const auto& request = requests[seen_];
      if (request.method != "GET") lines.push_back(request.method + " " + short_target(request.target));
    }
    return lines;
  }
  std::size_t asked() const { return transport->requests().size(); }

 private:
  using Response = kubernetes::Response;

  static std::string short_target(std::string target) {
    for (const std::string noise : {"/models/text/", "/models/text", "/models", "&synchronous=true",
                                    "&synchronous=false", "&model_name=text"}) {
      const auto at = target.find(noise);
      if (at != std::string::npos) target.erase(at, noise.size());
    }
    return target;
  }
  static Response refuse(int http, const std::string& type, const std::string& message) {
    return kubernetes::testing::reply(http,
                                      json{{"code", http}, {"type", type}, {"message", message}}.dump());
  }
  static std::string parameter(const std::string& target, const std::string& name) {
    const auto at = target.find(name + "=");
    if (at == std::string::npos) return {};
    const auto from = at + name.size() + 1;
    return target.substr(from, target.find('&', from) - from);
  }
  json describe(const std::string& name) const {
    const Version& version = versions.at(name);
    json workers = json::array();
    for (int i = 0; i < version.min_workers; ++i) {
      workers.push_back(
          {{"id", std::to_string(9000 + i)}, {"status", i < version.ready ? "READY" : "UNLOADING"}});
    }
    return {{"modelName", "text"},
            {"modelVersion", name},
            {"modelUrl", version.url},
            {"minWorkers", version.min_workers},
            {"maxWorkers", version.min_workers},
            {"workers", workers}};
  }

  Response handle(const kubernetes::Request& request) {
    if (away) return kubernetes::testing::broken(kubernetes::TransportError::connect, false);
    const std::string path = request.target.substr(0, request.target.find('?'));
    if (request.method == "POST") return add(request.target);
    if (versions.empty()) return refuse(404, "ModelNotFoundException", "Model not found: text");
    if (path == "/models/text") return kubernetes::testing::ok(json::array({describe(chosen)}).dump());
    if (path == "/models/text/all") {
      json all = json::array();
      for (const auto& [name, version] : versions) all.push_back(describe(name));
      return kubernetes::testing::ok(all.dump());
    }
    std::string name = path.substr(std::string("/models/text/").size());
    const bool to_default = name.ends_with("/set-default");
    if (to_default) name.resize(name.find('/'));
    if (!versions.contains(name))
      return refuse(404, "ModelVersionNotFoundException",
                    "Model version: " + name + " does not exist for model: text");
    if (to_default) {
      chosen = name;
      return kubernetes::testing::ok();
    }
    return request.method == "DELETE" ? remove(name) : scale(name, request.target);
  }

  Response add(const std::string& target) {
    const std::string url = parameter(target, "url");
    const auto archive = store.find(url);
    if (archive == store.end()) return refuse(404, "ModelNotFoundException", "Model not found at: " + url);
    const auto& [version, starts] = archive->second;
    if (versions.contains(version)) {
      return refuse(409, "ConflictStatusException",
                    "Model version " + version + " is already registered for model text");
    }
    have(version, url, starts ? std::stoi(parameter(target, "initial_workers")) : 0);
    return starts ? kubernetes::testing::ok() : failed(version);
  }
  Response scale(const std::string& name, const std::string& target) {
    Version& version = versions.at(name);
    const auto archive = store.find(version.url);
    if (archive != store.end() && !archive->second.starts) return failed(name);
    version.min_workers = version.ready = std::stoi(parameter(target, "min_worker"));
    return kubernetes::testing::reply(202);
  }
  Response remove(const std::string& name) {
    if (name == chosen && versions.size() > 1)
      return refuse(403, "InvalidModelVersionException", "Cannot remove default version for model text");
    versions.erase(name);
    if (versions.empty()) chosen.clear();
    return kubernetes::testing::ok();
  }
  static Response failed(const std::string& version) {
    return refuse(500, "InternalServerException",
                  "Failed to start workers for model text version: " + version);
  }

  std::mutex mutex_;
  std::size_t seen_ = 0;
};

}  // namespace seraphim::workload::testing
