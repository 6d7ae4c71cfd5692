#include "cli/restart.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <istream>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/component.h"
#include "cli/output.h"
#include "kubernetes/json_read.h"

namespace seraphim::cli {
namespace {

using nlohmann::json;

constexpr const char* kRestartFooter =
    R"(Pods are replaced by the Deployment's own rolling update, as with kubectl rollout restart. With --all the model
server comes first, and the gateway only when it is ready again.

Exit codes: 0 restarted, and ready again; 1 not ready in time, or you said no; 2 wrong options, or no access

Examples:   kubectl-seraphim restart gateway -n seraphim
            kubectl-seraphim restart --all --yes)";

struct RestartOptions {
  ClusterChoice cluster{};
  std::string component{};
  bool all = false, yes = false, dry_run = false;
  std::string timeout = "5m";
};

bool confirmed(const std::vector<std::string>& names, const Cluster& cluster,
               const Surroundings& surroundings) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", then ") + name;
  surroundings.out << "Restart " << list << " in namespace " << cluster.namespace_name() << "? [y/N] "
                   << std::flush;
  std::string answer;
  std::getline(surroundings.in, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

tl::expected<int, std::string> restart_one(const Cluster& cluster, const std::string& name,
                                           const RestartOptions& options, api::Duration timeout,
                                           const Surroundings& surroundings) {
  const std::string who = "Deployment " + cluster.namespace_name() + "/" + name;
  if (options.dry_run) {
    const auto found = cluster.client().get(plain_deployment_type(), {cluster.namespace_name(), name});
    if (!found) return tl::unexpected(found.error().message);
    surroundings.out << "would restart " << who << " (dry run: nothing is changed)\n";
    return kGood;
  }
  const json annotations = {{"kubectl.kubernetes.io/restartedAt", api::format_time(surroundings.now())}};
  const json changes = {{"spec", {{"template", {{"metadata", {{"annotations", annotations}}}}}}}};
  const auto patched =
      cluster.client().merge_patch(plain_deployment_type(), {cluster.namespace_name(), name}, changes);
  if (!patched) {
    const bool absent = patched.error().kind == kubernetes::ApiError::Kind::not_found;
    return tl::unexpected(
        patched.error().message +
        (absent ? "; components are gateway, model-server, or the name of a Deployment; the pods of a "
                  "SeraphimDeployment are replaced by changing its template, which is a new revision"
                : ""));
  }
  surroundings.out << "restarting " << who << std::endl;
  const Patience patience{timeout, [&](const std::string& text) { surroundings.out << text << std::endl; }};
  const auto standing =
      await_object(cluster, plain_deployment_type(), name, rollout_of, patience, surroundings);
  if (!standing) return tl::unexpected(standing.error());
  if (const auto* holds = std::get_if<Holds>(&*standing)) {
    surroundings.out << holds->text << '\n';
    return kGood;
  }
  const auto* fails = std::get_if<Fails>(&*standing);
  surroundings.err << who << ": "
                   << (fails != nullptr ? fails->text : "not ready again within " + options.timeout) << '\n';
  return kBad;
}

tl::expected<int, std::string> restart(const RestartOptions& options, const Surroundings& surroundings) {
  if (options.all == !options.component.empty())
    return tl::unexpected(std::string("name one component, or pass --all"));
  const auto timeout = api::parse_duration(options.timeout);
  if (!timeout) return tl::unexpected("--timeout: " + timeout.error());
  const auto cluster = connect(options.cluster, true, surroundings);
  if (!cluster) return tl::unexpected(cluster.error());
  std::vector<std::string> names;
  for (const auto& component : options.all ? restart_order() : std::vector<std::string>{options.component})
    names.push_back(deployment_of(component));
  if (options.all && !options.yes && !options.dry_run && !confirmed(names, *cluster, surroundings)) {
    surroundings.err << "nothing was restarted\n";
    return kBad;
  }
  for (const auto& name : names) {
    auto code = restart_one(*cluster, name, options, *timeout, surroundings);
    if (!code || *code != kGood) return code;
  }
  return kGood;
}

}  // namespace

Standing rollout_of(const json& deployment) {
  using kubernetes::int64_or;
  const json& status = kubernetes::member(deployment, "status");
  const auto meta = kubernetes::decode_meta(deployment);
  const std::string& name = meta.key.name;
  const auto wanted = int64_or(kubernetes::member(deployment, "spec"), "replicas", 1);
  const auto updated = int64_or(status, "updatedReplicas", 0), all = int64_or(status, "replicas", 0);
  const auto available = int64_or(status, "availableReplicas", 0);
  if (int64_or(status, "observedGeneration", 0) < meta.generation)
    return Waits{name + ": the Deployment's controller has not acted yet"};
  for (const json& condition : kubernetes::elements(status, "conditions")) {
    if (kubernetes::text_or(condition, "reason") == "ProgressDeadlineExceeded")
      return Fails{kubernetes::text_or(condition, "message", "it makes no progress")};
  }
  if (updated == wanted && all == wanted && available == wanted)
    return Holds{name + ": " + std::to_string(wanted) + " replicas are new and available"};
  return Waits{name + ": " + std::to_string(updated) + " of " + std::to_string(wanted) + " are new, " +
               std::to_string(available) + " available, " +
               std::to_string(std::max<std::int64_t>(all - updated, 0)) + " old ones left"};
}

Command add_restart(CLI::App& app) {
  auto options = std::make_shared<RestartOptions>();
  CLI::App& command = *app.add_subcommand(
      "restart", "Restarts a component's pods one after the other, and waits until they are ready");
  command.footer(kRestartFooter);
  command.add_option("COMPONENT", options->component, "gateway, model-server, or the name of a Deployment")
      ->type_name("");
  add_cluster_options(command, options->cluster);
  command.add_flag("--all", options->all, "Everything: the model server, then the gateway; asks first");
  command.add_flag("-y,--yes", options->yes, "Do not ask");
  command.add_flag("--dry-run", options->dry_run, "Say what would be done, and do nothing");
  command.add_option("--timeout", options->timeout, "How long to wait for each: 90s, 5m")
      ->capture_default_str()
      ->type_name("DURATION");
  return {&command, [options](const Surroundings& surroundings) {
            return conclude("restart", restart(*options, surroundings), surroundings);
          }};
}

}  // namespace seraphim::cli
