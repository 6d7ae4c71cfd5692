#include "cli/change.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/deployment.h"

namespace seraphim::cli {
namespace {

using kubernetes::Result;
using nlohmann::json;

struct Writer {
  const Cluster& cluster;
  const api::SeraphimDeployment& object;
  kubernetes::ObjectKey key{cluster.namespace_name(), object.name};

  Result<json> operator()(const SetAnnotation& edit) const {
    return merge({{"metadata", {{"annotations", {{edit.key, edit.value}}}}}});
  }
  Result<json> operator()(const Pause&) const { return merge({{"spec", {{"paused", true}}}}); }
  Result<json> operator()(const Resume&) const { return merge({{"spec", {{"paused", false}}}}); }
  Result<json> operator()(const SetWorkload& edit) const {
    const json operations =
        json::array({{{"op", "test"}, {"path", "/metadata/generation"}, {"value", object.generation}},
                     {{"op", "replace"}, {"path", "/spec/workload"}, {"value", json::parse(edit.workload)}}});
    return cluster.client().json_patch(deployment_type(), key, operations);
  }

 private:
  Result<json> merge(const json& changes) const {
    return cluster.client().merge_patch(deployment_type(), key, changes);
  }
};

tl::expected<void, std::string> write(const Change& change, const Writer& writer) {
  for (const Edit& edit : change.edits) {
    const auto written = std::visit(writer, edit);
    if (written) continue;
    if (written.error().kind == kubernetes::ApiError::Kind::conflict)
      return tl::unexpected(
          std::string("the spec was changed by somebody else meanwhile; look at it and try again"));
    return tl::unexpected(sentence(written.error()));
  }
  return {};
}

int say(const Standing& standing, const api::Duration& timeout, const Surroundings& surroundings) {
  if (const auto* holds = std::get_if<Holds>(&standing)) {
    surroundings.out << holds->text << '\n';
    return kGood;
  }
  if (const auto* fails = std::get_if<Fails>(&standing)) {
    surroundings.err << fails->text << '\n';
    return fails->code;
  }
  surroundings.err
      << "not confirmed within " << api::format_duration(timeout) << ": " << std::get<Waits>(standing).text
      << "; the change stays asked for: see how it goes on with kubectl seraphim status, or pass a "
         "longer --timeout\n";
  return kBad;
}

}  // namespace

void add_change_options(CLI::App& command, ChangeOptions& options) {
  command.add_flag("--dry-run", options.dry_run, "Say what would be done, and do nothing");
  command.add_flag_callback(
      "--no-wait", [&options] { options.wait = false; },
      "Do not wait until the operator's status confirms it");
  command.add_option("--timeout", options.timeout, "How long to wait: 90s, 5m")
      ->capture_default_str()
      ->type_name("DURATION");
}

int carry_out(const Proposal& proposal, const Cluster& cluster, const api::SeraphimDeployment& object,
              const ChangeOptions& options, const Surroundings& surroundings) {
  const std::string who = object.namespace_ + "/" + object.name;
  if (!proposal) {
    (proposal.error().code == kGood ? surroundings.out : surroundings.err)
        << who << ": " << proposal.error().sentence << '\n';
    return proposal.error().code;
  }
  const auto timeout = api::parse_duration(options.timeout);
  if (!timeout) {
    surroundings.err << "--timeout: " << timeout.error() << '\n';
    return kUnusable;
  }
  surroundings.out << who << ": " << proposal->sentence
                   << (options.dry_run ? " (dry run: nothing is changed)" : "") << std::endl;
  if (options.dry_run) return kGood;
  if (const auto written = write(*proposal, {cluster, object}); !written) {
    surroundings.err << who << ": " << written.error() << '\n';
    return kUnusable;
  }
  if (!options.wait || !proposal->judge) return kGood;
  const Patience patience{*timeout, [&](const std::string& text) { surroundings.out << text << std::endl; }};
  const auto standing = await(cluster, object.name, proposal->judge, patience, surroundings);
  if (standing) return say(*standing, *timeout, surroundings);
  surroundings.err << who << ": " << standing.error() << '\n';
  return kUnusable;
}

bool is_observed(const api::SeraphimDeployment& object, std::int64_t generation) {
  return object.status.observed_generation >= generation;
}

}  // namespace seraphim::cli
