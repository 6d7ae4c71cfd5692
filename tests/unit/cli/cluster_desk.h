// The program beside a cluster in memory: a SeraphimDeployment, its records and Events, and whatever else a
// test puts in. Patches are carried out; a test plays the operator.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "cli/program.h"
#include "kubernetes/fake_transport.h"

namespace seraphim::cli::testing {

using nlohmann::json;

inline json workload_json(const std::string& image, int replicas = 2) {
  return {
      {"pods",
       {{"replicas", replicas},
        {"port", 8080},
        {"template", {{"spec", {{"containers", json::array({{{"name", "model"}, {"image", image}}})}}}}}}}};
}

inline constexpr const char* kObjectPath =
    "/apis/serving.seraphim.io/v1alpha1/namespaces/shop/seraphimdeployments/web";

/// An API server of a few objects, by their paths.
class MemoryCluster final : public kubernetes::Transport {
 public:
  std::map<std::string, json> objects{};
  /// What the operator does after each write, and at each watch: it may change the object.
  std::function<void(json& object)> operator_acts{};
  std::vector<kubernetes::Request> requests{};
  std::function<std::optional<kubernetes::Response>(const kubernetes::Request&)> first{};

  json& object() { return objects[kObjectPath]; }

  kubernetes::Response call(const kubernetes::Request& request, std::chrono::milliseconds,
                            std::stop_token) noexcept override {
    requests.push_back(request);
    if (first) {
      if (auto answer = first(request)) return *answer;
    }
    const std::string path = request.target.substr(0, request.target.find('?'));
    if (request.method == "POST") return create(path, json::parse(request.body));
    const auto found = objects.find(path);
    if (found == objects.end()) return list(path);
    if (request.method == "DELETE") objects.erase(found);
    if (request.method == "PATCH") return patch(path, request);
    return request.method == "GET" ? kubernetes::testing::ok(found->second.dump())
                                   : kubernetes::testing::ok();
  }

  kubernetes::CallStatus stream(const kubernetes::Request& request, std::chrono::seconds, std::stop_token,
                                kubernetes::LineSink& sink) noexcept override {
    requests.push_back(request);
    if (operator_acts) operator_acts(object());
    sink.on_line(json{{"type", "MODIFIED"}, {"object", object()}}.dump());
    return {.http = 200, .sent = true};
  }

  std::vector<kubernetes::Request> writes() const {
    std::vector<kubernetes::Request> found;
    for (const auto& request : requests) {
      if (request.method != "GET") found.push_back(request);
    }
    return found;
  }

 private:
  kubernetes::Response create(const std::string& collection, const json& made) {
    objects[collection + "/" + made["metadata"]["name"].get<std::string>()] = made;
    return kubernetes::testing::reply(201, made.dump());
  }

  kubernetes::Response list(const std::string& path) const {
    json items = json::array();
    for (const auto& [name, value] : objects) {
      if (name.starts_with(path + "/") && name.find('/', path.size() + 1) == std::string::npos)
        items.push_back(value);
    }
    const bool collection = path.find("/namespaces/") != std::string::npos &&
                            (path.ends_with("s") && path.find("seraphimdeployments/") == std::string::npos &&
                             path.find("deployments/") == std::string::npos);
    if (items.empty() && !collection)
      return kubernetes::testing::refuse(404, "NotFound", path + " not found");
    return kubernetes::testing::ok(json{{"kind", "List"}, {"items", items}}.dump());
  }

  kubernetes::Response patch(const std::string& path, const kubernetes::Request& request) {
    json& target = objects[path];
    const json before = target.contains("spec") ? target["spec"] : json();
    if (request.content_type == "application/json-patch+json") {
      try {
        target = target.patch(json::parse(request.body));
      } catch (const json::exception&) {
        return kubernetes::testing::refuse(422, "Invalid", "the test failed");
      }
    } else {
      target.merge_patch(json::parse(request.body));
    }
    auto& metadata = target["metadata"];
    if (target.contains("spec") && target["spec"] != before)
      metadata["generation"] = metadata.value("generation", 0) + 1;
    return kubernetes::testing::ok(target.dump());
  }
};

struct Said {
  int code = -1;
  std::string out, err;
};

/// Two recorded revisions, 1 (Healthy, stable) and 2 (the candidate, at step 1 of 2), in namespace shop.
class ClusterDesk {
 public:
  ClusterDesk() {
    add_record(1, "example.com/model:1", "Healthy");
    add_record(2, "example.com/model:2", "");
    json& object = cluster->object();
    object = {{"apiVersion", "serving.seraphim.io/v1alpha1"},
              {"kind", "SeraphimDeployment"},
              {"metadata",
               {{"name", "web"},
                {"namespace", "shop"},
                {"uid", "u-1"},
                {"resourceVersion", "7"},
                {"generation", 2}}},
              {"spec",
               {{"workload", workload_json("example.com/model:2")},
                {"traffic", {{"gatewayAPI", {{"routes", json::array({{{"name", "web"}}})}}}}},
                {"strategy",
                 {{"canary",
                   {{"steps", json::array({{{"weight", 5}, {"hold", "60s"}, {"approval", true}},
                                           {{"weight", 50}}})}}}}},
                {"analysis", {{"prometheus", {{"address", "http://prometheus:9090"}}}}}}}};
    object["status"] = {{"phase", "AwaitingApproval"},
                        {"observedGeneration", 2},
                        {"stableRevision", name_of(1)},
                        {"candidateRevision", name_of(2)},
                        {"step", 1},
                        {"weight", {{"desired", "5%"}, {"applied", "5%"}}}};
  }

  std::shared_ptr<MemoryCluster> cluster = std::make_shared<MemoryCluster>();
  std::shared_ptr<kubernetes::testing::FakeTransport> web =
      std::make_shared<kubernetes::testing::FakeTransport>();  ///< every other server
  std::vector<std::string> addresses{};                        ///< of those servers
  api::Time now{std::chrono::hours(490'000)};
  std::string input{}, context_namespace = "shop";
  std::function<std::string()> said_so_far{};  ///< for what answers while a command runs
  int pauses = 0;

  std::string name_of(int number) const { return names_.at(number); }

  void add_record(int number, const std::string& image, const std::string& verdict);

  Said run(std::vector<std::string> words) {
    words.insert(words.begin(), "kubectl-seraphim");
    std::vector<const char*> argv;
    for (const auto& word : words) argv.push_back(word.c_str());
    std::istringstream in(input);
    std::ostringstream out, err;
    said_so_far = [&out] { return out.str(); };
    const Surroundings surroundings{.transport_for =
                                        [this](const std::string& address) {
                                          addresses.push_back(address);
                                          return web;
                                        },
                                    .now = [this] { return now += std::chrono::seconds(1); },
                                    .in = in,
                                    .out = out,
                                    .err = err,
                                    .link =
                                        [this](const ClusterChoice&) {
                                          return ClusterLink{cluster, context_namespace};
                                        },
                                    .pause = [this](api::Duration) { ++pauses; },
                                    .user = "ada"};
    const int code = cli::run(static_cast<int>(argv.size()), argv.data(), surroundings);
    said_so_far = {};
    return {code, out.str(), err.str()};
  }

 private:
  std::map<int, std::string> names_{};
};

}  // namespace seraphim::cli::testing
