#include "cli/cluster.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <utility>

namespace seraphim::cli {
namespace {

constexpr std::chrono::seconds kLongestCall{15};
constexpr const char* kFieldManager = "kubectl-seraphim";

}  // namespace

void add_cluster_options(CLI::App& command, ClusterChoice& choice) {
  command
      .add_option("--kubeconfig", choice.kubeconfig,
                  "Kubeconfig file; default: $KUBECONFIG, else ~/.kube/config, in a pod its service account")
      ->type_name("FILE");
  command.add_option("--context", choice.context, "Context of the kubeconfig; default: the current one")
      ->type_name("NAME");
  command.add_option("-n,--namespace", choice.namespace_, "Namespace; default: the context's")
      ->type_name("NAME");
}

void add_subject(CLI::App& command, Subject& subject) {
  command
      .add_option("NAME", subject.name,
                  "SeraphimDeployment; default: " + std::string(kPlatformDeployment) + ", in namespace " +
                      kPlatformNamespace + " when the context names none")
      ->type_name("");
  add_cluster_options(command, subject.cluster);
}

Cluster::Cluster(std::shared_ptr<kubernetes::Transport> transport, std::string namespace_name)
    : transport_(std::move(transport)),
      client_(std::make_unique<kubernetes::ApiClient>(
          *transport_,
          kubernetes::ApiClientOptions{.field_manager = kFieldManager, .timeout = kLongestCall})),
      namespace_(std::move(namespace_name)) {}

tl::expected<nlohmann::json, std::string> Cluster::get(const std::string& target,
                                                       const std::string& what) const {
  const kubernetes::Response response = transport_->call({.target = target}, kLongestCall, {});
  if (!response.ok()) return tl::unexpected(sentence(kubernetes::to_api_error(response, what)));
  auto value = nlohmann::json::parse(response.body, nullptr, false);
  if (!value.is_object()) return tl::unexpected(what + ": the answer is not an object in JSON");
  return value;
}

tl::expected<Cluster, std::string> connect(const ClusterChoice& choice, bool platform,
                                           const Surroundings& surroundings) {
  if (!surroundings.link) return tl::unexpected(std::string("there is no way to a cluster here"));
  auto link = surroundings.link(choice);
  if (!link) return tl::unexpected("no access to a cluster: " + link.error());
  std::string where = choice.namespace_.empty() ? link->default_namespace : choice.namespace_;
  const bool unnamed = choice.namespace_.empty() && (where.empty() || where == "default");
  if (unnamed) where = platform ? kPlatformNamespace : "default";
  return Cluster(std::move(link->transport), std::move(where));
}

tl::expected<Cluster, std::string> connect(Subject& subject, const Surroundings& surroundings) {
  const bool platform = subject.name.empty();
  if (platform) subject.name = kPlatformDeployment;
  return connect(subject.cluster, platform, surroundings);
}

std::string sentence(const kubernetes::ApiError& error) {
  using Kind = kubernetes::ApiError::Kind;
  switch (error.kind) {
    case Kind::not_found:
      return error.message + "; see what there is with: kubectl get sdep --all-namespaces";
    case Kind::forbidden:
    case Kind::unauthorized:
      return error.message + "; ask who runs the cluster for the right, or choose another --context";
    default:
      return error.message;
  }
}

}  // namespace seraphim::cli
