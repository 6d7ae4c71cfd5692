// The platform's gateway as its chart installs it, and an object that shifts traffic by it.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "traffic/gateway_readings.h"
#include "traffic/scene.h"

namespace seraphim::traffic::testing {

using Variables = std::vector<std::pair<std::string, std::string>>;

inline const Variables kChartVariables{{"TS_URL", "http://seraphim-model-server:8080"},
                                       {"MODEL_NAME_BASELINE", "custom-text"},
                                       {"MODEL_VERSION_BASELINE", "1.0"},
                                       {"MODEL_NAME_CANDIDATE", "custom-text"},
                                       {"MODEL_VERSION_CANDIDATE", "2.0"},
                                       {"CANARY_PERCENT", "10"},
                                       {"TS_TIMEOUT_MS", "500"}};

/// Deployment shop/seraphim-inference with two pods, rolled out.
inline json gateway(const Variables& variables = kChartVariables, int version = 10) {
  json env = json::array();
  for (const auto& [name, value] : variables) {
    env.push_back({{"name", name}});
    if (!value.empty()) env.back()["value"] = value;
  }
  json object = {
      {"metadata", metadata("seraphim-inference", "", version)},
      {"spec",
       {{"replicas", 2},
        {"selector", {{"matchLabels", {{"app", "seraphim-inference"}}}}},
        {"template",
         {{"spec",
           {{"containers", json::array({{{"name", "sidecar"}, {"image", "proxy"}},
                                        {{"name", "app"}, {"image", "gateway"}}})}}}}}}},
      {"status", {{"observedGeneration", 2}, {"replicas", 2}, {"updatedReplicas", 2}, {"readyReplicas", 2}}}};
  if (!variables.empty()) object["spec"]["template"]["spec"]["containers"][1]["env"] = env;
  return object;
}

/// The variables of the gateway's container, by name.
inline std::map<std::string, std::string> variables_in(const json& deployment) {
  std::map<std::string, std::string> variables;
  for (const json& entry :
       deployment["spec"]["template"]["spec"]["containers"][1].value("env", json::array()))
    variables[entry["name"]] = entry.value("value", "");
  return variables;
}

inline api::Revision served_revision(const std::string& name, std::int64_t number,
                                     const std::string& version) {
  api::TorchServeWorkload model;
  model.management_url = "http://seraphim-model-server:8081";
  model.model_name = "custom-text";
  model.model_version = version;
  api::Revision revision;
  revision.name = name;
  revision.number = number;
  revision.workload = model;
  return revision;
}

class FakeReadings final : public GatewayReadings {
 public:
  std::string unsettled(const kubernetes::ObjectKey&, const GatewayQuestion& question) override {
    questions.push_back(question);
    return answer;
  }
  void forget(const kubernetes::ObjectKey&) override { ++forgotten; }

  std::string answer;
  std::vector<GatewayQuestion> questions;
  int forgotten = 0;
};

}  // namespace seraphim::traffic::testing
