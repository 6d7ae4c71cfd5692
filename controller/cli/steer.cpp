#include "cli/steer.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <ostream>

#include "cli/output.h"
#include "cli/proposals.h"

namespace seraphim::cli {
namespace {

struct SteerOptions {
  Subject subject{};
  ChangeOptions change{};
};

/// What is decided from the object, its records, and a text that was never used before.
using Proposer = std::function<Proposal(const api::SeraphimDeployment&, const std::vector<Record>&,
                                        const std::string& token)>;

constexpr const char* kExitCodes =
    "Exit codes: 0 done and confirmed by the operator's status, or there was nothing to do;\n"
    "            1 refused, or not confirmed in time; 2 wrong options, no such object, or no access";

tl::expected<int, std::string> steer(SteerOptions& options, const Proposer& propose,
                                     const Surroundings& surroundings) {
  const auto cluster = connect(options.subject, surroundings);
  if (!cluster) return tl::unexpected(cluster.error());
  const auto object = read_deployment(*cluster, options.subject.name);
  if (!object) return tl::unexpected(object.error());
  const auto records = read_records(*cluster, *object);
  if (!records) return tl::unexpected(records.error());
  const std::string token = api::format_time(surroundings.now());
  return carry_out(propose(*object, *records, token), *cluster, *object, options.change, surroundings);
}

Command add(CLI::App& app, const std::string& name, const std::string& meaning, Proposer propose) {
  auto options = std::make_shared<SteerOptions>();
  CLI::App& command = *app.add_subcommand(name, meaning);
  command.footer(std::string(kExitCodes) + "\n\nExample:    kubectl-seraphim " + name + " sentiment -n shop");
  add_subject(command, options->subject);
  add_change_options(command, options->change);
  return {&command, [options, name, propose = std::move(propose)](const Surroundings& surroundings) {
            return conclude(name, steer(*options, propose, surroundings), surroundings);
          }};
}

}  // namespace

std::vector<Command> add_steering(CLI::App& app) {
  return {add(app, "approve", "Approves the step that the candidate is at, when it waits for a person",
              [](const auto& object, const auto&, const auto&) { return propose_approval(object); }),
          add(app, "pause", "No candidate gets more traffic from now on; rolling back still works",
              [](const auto& object, const auto&, const auto&) { return propose_pause(object, true); }),
          add(app, "resume", "Ends a pause",
              [](const auto& object, const auto&, const auto&) { return propose_pause(object, false); }),
          add(app, "retry", "Tries the spec's revision again, which failed before", propose_retry),
          add(app, "abort", "Takes all traffic from the candidate: the spec goes back to the stable revision",
              [](const auto& object, const auto& records, const auto&) {
                return propose_abort(object, records);
              })};
}

}  // namespace seraphim::cli
