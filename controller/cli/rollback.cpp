#include "cli/rollback.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/component.h"
#include "cli/helm.h"
#include "cli/output.h"
#include "cli/proposals.h"

namespace seraphim::cli {
namespace {

struct RollbackOptions {
  Subject subject{};
  ChangeOptions change{};
  std::optional<std::int64_t> to{};
  bool retry_failed = false;
};

constexpr const char* kRollbackFooter =
    R"(Without --to-revision it goes to the stable revision when the spec asks for another one, else to the newest
revision before the present one that was found healthy. Asked again, it changes nothing more.
A revision that is no longer kept ready comes up as a candidate and takes the steps of the spec.
Where Git or Helm keeps the object, change it there as well: the last writer wins.

Once it serves, the operator verifies health and SLOs for a while (strategy.canary.verify), and this waits for the result.

Exit codes: 0 the revision serves all traffic, and the service is well again if that is verified;
            1 refused, or not confirmed in time; 2 wrong options, no such object or revision, or no access;
            3 it serves, and the service is not well; 4 it serves, and that could not be measured

Example:    kubectl-seraphim rollback sentiment -n shop --to-revision 3)";

/// Something else of that name may be what is meant: the platform's own chart makes a Deployment.
std::string what_else(const Cluster& cluster, const std::string& name) {
  const auto found = cluster.client().get(plain_deployment_type(), {cluster.namespace_name(), name});
  if (!found) return "";
  const std::string advice =
      helm_advice(kubernetes::decode_meta(*found).annotations, cluster.namespace_name());
  return "; there is a Deployment of that name: " +
         (advice.empty() ? "kubectl rollout undo deployment/" + name + " -n " + cluster.namespace_name()
                         : advice);
}

std::string helm_advice_of_deployment(const Cluster& cluster, const std::string& name) {
  const auto found = cluster.client().get(plain_deployment_type(), {cluster.namespace_name(), name});
  if (!found) return "";
  return helm_advice(kubernetes::decode_meta(*found).annotations, cluster.namespace_name());
}

/// Behind the platform's gateway a release of the gateway can bring other models back as well.
void say_who_keeps_the_gateway(const Cluster& cluster, const api::SeraphimDeployment& object,
                               std::ostream& out) {
  const auto* gateway = std::get_if<api::SeraphimGatewayTraffic>(&object.spec.traffic);
  if (!object.problems.empty() || gateway == nullptr) return;
  const std::string helm = helm_advice_of_deployment(cluster, gateway->deployment);
  if (!helm.empty()) out << "Deployment " << gateway->deployment << ", the gateway: " << helm << '\n';
}

tl::expected<int, std::string> roll_back(RollbackOptions& options, const Surroundings& surroundings) {
  const auto cluster = connect(options.subject, surroundings);
  if (!cluster) return tl::unexpected(cluster.error());
  const std::string& name = options.subject.name;
  const auto object = read_deployment(*cluster, name);
  if (!object) return tl::unexpected(object.error() + what_else(*cluster, name));
  const auto records = read_records(*cluster, *object);
  if (!records) return tl::unexpected(records.error());
  const std::string helm = helm_advice(object->annotations, object->namespace_);
  if (!helm.empty()) surroundings.err << object->namespace_ << '/' << name << ": " << helm << '\n';
  say_who_keeps_the_gateway(*cluster, *object, surroundings.err);
  const RollbackWish wish{options.to, options.retry_failed, api::format_time(surroundings.now())};
  return carry_out(propose_rollback(*object, *records, wish), *cluster, *object, options.change,
                   surroundings);
}

}  // namespace

Command add_rollback(CLI::App& app) {
  auto options = std::make_shared<RollbackOptions>();
  CLI::App& command = *app.add_subcommand("rollback", "Puts the spec back to a revision that was recorded");
  command.footer(kRollbackFooter);
  add_subject(command, options->subject);
  command.add_option("--to-revision", options->to, "Number of the revision, as status shows it")
      ->type_name("NUMBER");
  command.add_flag("--retry-failed", options->retry_failed,
                   "Allow a revision that failed before, and ask the operator to try it again");
  add_change_options(command, options->change);
  return {&command, [options](const Surroundings& surroundings) {
            return conclude("rollback", roll_back(*options, surroundings), surroundings);
          }};
}

}  // namespace seraphim::cli
