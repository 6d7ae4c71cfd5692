// As much of a TorchServe as the platform's gateway asks for: /ping and predictions by model version.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace httplib {
class Server;
}

namespace seraphim::cluster {

/// Listens on this host for as long as it lives.
class TorchServeStandIn {
 public:
  TorchServeStandIn();
  ~TorchServeStandIn();
  TorchServeStandIn(const TorchServeStandIn&) = delete;

  /// As pods reach it.
  std::string url() const;
  /// Predictions of this version were asked for so often.
  int predictions(const std::string& version) const;
  /// Answers /ping with 503 from now on, or not.
  void set_healthy(bool healthy);

 private:
  std::unique_ptr<httplib::Server> server_;
  int port_ = 0;
  mutable std::mutex mutex_;
  bool healthy_ = true;
  std::map<std::string, int> predictions_;
  std::thread thread_;
};

}  // namespace seraphim::cluster
