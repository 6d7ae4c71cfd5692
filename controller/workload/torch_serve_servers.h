// The connections to the TorchServes that SeraphimDeployments name: one for each management URL.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "kubernetes/transport.h"

namespace seraphim::workload {

/// A model of one TorchServe.
struct ModelKey {
  std::string address;  ///< of the management API
  std::string model;
  auto operator<=>(const ModelKey&) const = default;
};

/// Thread-safe.
class TorchServeServers {
 public:
  /// Called once for each address, as long as somebody names it. Writes must be fenced by it.
  using Connect = std::function<std::shared_ptr<kubernetes::Transport>(const std::string& address)>;

  explicit TorchServeServers(Connect connect) : connect_(std::move(connect)) {}

  std::shared_ptr<kubernetes::Transport> at(const std::string& address) {
    const std::lock_guard lock(mutex_);
    auto& transport = transports_[address];
    if (!transport) transport = connect_(address);
    return transport;
  }
  /// Closes the others; a call under way keeps its own.
  void keep_only(const std::set<std::string>& addresses) {
    const std::lock_guard lock(mutex_);
    std::erase_if(transports_, [&](const auto& entry) { return !addresses.contains(entry.first); });
  }

 private:
  const Connect connect_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<kubernetes::Transport>> transports_;
};

}  // namespace seraphim::workload
