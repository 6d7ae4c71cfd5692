#include "platform.h"

#include <stdexcept>

#include "environment.h"
#include "kubernetes/transport_cpprest.h"
#include "platform_manifests.h"
#include "prometheus/client.h"
#include "traffic/gateway_deployment.h"
#include "workload/torch_serve_client.h"

namespace seraphim::cluster {
namespace {

using kubernetes::Resource;
using nlohmann::json;
using workload::TorchServeClient;
using namespace std::chrono_literals;

constexpr const char* kModel = "custom-text";
const std::vector<std::string> kDeployments{"seraphim-inference", "seraphim-model-server"};

template <typename T>
T must_have(kubernetes::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::unique_ptr<kubernetes::Transport> transport_to_url(const std::string& url) {
  return kubernetes::make_cpprest_transport({url}, nullptr, {});
}

/// One pod, so that its counter proves who answered.
json gateway_of(const World& world, const std::string& torch_serve, const std::string& candidate) {
  json gateway = gateway_manifest(world.name(), torch_serve);
  gateway["spec"]["replicas"] = 1;
  for (auto& variable : gateway["spec"]["template"]["spec"]["containers"][0]["env"]) {
    if (variable["name"] == "MODEL_VERSION_CANDIDATE") variable["value"] = candidate;
  }
  return gateway;
}

std::string host_and_port(const std::string& url) {
  return url.substr(std::string("http://").size());
}

}  // namespace

Platform::Platform(World& world, const std::string& candidate) {
  for (const json& object :
       {gateway_of(world, torch_serve_.inference(), candidate), model_server_manifest(world.name())}) {
    must_have(world.client().apply(Resource<traffic::GatewayDeployment>::type(),
                                   {world.name(), object["metadata"]["name"]}, object, true));
  }
  world.apply(gateway_service_manifest(world.name()));
  register_model("1.0");
  if (candidate != "1.0") register_model(candidate);
  for (const auto& name : kDeployments) {
    must_run({environment().kubectl.string(), "wait", "--namespace", world.name(),
              "--for=condition=Available", "--timeout=90s", "deployment/" + name});
  }
  const json service =
      must_have(world.client().get(Resource<traffic::Service>::type(), {world.name(), kDeployments.front()}));
  gateway_ = "http://" + service["spec"]["clusterIP"].get<std::string>();
  prometheus_ = std::make_unique<PrometheusProcess>(std::vector<std::pair<std::string, std::string>>{
      {"seraphim-gateway", host_and_port(gateway_) + ":80"},
      {"torchserve", host_and_port(torch_serve_.metrics())}});
  const auto up = prometheus_->wait_until_all_are_up();
  if (!up) throw std::runtime_error(up.message());
}

void Platform::register_model(const std::string& version) {
  const auto transport = transport_to_url(torch_serve_.management());
  must_have(TorchServeClient(*transport, torch_serve_.management())
                .add(kModel, "text-v" + version.substr(0, version.find('.')) + ".mar", 1,
                     TorchServeClient::Wait::for_workers, {60s, {}}));
}

void Platform::scale(const std::string& version, int workers) {
  const auto transport = transport_to_url(torch_serve_.management());
  TorchServeClient client(*transport, torch_serve_.management());
  must_have(client.scale(kModel, version, workers, TorchServeClient::Wait::for_workers, {60s, {}}));
  const auto is_so = [&] {
    for (const auto& one : must_have(client.versions(kModel, {60s, {}}))) {
      if (one.version == version)
        return one.ready() == workers && one.workers.size() == static_cast<std::size_t>(workers);
    }
    return false;
  };
  const auto done = prometheus_->wait_until(version + " has " + std::to_string(workers) + " workers", is_so);
  if (!done) throw std::runtime_error(done.message());
}

std::vector<std::string> Platform::addresses() const {
  return {"SERAPHIM_GATEWAY_URL=" + gateway_, "SERAPHIM_INFERENCE_URL=" + torch_serve_.inference(),
          "SERAPHIM_MANAGEMENT_URL=" + torch_serve_.management(),
          "SERAPHIM_PROMETHEUS_URL=" + prometheus_->url(), "SERAPHIM_GRAFANA_URL=" + grafana_.url()};
}

void Platform::predict(const std::string& variant, int count) const {
  const auto transport = transport_to_url(gateway_);
  for (int i = 0; i < count; ++i) {
    const auto answer = transport->call({.method = "POST",
                                         .target = "/predict",
                                         .content_type = "application/json",
                                         .body = R"({"text": "hello"})",
                                         .headers = {{"X-Canary", variant}}},
                                        10s, {});
    if (!answer.ok()) throw std::runtime_error("POST /predict: " + answer.status.detail + answer.body);
  }
}

::testing::AssertionResult Platform::wait_for_requests(const std::string& variant, const std::string& outcome,
                                                       int count) const {
  const auto transport = transport_to_url(prometheus_->url());
  const std::string query = "seraphim_inference_requests_total{variant=\"" + variant + "\",outcome=\"" +
                            outcome + "\"} >= " + std::to_string(count);
  return prometheus_->wait_until(query, [&] {
    const auto answer = prometheus::Client(*transport, prometheus_->url()).query(query, 5s);
    const auto* found = answer ? std::get_if<prometheus::Vector>(&answer->data) : nullptr;
    return found != nullptr && !found->entries.empty();
  });
}

}  // namespace seraphim::cluster
