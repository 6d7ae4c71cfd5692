#include "torch_serve_stand_in.h"

#include <httplib.h>

#include <stdexcept>

#include "environment.h"

namespace seraphim::cluster {

TorchServeStandIn::TorchServeStandIn() : server_(std::make_unique<httplib::Server>()) {
  server_->set_keep_alive_max_count(1);  // no idle connection has to be waited for at the end
  server_->Get("/ping", [this](const httplib::Request&, httplib::Response& response) {
    const std::lock_guard lock(mutex_);
    response.status = healthy_ ? 200 : 503;
    response.set_content(healthy_ ? R"({"status": "Healthy"})" : R"({"status": "Unhealthy"})",
                         "application/json");
  });
  server_->Post(R"(/predictions/([^/]+)/([^/]+))",
                [this](const httplib::Request& request, httplib::Response& response) {
                  const std::lock_guard lock(mutex_);
                  ++predictions_[request.matches[2]];
                  response.set_content(R"({"prediction": "positive"})", "text/plain");
                });
  port_ = server_->bind_to_any_port("0.0.0.0");
  if (port_ <= 0) throw std::runtime_error("the stand-in of TorchServe found no port");
  thread_ = std::thread([this] { server_->listen_after_bind(); });
}

TorchServeStandIn::~TorchServeStandIn() {
  // stop() does nothing to a server that has not begun to listen yet.
  while (!server_->is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  server_->stop();
  thread_.join();
}

std::string TorchServeStandIn::url() const {
  return "http://" + environment().host_for_pods + ":" + std::to_string(port_);
}

int TorchServeStandIn::predictions(const std::string& version) const {
  const std::lock_guard lock(mutex_);
  const auto found = predictions_.find(version);
  return found == predictions_.end() ? 0 : found->second;
}

void TorchServeStandIn::set_healthy(bool healthy) {
  const std::lock_guard lock(mutex_);
  healthy_ = healthy;
}

}  // namespace seraphim::cluster
