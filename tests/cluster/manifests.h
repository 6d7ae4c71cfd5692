// The objects that the tests apply, as a user would write them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace seraphim::cluster {

struct Model {
  std::string version = "v1";
  std::string failure_rate = "0";
  bool never_ready = false;
  std::string latency = "0ms";
  std::string positive_share{};  ///< of its predictions; empty: by the text's length
};

struct DeploymentManifest {
  std::string name = "web", namespace_{};
  Model model{};
  int replicas = 2;
  int min_ready_seconds = 0;
  int progress_deadline_seconds = 60;
  /// spec.strategy.canary.steps
  nlohmann::json steps =
      nlohmann::json::array({{{"weight", 20}, {"hold", "4s"}}, {{"weight", 50}, {"hold", "4s"}}});
  nlohmann::json traffic = {{"gatewayAPI", {{"routes", nlohmann::json::array({{{"name", "web"}}})}}}};
  std::string bake{};  ///< empty: none
  std::string verify = "10s";
  std::string prometheus{};  ///< empty: the cluster's
  std::string interval = "1s";
  bool analysis = true;
  nlohmann::json further = nlohmann::json::object();  ///< more of spec.analysis: latency, metrics
  bool paused = false;
  nlohmann::json annotations = nlohmann::json::object();
};

nlohmann::json to_json(const DeploymentManifest& manifest);

/// An HTTPRoute that sends everything of the host, "NAMESPACE.test" when none is given, to NAME-stable, and
/// nothing to NAME-candidate.
nlohmann::json route_manifest(const std::string& namespace_, const std::string& name,
                              const std::string& host = {});

}  // namespace seraphim::cluster
