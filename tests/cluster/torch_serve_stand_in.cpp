#include "torch_serve_stand_in.h"

#include <httplib.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>

#include "environment.h"

namespace seraphim::cluster {
namespace {

using httplib::Request;
using httplib::Response;
using nlohmann::json;

void say(Response& response, const json& body) {
  response.set_content(body.dump(), "application/json");
}

void refuse_with(Response& response, int status, const std::string& type) {
  response.status = status;
  say(response, {{"code", status}, {"type", type}, {"message", type + " of the stand-in"}});
}

json described(const std::string& model, const std::string& version, int workers, bool is_default) {
  json all = json::array();
  for (int i = 0; i < workers; ++i) all.push_back({{"id", std::to_string(9000 + i)}, {"status", "READY"}});
  return {{"modelName", model},
          {"modelVersion", version},
          {"modelUrl", model + "-v" + version + ".mar"},
          {"minWorkers", workers},
          {"maxWorkers", workers},
          {"loadedAtStartup", false},
          {"defaultVersion", is_default},
          {"workers", all}};
}

}  // namespace

TorchServeStandIn::TorchServeStandIn() : server_(std::make_unique<httplib::Server>()) {
  server_->set_keep_alive_max_count(1);  // no idle connection has to be waited for at the end
  server_->set_pre_routing_handler([this](const Request& request, Response& response) {
    const std::lock_guard lock(mutex_);
    const bool manages = request.path.rfind("/models", 0) == 0;
    if (!manages || token_.empty() || request.get_header_value("Authorization") == "Bearer " + token_)
      return httplib::Server::HandlerResponse::Unhandled;
    ++refused_;
    refuse_with(response, 400, "InvalidKeyException");
    return httplib::Server::HandlerResponse::Handled;
  });
  add_inference();
  add_management();
  port_ = server_->bind_to_any_port(environment().host_for_pods);
  if (port_ <= 0) throw std::runtime_error("the stand-in of TorchServe found no port");
  thread_ = std::thread([this] { server_->listen_after_bind(); });
}

TorchServeStandIn::~TorchServeStandIn() {
  // stop() does nothing to a server that has not begun to listen yet.
  while (!server_->is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  server_->stop();
  thread_.join();
}

void TorchServeStandIn::add_inference() {
  server_->Get("/ping", [this](const Request&, Response& response) {
    const std::lock_guard lock(mutex_);
    response.status = healthy_ ? 200 : 503;
    say(response, {{"status", healthy_ ? "Healthy" : "Unhealthy"}});
  });
  server_->Post(R"(/predictions/([^/]+)/([^/]+))", [this](const Request& request, Response& response) {
    const std::lock_guard lock(mutex_);
    const std::string version = request.matches[2];
    ++predictions_[version];
    const auto found = workers_.find(version);
    if (found == workers_.end()) return refuse_with(response, 404, "ModelVersionNotFoundException");
    if (found->second == 0) return refuse_with(response, 503, "ServiceUnavailableException");
    if (broken_.contains(version)) return refuse_with(response, 500, "InternalServerException");
    response.set_content(R"({"prediction": "positive"})", "text/plain");
  });
}

void TorchServeStandIn::add_management() {
  server_->Get(R"(/models/([^/]+)(/all)?)", [this](const Request& request, Response& response) {
    const std::lock_guard lock(mutex_);
    if (workers_.empty()) return refuse_with(response, 404, "ModelNotFoundException");
    json list = json::array();
    for (const auto& [version, workers] : workers_) {
      if (request.matches[2].matched || version == default_)
        list.push_back(described(request.matches[1], version, workers, version == default_));
    }
    say(response, list);
  });
  server_->Post("/models", [this](const Request& request, Response& response) {
    static const std::regex kArchive(R"(.*-v([0-9.]+)\.mar)");
    std::smatch parts;
    const std::string url = request.get_param_value("url");
    if (!std::regex_match(url, parts, kArchive)) return refuse_with(response, 404, "ModelNotFoundException");
    const std::lock_guard lock(mutex_);
    if (workers_.contains(parts[1])) return refuse_with(response, 409, "ConflictStatusException");
    workers_[parts[1]] = std::atoi(request.get_param_value("initial_workers").c_str());
    if (default_.empty()) default_ = parts[1];
    say(response, {{"status", "registered"}});
  });
  server_->Put(R"(/models/([^/]+)/([^/]+)(/set-default)?)",
               [this](const Request& request, Response& response) {
                 const std::lock_guard lock(mutex_);
                 const auto found = workers_.find(request.matches[2]);
                 if (found == workers_.end())
                   return refuse_with(response, 404, "ModelVersionNotFoundException");
                 if (request.matches[3].matched) {
                   default_ = found->first;
                 } else {
                   found->second = std::atoi(request.get_param_value("min_worker").c_str());
                 }
                 say(response, {{"status", "done"}});
               });
  server_->Delete(R"(/models/([^/]+)/([^/]+))", [this](const Request& request, Response& response) {
    const std::lock_guard lock(mutex_);
    if (request.matches[2] == default_) return refuse_with(response, 403, "InvalidModelVersionException");
    if (workers_.erase(request.matches[2]) == 0)
      return refuse_with(response, 404, "ModelVersionNotFoundException");
    say(response, {{"status", "unregistered"}});
  });
}

std::string TorchServeStandIn::url() const {
  return "http://" + environment().host_for_pods + ":" + std::to_string(port_);
}

void TorchServeStandIn::set_healthy(bool healthy) {
  const std::lock_guard lock(mutex_);
  healthy_ = healthy;
}

void TorchServeStandIn::break_version(const std::string& version) {
  const std::lock_guard lock(mutex_);
  broken_.insert(version);
}

void TorchServeStandIn::add_version(const std::string& version, int workers) {
  const std::lock_guard lock(mutex_);
  workers_[version] = workers;
  if (default_.empty()) default_ = version;
}

void TorchServeStandIn::require_token(const std::string& token) {
  const std::lock_guard lock(mutex_);
  token_ = token;
}

int TorchServeStandIn::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

int TorchServeStandIn::predictions(const std::string& version) const {
  const std::lock_guard lock(mutex_);
  const auto found = predictions_.find(version);
  return found == predictions_.end() ? 0 : found->second;
}

int TorchServeStandIn::workers(const std::string& version) const {
  const std::lock_guard lock(mutex_);
  const auto found = workers_.find(version);
  return found == workers_.end() ? 0 : found->second;
}

std::string TorchServeStandIn::default_version() const {
  const std::lock_guard lock(mutex_);
  return default_;
}

}  // namespace seraphim::cluster
