// The connections to the TorchServes that SeraphimDeployments name: one for each management URL and token.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "kubernetes/transport.h"

namespace seraphim::workload {

/// A TorchServe, and whose token it is spoken to with. Two namespaces that name the same server have a
/// connection each: none of them speaks with the other's token.
struct ServerKey {
  /// A key of a Secret; without a name there is none.
  struct Token {
    std::string namespace_{}, name{}, key{};
    bool over_plain_http = false;
    auto operator<=>(const Token&) const = default;
  };
  std::string address{};  ///< of the management API
  Token token{};
  bool has_token() const { return !token.name.empty(); }
  auto operator<=>(const ServerKey&) const = default;
};

/// A model of one TorchServe.
struct ModelKey {
  ModelKey() = default;
  /// No aggregate: of {address, model} the model would silently be a token's namespace.
  ModelKey(ServerKey of, std::string name) : server(std::move(of)), model(std::move(name)) {}
  ServerKey server{};
  std::string model{};
  auto operator<=>(const ModelKey&) const = default;
};

/// "key token of Secret shop/torchserve", for people; empty when there is none.
inline std::string token_text(const ServerKey& server) {
  if (!server.has_token()) return "";
  return "key " + server.token.key + " of Secret " + server.token.namespace_ + "/" + server.token.name;
}

/// Thread-safe.
class TorchServeServers {
 public:
  /// Called once for each server, as long as somebody names it. Writes must be fenced by it, and it sends the
  /// token.
  using Connect = std::function<std::shared_ptr<kubernetes::Transport>(const ServerKey& server)>;

  explicit TorchServeServers(Connect connect) : connect_(std::move(connect)) {}

  std::shared_ptr<kubernetes::Transport> at(const ServerKey& server) {
    const std::lock_guard lock(mutex_);
    auto& transport = transports_[server];
    if (!transport) transport = connect_(server);
    return transport;
  }
  /// Closes the others; a call under way keeps its own.
  void keep_only(const std::set<ServerKey>& servers) {
    const std::lock_guard lock(mutex_);
    std::erase_if(transports_, [&](const auto& entry) { return !servers.contains(entry.first); });
  }

 private:
  const Connect connect_;
  std::mutex mutex_;
  std::map<ServerKey, std::shared_ptr<kubernetes::Transport>> transports_;
};

}  // namespace seraphim::workload
