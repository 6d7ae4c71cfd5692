#include "operator/routed_world.h"

#include <algorithm>
#include <cmath>

#include "api/codec.h"
#include "kubernetes/object_meta.h"

namespace seraphim::op::testing {
namespace {

using namespace std::chrono_literals;
using kubernetes::ObjectKey;

const ObjectKey kObjectKey{"shop", "web"};
const std::string kDeploymentPath =
    "/apis/serving.seraphim.io/v1alpha1/namespaces/shop/seraphimdeployments/web";
const std::string kGatewayPath = "/apis/apps/v1/namespaces/shop/deployments/seraphim-inference";
const std::string kRoutePath = "/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes/web";
constexpr int kRequestsPerTick = 400;

json object_manifest() {
  return json::parse(R"({
      "apiVersion":"serving.seraphim.io/v1alpha1","kind":"SeraphimDeployment",
      "metadata":{"namespace":"shop","name":"web","uid":"owner"},
      "spec":{"workload":{"torchServe":{"managementURL":"http://t:8081",
                  "model":{"name":"text","version":"1.0","url":"v1.mar","initialWorkers":2}}},
              "traffic":{"seraphimGateway":{"routes":[{"name":"web"}]}},
              "strategy":{"canary":{"steps":[{"weight":20,"hold":"10s"},{"weight":60,"hold":"10s"}],
                                    "bake":{"duration":"2m"}}},
              "analysis":{"prometheus":{"address":"http://p:9090","preset":"VariantLabel"},"interval":"5s",
                          "errorRate":{"tolerance":"5%","ceiling":"10%"}}}})");
}

/// As the chart installs it: it splits by itself.
json gateway_of_chart() {
  return json::parse(R"({
      "apiVersion":"apps/v1","kind":"Deployment",
      "metadata":{"namespace":"shop","name":"seraphim-inference","uid":"gateway"},
      "spec":{"replicas":2,"selector":{"matchLabels":{"app":"seraphim-inference"}},
              "template":{"spec":{"containers":[{"name":"app","image":"gateway","env":[
                  {"name":"MODEL_NAME_BASELINE","value":"text"},{"name":"MODEL_VERSION_BASELINE","value":"1.0"},
                  {"name":"MODEL_NAME_CANDIDATE","value":"text"},{"name":"MODEL_VERSION_CANDIDATE","value":"1.0"},
                  {"name":"CANARY_PERCENT","value":"10"}]}]}}},
      "status":{"observedGeneration":1,"replicas":2,"updatedReplicas":2,"readyReplicas":2,
                "availableReplicas":2}})");
}

json route_of_the_user() {
  return json::parse(R"({
      "apiVersion":"gateway.networking.k8s.io/v1","kind":"HTTPRoute",
      "metadata":{"namespace":"shop","name":"web","uid":"route"},
      "spec":{"rules":[{"backendRefs":[
          {"name":"seraphim-inference","port":80,"weight":100,"filters":[{"type":"RequestHeaderModifier",
              "requestHeaderModifier":{"set":[{"name":"X-Canary","value":"baseline"}]}}]},
          {"name":"seraphim-inference","port":80,"weight":0,"filters":[{"type":"RequestHeaderModifier",
              "requestHeaderModifier":{"set":[{"name":"X-Canary","value":"candidate"}]}}]}]}]}})");
}

template <typename T>
void learn_kind(kubernetes::Store<T>& store, const std::map<std::string, json>& objects,
                const std::string& plural) {
  for (const auto& [path, object] : objects) {
    if (path.find("/" + plural + "/") == std::string::npos) continue;
    if (auto decoded = kubernetes::Resource<T>::decode(object)) store.upsert(*std::move(decoded));
  }
}

}  // namespace

RoutedProcess::RoutedProcess(kubernetes::testing::FakeTransport& transport, const kubernetes::Clock& clock,
                             prometheus::MetricsSource& source,
                             workload::testing::FakeTorchServe& torch_serve)
    : client(transport),
      collector(source, clock),
      torch_serves([&torch_serve](const auto&) { return torch_serve.transport; }, clock),
      reconciler({.view = seen(),
                  .client = client,
                  .collector = collector,
                  .torch_serves = torch_serves,
                  .events = events,
                  .clock = clock,
                  .log = log}) {
  gateways_.replace({}, "1");
}

ClusterView RoutedProcess::seen() {
  ClusterView view = view_;
  view.gateway_readings = &readings;
  return view;
}

void RoutedProcess::learn(const std::map<std::string, json>& objects) {
  learn_kind(deployments_, objects, "seraphimdeployments");
  learn_kind(revisions_, objects, "controllerrevisions");
  learn_kind(gateways_, objects, "deployments");
  learn_kind(http_routes_, objects, "httproutes");
}

RoutedWorld::RoutedWorld() {
  server_.add(kDeploymentPath, object_manifest());
  server_.add(kGatewayPath, gateway_of_chart());
  server_.add(kRoutePath, route_of_the_user());
  server_.intercept = [this](const kubernetes::Request& request) { return on_request(request); };
  prometheus_->otherwise(
      [this](const auto& request) { return kubernetes::testing::ok(answer_query(request.body)); });
  process_ = std::make_unique<RoutedProcess>(transport_, clock, source_, torch_serve);
  serving_ = {{"baseline", "1.0"}, {"candidate", "1.0"}};
}

void RoutedWorld::watch_drift() {
  server_.edit(kDeploymentPath)["spec"]["analysis"]["metrics"] = json::parse(R"([
      {"name":"predictions","drift":{"measure":"Cosine","max":"0.2","minRequests":0,
           "baseline":"shares{version=\"{{stableVersion}}\"}",
           "candidate":"shares{version=\"{{candidateVersion}}\"}"}}])");
}

void RoutedWorld::deploy(const std::string& version, const std::string& url) {
  json& object = server_.edit(kDeploymentPath);
  object["metadata"]["generation"] = object["metadata"]["generation"].get<int>() + 1;
  json& model = object["spec"]["workload"]["torchServe"]["model"];
  model["version"] = version;
  model["url"] = url;
}

void RoutedWorld::tick() {
  roll_out_gateway();
  clock.advance(5s);
  send_requests();
  if (process_ == nullptr)
    process_ = std::make_unique<RoutedProcess>(transport_, clock, source_, torch_serve);
  process_->learn(server_.objects);
  (void)process_->torch_serves.watch.step({});
  (void)process_->collector.step({});
  (void)process_->reconciler.reconcile(kObjectKey, {});
  check();
  if (dying_) {
    dying_ = false;
    died_ = true;
    process_.reset();
    return;
  }
  for (const auto& order : process_->torch_serves.orders.take_due(9)) {
    process_->torch_serves.orders.carry_out(order, {});
    process_->torch_serves.watch.look_soon(order.what.on);
  }
  (void)process_->torch_serves.watch.step({});
}

bool RoutedWorld::settle() {
  int quiet = 0;
  for (int i = 0; i < 720 && quiet < 10; ++i) {
    const auto before = writes.size();
    tick();
    const auto phase = status().phase;
    const bool at_rest = phase == api::Phase::stable || phase == api::Phase::rolled_back;
    quiet = at_rest && writes.size() == before ? quiet + 1 : 0;
  }
  return quiet == 10;
}

std::optional<kubernetes::Response> RoutedWorld::on_request(const kubernetes::Request& request) {
  check();
  const auto gone = [] { return kubernetes::testing::broken(kubernetes::TransportError::connect, false); };
  if (dying_) return gone();
  if (request.method == "GET") return std::nullopt;
  const std::string path = request.target.substr(0, request.target.find('?'));
  if (deaths_in_ >= 0 && deaths_in_-- == 0) {
    dying_ = true;
    return gone();
  }
  if (path == kGatewayPath || path == kRoutePath) last_written_ = path;
  if (path == kGatewayPath) {  // its spec changes
    json& meta = server_.objects.at(path)["metadata"];
    meta["generation"] = meta["generation"].get<int>() + 1;
  }
  return std::nullopt;
}

/// What the last write to the gateway or the route left there.
void RoutedWorld::note(const std::string& path) {
  if (path.empty()) return;
  writes.push_back(path == kRoutePath
                       ? std::to_string(weight())
                       : variable("MODEL_VERSION_BASELINE") + "/" + variable("MODEL_VERSION_CANDIDATE"));
}

/// New settings are everywhere in the next tick.
void RoutedWorld::roll_out_gateway() {
  json& object = server_.objects.at(kGatewayPath);
  json& status = object["status"];
  if (status["observedGeneration"] != object["metadata"]["generation"]) {
    status["observedGeneration"] = object["metadata"]["generation"];
    serving_ = {{"baseline", variable("MODEL_VERSION_BASELINE")},
                {"candidate", variable("MODEL_VERSION_CANDIDATE")}};
    server_.edit(kGatewayPath);
  }
}

void RoutedWorld::send_requests() {
  const int forced = applies_filters ? kRequestsPerTick * weight() / 100 : 0;
  with_requests_.clear();
  for (const auto& [variant, count] :
       {std::pair<std::string, int>{"baseline", kRequestsPerTick - forced}, {"candidate", forced}}) {
    const bool fails = serving_.at(variant) == broken;
    if (count > 0) with_requests_.insert(serving_.at(variant));
    if (count > 0) counted_[{variant, fails ? "http_error" : "success"}] += count;
    if (fails) failures[broken] += count;
  }
  for (const auto& [series, value] : counted_) {
    const double at = std::chrono::duration<double>(clock.wall().time_since_epoch()).count();
    json& points = scrapes_[series];
    points.push_back(json::array({at, std::to_string(static_cast<long>(value))}));
    if (points.size() > 30) points.erase(points.begin());
  }
}

std::string RoutedWorld::answer_shares(const std::string& question) const {
  const bool has_requests =
      std::any_of(with_requests_.begin(), with_requests_.end(),
                  [&](const auto& version) { return question.find(version) != std::string::npos; });
  json result = json::array();
  for (const char* label : {"yes", "no"}) {
    const double at = std::chrono::duration<double>(clock.wall().time_since_epoch()).count();
    result.push_back(
        {{"metric", {{"label", label}}}, {"value", json::array({at, has_requests ? "0.5" : "NaN"})}});
  }
  return json{{"status", "success"}, {"data", {{"resultType", "vector"}, {"result", result}}}}.dump();
}

std::string RoutedWorld::answer_query(const std::string& question) const {
  if (question.find("shares") != std::string::npos) return answer_shares(question);
  json result = json::array();
  for (const auto& [series, points] : scrapes_) {
    result.push_back({{"metric", {{"variant", series.first}, {"outcome", series.second}, {"instance", "g"}}},
                      {"values", points}});
  }
  return json{{"status", "success"}, {"data", {{"resultType", "matrix"}, {"result", result}}}}.dump();
}

/// Called before each request and after each pass, so that it sees what every single write led to.
void RoutedWorld::check() {
  note(std::exchange(last_written_, {}));
  const std::map<std::string, std::string> wanted{{"baseline", variable("MODEL_VERSION_BASELINE")},
                                                  {"candidate", variable("MODEL_VERSION_CANDIDATE")}};
  const auto complain = [&](const std::string& what) {
    violations.push_back(what + " at " + std::to_string(weight()) + " after " +
                         std::to_string(writes.size()) + " writes");
  };
  for (const auto& [variant, version] : wanted) {
    const int share = variant == "candidate" ? weight() : 100 - weight();
    if (share == 0 || status().stable_revision.empty()) continue;
    if (serving_.at(variant) != version)
      complain("the model of " + variant + " changed to " + version + " while it had traffic");
    const auto found = torch_serve.versions.find(version);
    if (found == torch_serve.versions.end() || found->second.ready == 0)
      complain(variant + " has traffic without a worker of " + version);
  }
}

api::Status RoutedWorld::status() const {
  const json& object = server_.objects.at(kDeploymentPath);
  return object.contains("status") ? api::decode_status(object["status"]) : api::Status{};
}

std::string RoutedWorld::conditions() const {
  std::string text;
  for (const auto& condition : status().conditions)
    text += condition.type + " " + condition.reason + ": " + condition.message + "\n";
  return text;
}

std::string RoutedWorld::variable(const std::string& name) const {
  for (const json& entry :
       server_.objects.at(kGatewayPath)["spec"]["template"]["spec"]["containers"][0]["env"]) {
    if (entry["name"] == name) return entry.value("value", "");
  }
  return "-";
}

int RoutedWorld::weight() const {
  const json& backends = server_.objects.at(kRoutePath)["spec"]["rules"][0]["backendRefs"];
  const int candidate = backends[1]["weight"].get<int>();
  return candidate * 100 / (candidate + backends[0]["weight"].get<int>());
}

}  // namespace seraphim::op::testing
