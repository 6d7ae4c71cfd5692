// As much of a TorchServe as the platform's gateway and the operator ask for: /ping, predictions by model
// version, and the management of versions, all on one port. The version of an archive is in its name:
// custom-text-v2.0.mar.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
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

  /// As pods and the operator reach it.
  std::string url() const;
  /// Answers /ping with 503 from now on, or not.
  void set_healthy(bool healthy);
  /// Predictions of this version fail from now on.
  void break_version(const std::string& version);
  /// As start.sh of the platform's model server does it.
  void add_version(const std::string& version, int workers);
  /// The management API asks for this token from now on, as version 0.12 does; empty: for none.
  void require_token(const std::string& token);
  /// Questions without the right token.
  int refused() const;

  /// Predictions of this version were asked for so often.
  int predictions(const std::string& version) const;
  /// 0 when it is not registered.
  int workers(const std::string& version) const;
  std::string default_version() const;

 private:
  void add_inference();
  void add_management();

  std::unique_ptr<httplib::Server> server_;
  int port_ = 0;
  mutable std::mutex mutex_;
  bool healthy_ = true;
  std::string token_;
  int refused_ = 0;
  std::map<std::string, int> workers_;  ///< by registered version
  std::string default_;
  std::set<std::string> broken_;
  std::map<std::string, int> predictions_;
  std::thread thread_;
};

}  // namespace seraphim::cluster
