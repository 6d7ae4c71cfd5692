#include "grafana_stand_in.h"

#include <httplib.h>

#include <stdexcept>

namespace seraphim::cluster {

GrafanaStandIn::GrafanaStandIn() : server_(std::make_unique<httplib::Server>()) {
  server_->set_keep_alive_max_count(1);  // no idle connection has to be waited for at the end
  server_->Get("/api/health", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(R"({"database": "ok", "version": "11.0.0"})", "application/json");
  });
  port_ = server_->bind_to_any_port("127.0.0.1");
  if (port_ <= 0) throw std::runtime_error("the stand-in of Grafana found no port");
  thread_ = std::thread([this] { server_->listen_after_bind(); });
}

GrafanaStandIn::~GrafanaStandIn() {
  // stop() does nothing to a server that has not begun to listen yet.
  while (!server_->is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  server_->stop();
  thread_.join();
}

std::string GrafanaStandIn::url() const {
  return "http://127.0.0.1:" + std::to_string(port_);
}

}  // namespace seraphim::cluster
