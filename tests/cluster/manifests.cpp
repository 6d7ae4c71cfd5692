#include "manifests.h"

#include "environment.h"

namespace seraphim::cluster {
namespace {

using nlohmann::json;

json pod_template(const Model& model) {
  json environment = json::array({{{"name", "MODEL_VERSION"}, {"value", model.version}},
                                  {{"name", "FAILURE_RATE"}, {"value", model.failure_rate}},
                                  {{"name", "NEVER_READY"}, {"value", model.never_ready ? "true" : "false"}},
                                  {{"name", "LATENCY"}, {"value", model.latency}},
                                  {{"name", "SHUTDOWN_DELAY"}, {"value", "2s"}}});
  if (!model.positive_share.empty())
    environment.push_back({{"name", "POSITIVE_SHARE"}, {"value", model.positive_share}});
  const json container = {{"name", "model"},
                          {"image", cluster::environment().model_server_image},
                          {"imagePullPolicy", "Never"},
                          {"env", environment},
                          {"ports", json::array({{{"containerPort", 8080}}})},
                          {"readinessProbe",
                           // A busy test machine answers late; that is no reason to call a pod unready.
                           {{"httpGet", {{"path", "/readyz"}, {"port", 8080}}},
                            {"periodSeconds", 1},
                            {"timeoutSeconds", 5},
                            {"failureThreshold", 5}}}};
  return {{"metadata", {{"annotations", {{"prometheus.io/scrape", "true"}, {"prometheus.io/port", "8080"}}}}},
          {"spec", {{"terminationGracePeriodSeconds", 5}, {"containers", json::array({container})}}}};
}

}  // namespace

json to_json(const DeploymentManifest& manifest) {
  json canary = {
      {"steps", manifest.steps}, {"scaleDownDelay", "3s"}, {"verify", {{"duration", manifest.verify}}}};
  if (!manifest.bake.empty()) canary["bake"] = {{"duration", manifest.bake}};
  json object = {
      {"apiVersion", "serving.seraphim.io/v1alpha1"},
      {"kind", "SeraphimDeployment"},
      {"metadata",
       {{"name", manifest.name}, {"namespace", manifest.namespace_}, {"annotations", manifest.annotations}}},
      {"spec",
       {{"workload",
         {{"pods",
           {{"replicas", manifest.replicas},
            {"port", 8080},
            {"minReadySeconds", manifest.min_ready_seconds},
            {"progressDeadlineSeconds", manifest.progress_deadline_seconds},
            {"template", pod_template(manifest.model)}}}}},
        {"traffic", manifest.traffic},
        {"strategy", {{"canary", canary}}},
        {"paused", manifest.paused}}}};
  if (manifest.analysis) {
    const std::string address = manifest.prometheus.empty() ? environment().prometheus : manifest.prometheus;
    object["spec"]["analysis"] = {{"prometheus", {{"address", address}}}, {"interval", manifest.interval}};
    object["spec"]["analysis"].update(manifest.further);
  }
  return object;
}

json route_manifest(const std::string& namespace_, const std::string& name, const std::string& host) {
  const auto backend = [&](const std::string& service, int weight) {
    return json{{"name", service}, {"port", 8080}, {"weight", weight}};
  };
  return {
      {"apiVersion", "gateway.networking.k8s.io/v1"},
      {"kind", "HTTPRoute"},
      {"metadata", {{"name", name}, {"namespace", namespace_}}},
      {"spec",
       {{"parentRefs",
         json::array({{{"name", environment().gateway}, {"namespace", environment().gateway_namespace}}})},
        {"hostnames", json::array({host.empty() ? namespace_ + ".test" : host})},
        {"rules", json::array({{{"backendRefs", json::array({backend(name + "-stable", 100),
                                                             backend(name + "-candidate", 0)})}}})}}}};
}

}  // namespace seraphim::cluster
