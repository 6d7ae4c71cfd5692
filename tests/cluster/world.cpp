#include "world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <sstream>
#include <stdexcept>

#include "api/codec.h"
#include "environment.h"
#include "kubernetes/clock.h"
#include "kubernetes/kubeconfig.h"
#include "kubernetes/transport_cpprest.h"
#include "operator/observer.h"

namespace seraphim::cluster {
namespace {

using kubernetes::Resource;
using kubernetes::ResourceType;
using nlohmann::json;
using namespace std::chrono_literals;

const ResourceType kNamespaces{"", "v1", "namespaces", "Namespace", false};

std::unique_ptr<kubernetes::Transport> connect(const std::filesystem::path& kubeconfig) {
  auto access =
      kubernetes::load_kubeconfig(kubeconfig, "", [] { return kubernetes::system_clock().steady(); });
  if (!access) throw std::runtime_error(access.error());
  return kubernetes::make_cpprest_transport(access->endpoint, access->credentials,
                                            {.user_agent = "cluster-test"});
}

std::string unique_name() {
  static std::atomic<int> count = 0;
  return "test-" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

ResourceType type_of(const json& object) {
  const std::string kind = object.at("kind");
  if (kind == "SeraphimDeployment") return Resource<op::DeploymentObject>::type();
  if (kind == "SeraphimFreeze") return Resource<op::FreezeObject>::type();
  if (kind == "HTTPRoute") return Resource<traffic::HttpRoute>::type();
  if (kind == "Service") return Resource<traffic::Service>::type();
  throw std::invalid_argument("no type for " + kind);
}

template <typename T>
T must(kubernetes::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

}  // namespace

int free_port() {
  const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(socket_fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(socket_fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    close(socket_fd);
    throw std::runtime_error("no free port");
  }
  close(socket_fd);
  return ntohs(address.sin_port);
}

World::World()
    : namespace_(unique_name()),
      transport_(connect(environment().admin_kubeconfig)),
      client_(std::make_unique<kubernetes::ApiClient>(
          *transport_, kubernetes::ApiClientOptions{.field_manager = "person"})),
      informers_(std::make_unique<op::Informers>(
          *transport_, namespace_, op::ClusterFacts{.gateway_api = true}, kubernetes::system_clock(),
          kubernetes::system_random(), [](const std::string&) {})),
      view_(informers_->view()),
      events_(std::make_unique<kubernetes::Informer<SeenEvent>>(
          *transport_, kubernetes::ReflectorOptions{.namespace_ = namespace_}, kubernetes::system_clock(),
          kubernetes::system_random(), [](const std::string&) {})) {
  must(client_->create(kNamespaces, "",
                       {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", namespace_}}}}));
  const auto wake = [this](const auto&, const auto&) {
    {
      const std::lock_guard lock(mutex_);
      ++changes_;
    }
    changed_.notify_all();
  };
  view_.http_routes->on_change([this](const auto&, const auto& after) {
    if (after) note_route(*after);
  });
  view_.deployments.on_change(wake);
  view_.revisions.on_change(wake);
  view_.replica_sets.on_change(wake);
  view_.pods.on_change(wake);
  view_.services.on_change(wake);
  view_.endpoint_slices.on_change(wake);
  view_.http_routes->on_change(wake);
  events_->store().on_change(wake);
  informers_->start();
  events_->start();
}

World::~World() {
  events_->stop();
  informers_->stop();
  const auto found = client_->get(kNamespaces, {"", namespace_});
  if (found) (void)client_->remove(kNamespaces, {"", namespace_}, kubernetes::decode_meta(*found).uid);
}

void World::note_route(const traffic::HttpRoute& route) {
  if (route.rules.empty()) return;
  WeightChange change{.at = std::chrono::system_clock::now()};
  for (const auto& backend : route.rules.front()) {
    const auto forced = backend.sets.find("x-canary");
    const std::string variant = forced == backend.sets.end() ? "" : forced->second;
    if (backend.name.ends_with("-stable") || variant == "baseline") change.stable = backend.weight;
    if (backend.name.ends_with("-candidate") || variant == "candidate") change.candidate = backend.weight;
  }
  const std::lock_guard lock(mutex_);
  auto& history = weights_[route.meta.key.name];
  if (!history.empty() && history.back().stable == change.stable &&
      history.back().candidate == change.candidate)
    return;
  history.push_back(change);
}

void World::apply(const json& object) {
  const auto meta = kubernetes::decode_meta(object);
  must(client_->apply(type_of(object), meta.key, object, true));
}

void World::apply(DeploymentManifest manifest) {
  manifest.namespace_ = namespace_;
  apply(to_json(manifest));
}

void World::annotate(const std::string& deployment, const std::string& key, const std::string& value) {
  must(client_->merge_patch(Resource<op::DeploymentObject>::type(), {namespace_, deployment},
                            {{"metadata", {{"annotations", {{key, value}}}}}}));
}

void World::edit_weights(const std::string& route, int stable, int candidate) {
  const std::string path = "/spec/rules/0/backendRefs/";
  must(client_->json_patch(
      Resource<traffic::HttpRoute>::type(), {namespace_, route},
      json::array({{{"op", "replace"}, {"path", path + "0/weight"}, {"value", stable}},
                   {{"op", "replace"}, {"path", path + "1/weight"}, {"value", candidate}}})));
}

api::SeraphimDeployment World::deployment(const std::string& name) const {
  const auto found = view_.deployments.get({namespace_, name});
  return found ? found->object : api::SeraphimDeployment{};
}

std::vector<api::Revision> World::revisions(const std::string& name) const {
  return op::recorded_revisions(view_.revisions, deployment(name));
}

std::vector<WeightChange> World::weights(const std::string& route) const {
  const std::lock_guard lock(mutex_);
  const auto found = weights_.find(route);
  return found == weights_.end() ? std::vector<WeightChange>{} : found->second;
}

std::vector<std::int64_t> candidate_weights(const World& world, const std::string& route) {
  std::vector<std::int64_t> weights;
  for (const auto& change : world.weights(route)) weights.push_back(change.candidate);
  return weights;
}

std::vector<SeenEvent> World::events(const std::string& deployment) const {
  std::vector<SeenEvent> seen;
  for (const auto& event : events_->store().list()) {
    if (event->regarding == deployment) seen.push_back(*event);
  }
  return seen;
}

::testing::AssertionResult World::wait_for(const std::string& what, const std::function<bool()>& condition,
                                           std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto seen = changes_;
    lock.unlock();
    if (condition()) return ::testing::AssertionSuccess();
    lock.lock();
    if (!changed_.wait_until(lock, deadline, [&] { return changes_ != seen; })) break;
  }
  lock.unlock();
  if (condition()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "not within " << limit.count() << " s: " << what << "\n"
                                       << describe();
}

::testing::AssertionResult World::wait_for_phase(api::Phase phase, const std::string& name,
                                                 std::chrono::seconds limit) {
  return wait_for(
      "phase of " + name + " is " + api::to_string(phase),
      [&] {
        const auto object = deployment(name);
        return object.status.phase == phase && object.status.observed_generation == object.generation;
      },
      limit);
}

std::string World::describe() const {
  std::ostringstream text;
  for (const auto& deployment : view_.deployments.list()) {
    text << deployment->meta.key.name << " generation " << deployment->meta.generation << ": "
         << api::encode_status(deployment->object.status).dump(1) << "\n";
  }
  for (const auto& set : view_.replica_sets.list()) {
    text << "ReplicaSet " << set->meta.key.name << " desired " << set->desired << " available "
         << set->available << "\n";
  }
  for (const auto& [route, history] : weights_) {
    text << "weights of " << route << ":";
    for (const auto& change : history) text << " " << change.stable << "/" << change.candidate;
    text << "\n";
  }
  return text.str();
}

std::int64_t answers_of(const json& window) {
  return window.value("ok", std::int64_t{0}) + window.value("failed", std::int64_t{0});
}

std::int64_t answers_of(const json& window, const std::string& version) {
  return answers_of(window.value("by_version", json::object()).value(version, json::object()));
}

Load::Load(const World& world, double per_second, const std::string& other_host,
           const std::string& other_router)
    : port_(free_port()) {
  const std::string router = other_router.empty() ? environment().router : other_router;
  const std::string host = other_host.empty() ? world.name() + ".test" : other_host;
  const std::string log = (environment().artifacts / (host + "-load.log")).string();
  process_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{environment().load_generator.string(), "--url", router + "/predict", "--host",
                               host, "--body", R"({"text": "hello"})", "--rate", std::to_string(per_second),
                               "--duration", "0", "--status-port", std::to_string(port_), "--status-address",
                               "127.0.0.1"},
      log);
  transport_ = kubernetes::make_cpprest_transport({"http://127.0.0.1:" + std::to_string(port_)}, nullptr, {});
}

Load::~Load() {
  process_->signal(SIGTERM);
  (void)process_->wait(10s);
}

json Load::status() const {
  const auto answer = transport_->call({.target = "/status"}, 5s, {});
  return answer.ok() ? json::parse(answer.body) : json::object();
}

void Load::mark(const std::string& window) const {
  const json body = {{"name", window}};
  (void)transport_->call(
      {.method = "POST", .target = "/mark", .content_type = "application/json", .body = body.dump()}, 5s, {});
}

::testing::AssertionResult Load::wait_until(const std::function<bool(const json&)>& condition) const {
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (std::chrono::steady_clock::now() < deadline) {
    if (condition(status())) return ::testing::AssertionSuccess();
    (void)process_->wait(100ms);  // returns early only when the load generator ended
  }
  return ::testing::AssertionFailure() << "not within 60 s: " << status().dump(1);
}

::testing::AssertionResult Load::wait_for_answers(std::int64_t count) const {
  return wait_until([&](const json& now) { return answers_of(now) >= count; });
}

::testing::AssertionResult Load::wait_for_good_answers(std::int64_t count) const {
  return wait_until([&](const json& now) { return now.value("ok", std::int64_t{0}) >= count; });
}

::testing::AssertionResult Load::wait_for_share(const std::string& version, double percent) const {
  json before = status();
  return wait_until([&](const json& now) {
    const auto all = static_cast<double>(answers_of(now) - answers_of(before));
    if (all < 20) return false;
    const auto own = static_cast<double>(answers_of(now, version) - answers_of(before, version));
    before = now;
    return std::abs(100 * own / all - percent) <= 10;
  });
}

::testing::AssertionResult Load::wait_until_silent(const std::string& version) const {
  return wait_until([&](const json& now) {
    std::int64_t newest = 0, last = 0;
    const json versions = now.value("by_version", json::object());
    for (const auto& [name, counts] : versions.items()) {
      auto& at = name == version ? last : newest;
      at = std::max(at, counts.value("last_at", std::int64_t{0}));
    }
    return newest - last > 500;
  });
}

}  // namespace seraphim::cluster
