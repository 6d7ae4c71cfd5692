#include "cli/logs.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "api/seraphim_deployment.h"
#include "cli/cluster.h"
#include "cli/component.h"
#include "cli/deployment.h"
#include "cli/output.h"
#include "kubernetes/json_read.h"

namespace seraphim::cli {
namespace {

using kubernetes::elements;
using kubernetes::member;
using kubernetes::text_or;
using nlohmann::json;

constexpr int kMostPods = 200;
constexpr std::chrono::seconds kLongestLog{30};

constexpr const char* kLogsFooter =
    R"(A SeraphimDeployment's pods are those of all its revisions that run. Every line begins with its pod.

Exit codes: 0 told; 1 a pod's log could not be read; 2 no such component, no pod, or no access

Example:    kubectl-seraphim logs gateway --tail 50 -n seraphim)";

struct LogsOptions {
  ClusterChoice cluster{};
  std::string component{}, container{};
  std::int64_t tail = 50;
  bool previous = false;
};

/// "app=a,tier=b" of a Deployment's selector.
std::string selector_text(const json& deployment) {
  std::string text;
  const json& selector = member(member(deployment, "spec"), "selector");
  for (const auto& [key, value] : kubernetes::text_map(selector, "matchLabels"))
    text += (text.empty() ? "" : ",") + key + "=" + value;
  return text;
}

/// How its pods are selected.
tl::expected<std::string, std::string> pods_of(const Cluster& cluster, const std::string& component) {
  const std::string name = deployment_of(component);
  const auto plain = cluster.client().get(plain_deployment_type(), {cluster.namespace_name(), name});
  if (plain) return selector_text(*plain);
  if (plain.error().kind != kubernetes::ApiError::Kind::not_found)
    return tl::unexpected(sentence(plain.error()));
  const auto ours = cluster.client().get(deployment_type(), {cluster.namespace_name(), name});
  if (ours) return std::string(api::kLabelName) + "=" + name;
  return tl::unexpected("there is neither a Deployment nor a SeraphimDeployment " + cluster.namespace_name() +
                        "/" + name + "; components are gateway, model-server, or such a name");
}

std::string log_target(const json& pod, const LogsOptions& options, const Cluster& cluster) {
  static const kubernetes::ResourceType type{"", "v1", "pods", "Pod"};
  std::string container = options.container;
  const json& containers = elements(member(pod, "spec"), "containers");
  if (container.empty() && !containers.empty()) container = text_or(containers.front(), "name");
  return kubernetes::object_path(type, {cluster.namespace_name(), text_or(member(pod, "metadata"), "name")},
                                 "log") +
         "?tailLines=" + std::to_string(options.tail) +
         "&container=" + kubernetes::percent_encode(container) + (options.previous ? "&previous=true" : "");
}

tl::expected<int, std::string> print_logs(const LogsOptions& options, const Surroundings& surroundings) {
  static const kubernetes::ResourceType type{"", "v1", "pods", "Pod"};
  const auto cluster = connect(options.cluster, true, surroundings);
  if (!cluster) return tl::unexpected(cluster.error());
  const auto selector = pods_of(*cluster, options.component);
  if (!selector) return tl::unexpected(selector.error());
  const auto pods = cluster->client().list(type, cluster->namespace_name(), *selector, kMostPods);
  if (!pods) return tl::unexpected(sentence(pods.error()));
  const json& items = elements(*pods, "items");
  if (items.empty()) return tl::unexpected(options.component + " has no pod now (" + *selector + ")");
  int code = kGood;
  for (const json& pod : items) {
    const std::string name = text_or(member(pod, "metadata"), "name");
    const auto response = cluster->transport().call(
        {.target = log_target(pod, options, *cluster), .accept = "*/*"}, kLongestLog, {});
    if (!response.ok()) {
      surroundings.err << kubernetes::to_api_error(response, "log of " + name).message << '\n';
      code = kBad;
      continue;
    }
    std::istringstream lines(response.body);
    for (std::string line; std::getline(lines, line);)
      surroundings.out << '[' << name << "] " << line << '\n';
  }
  return code;
}

}  // namespace

Command add_logs(CLI::App& app) {
  auto options = std::make_shared<LogsOptions>();
  CLI::App& command = *app.add_subcommand("logs", "The last lines of every pod of a component");
  command.footer(kLogsFooter);
  command
      .add_option("COMPONENT", options->component,
                  "gateway, model-server, or the name of a Deployment or SeraphimDeployment")
      ->required()
      ->type_name("");
  add_cluster_options(command, options->cluster);
  command.add_option("--tail", options->tail, "Lines of each pod")
      ->capture_default_str()
      ->type_name("NUMBER")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}));
  command.add_option("-c,--container", options->container, "Container; default: the first")
      ->type_name("NAME");
  command.add_flag("-p,--previous", options->previous, "Of the container's last run");
  return {&command, [options](const Surroundings& surroundings) {
            return conclude("logs", print_logs(*options, surroundings), surroundings);
          }};
}

}  // namespace seraphim::cli
