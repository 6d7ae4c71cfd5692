// The load generator's window to the test that runs it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "tally.h"

namespace httplib {
class Server;
}

namespace seraphim::demo {

/// Serves GET /status (the totals so far) and POST /mark {"name": "..."} (a new window; 409 when the name is
/// taken) until destroyed.
class StatusEndpoint {
 public:
  using Status = std::function<std::string()>;

  /// Throws std::runtime_error when the port cannot be had.
  StatusEndpoint(const std::string& address, int port, Tally& tally, Status status);
  ~StatusEndpoint();

 private:
  std::unique_ptr<httplib::Server> server_;
  std::thread thread_;
};

}  // namespace seraphim::demo
