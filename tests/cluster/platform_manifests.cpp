#include "platform_manifests.h"

#include "environment.h"
#include "manifests.h"

namespace seraphim::cluster {
namespace {

using nlohmann::json;

json variable(const std::string& name, const std::string& value) {
  return {{"name", name}, {"value", value}};
}

}  // namespace

json gateway_manifest(const std::string& namespace_, const std::string& torch_serve) {
  const json labels = {{"app", "seraphim-inference"}};
  const json scraped = {{"prometheus.io/scrape", "true"}, {"prometheus.io/port", "8080"}};
  const json probe = {
      {"httpGet", {{"path", "/healthz"}, {"port", 8080}}}, {"periodSeconds", 1}, {"timeoutSeconds", 5}};
  const json environment_of_pod =
      json::array({variable("TS_URL", torch_serve), variable("MODEL_NAME_BASELINE", "custom-text"),
                   variable("MODEL_VERSION_BASELINE", "1.0"), variable("MODEL_NAME_CANDIDATE", "custom-text"),
                   variable("MODEL_VERSION_CANDIDATE", "1.0"), variable("CANARY_PERCENT", "0"),
                   variable("TS_TIMEOUT_MS", "5000")});
  const json container = {
      {"name", "app"},
      {"image", environment().gateway_image},
      {"imagePullPolicy", "Never"},
      {"env", environment_of_pod},
      {"ports", json::array({{{"containerPort", 8080}}})},
      {"readinessProbe", probe},
      // Every weight is a rolling restart: until the router has followed, it still sends here.
      {"lifecycle", {{"preStop", {{"sleep", {{"seconds", 6}}}}}}}};
  return {
      {"apiVersion", "apps/v1"},
      {"kind", "Deployment"},
      {"metadata", {{"name", "seraphim-inference"}, {"namespace", namespace_}, {"labels", labels}}},
      {"spec",
       {{"replicas", 2},
        {"selector", {{"matchLabels", labels}}},
        {"template",
         {{"metadata", {{"labels", labels}, {"annotations", scraped}}},
          {"spec", {{"terminationGracePeriodSeconds", 12}, {"containers", json::array({container})}}}}}}}};
}

json gateway_service_manifest(const std::string& namespace_) {
  const json labels = {{"app", "seraphim-inference"}};
  const json port = {{"name", "http"}, {"port", 80}, {"targetPort", 8080}};
  return {{"apiVersion", "v1"},
          {"kind", "Service"},
          {"metadata", {{"name", "seraphim-inference"}, {"namespace", namespace_}, {"labels", labels}}},
          {"spec", {{"selector", labels}, {"ports", json::array({port})}}}};
}

json model_server_manifest(const std::string& namespace_) {
  const json labels = {{"app", "seraphim-model-server"}};
  const json probe = {
      {"httpGet", {{"path", "/readyz"}, {"port", 8080}}}, {"periodSeconds", 1}, {"timeoutSeconds", 5}};
  const json container = {{"name", "torchserve"},
                          {"image", environment().model_server_image},
                          {"imagePullPolicy", "Never"},
                          {"readinessProbe", probe}};
  return {{"apiVersion", "apps/v1"},
          {"kind", "Deployment"},
          {"metadata", {{"name", "seraphim-model-server"}, {"namespace", namespace_}, {"labels", labels}}},
          {"spec",
           {{"replicas", 1},
            {"selector", {{"matchLabels", labels}}},
            {"template",
             {{"metadata", {{"labels", labels}}},
              {"spec", {{"terminationGracePeriodSeconds", 1}, {"containers", json::array({container})}}}}}}}};
}

json variant_route_manifest(const std::string& namespace_, const std::string& name,
                            const std::string& gateway_namespace, const std::string& gateway) {
  const auto forcing = [](const char* variant, int weight) {
    const json set = json::array({{{"name", "X-Canary"}, {"value", variant}}});
    return json{
        {"name", "seraphim-inference"},
        {"port", 80},
        {"weight", weight},
        {"filters",
         json::array({{{"type", "RequestHeaderModifier"}, {"requestHeaderModifier", {{"set", set}}}}})}};
  };
  json route = route_manifest(namespace_, name);
  route["spec"]["parentRefs"] = json::array({{{"name", gateway}, {"namespace", gateway_namespace}}});
  route["spec"]["rules"][0]["backendRefs"] = json::array({forcing("baseline", 100), forcing("candidate", 0)});
  return route;
}

}  // namespace seraphim::cluster
