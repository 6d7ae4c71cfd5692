// As much of a Grafana as `kubectl-seraphim health` asks for: GET /api/health.
#pragma once

#include <memory>
#include <string>
#include <thread>

namespace httplib {
class Server;
}

namespace seraphim::cluster {

/// Listens on loopback for as long as it lives; its database is well.
class GrafanaStandIn {
 public:
  GrafanaStandIn();
  ~GrafanaStandIn();
  GrafanaStandIn(const GrafanaStandIn&) = delete;

  std::string url() const;

 private:
  std::unique_ptr<httplib::Server> server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace seraphim::cluster
