// Access of a command to the cluster and to one SeraphimDeployment in it.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <tl/expected.hpp>

#include "cli/surroundings.h"
#include "kubernetes/api_client.h"

namespace CLI {
class App;
}

namespace seraphim::cli {

// The platform's own names: what a command works on when nothing else is named.
inline constexpr const char* kPlatformDeployment = "seraphim-inference";
inline constexpr const char* kPlatformNamespace = "seraphim";

/// Which object; filled from the command line.
struct Subject {
  ClusterChoice cluster{};
  std::string name{};  ///< empty: the platform's
};

/// --kubeconfig, --context, --namespace.
void add_cluster_options(CLI::App& command, ClusterChoice& choice);
/// The same, and NAME.
void add_subject(CLI::App& command, Subject& subject);

/// Thread-safe as its transport is.
class Cluster {
 public:
  Cluster(std::shared_ptr<kubernetes::Transport> transport, std::string namespace_name);

  kubernetes::Transport& transport() const { return *transport_; }
  kubernetes::ApiClient& client() const { return *client_; }
  const std::string& namespace_name() const { return namespace_; }

  /// GET of any path and query that the client has no verb for. The error is a sentence; `what` names the
  /// question in it: "list Events".
  tl::expected<nlohmann::json, std::string> get(const std::string& target, const std::string& what) const;

 private:
  std::shared_ptr<kubernetes::Transport> transport_;
  std::unique_ptr<kubernetes::ApiClient> client_;
  std::string namespace_;
};

/// The namespace is the chosen one, or the context's; `platform` without either: the platform's.
tl::expected<Cluster, std::string> connect(const ClusterChoice& choice, bool platform,
                                           const Surroundings& surroundings);
/// Also fills in the subject's name.
tl::expected<Cluster, std::string> connect(Subject& subject, const Surroundings& surroundings);

/// What failed, for a person, with what to do about it where that is known.
std::string sentence(const kubernetes::ApiError& error);

}  // namespace seraphim::cli
