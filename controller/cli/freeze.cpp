#include "cli/freeze.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/await.h"
#include "cli/freeze_object.h"
#include "cli/output.h"
#include "kubernetes/json_read.h"

namespace seraphim::cli {
namespace {

using nlohmann::json;

constexpr const char* kFreezeFooter =
    R"(Creates a SeraphimFreeze: as long as it is in force no new revision starts and no candidate gets more traffic.
Rolling back always works.

Exit codes: 0 frozen, and confirmed by the operator; 1 there is such a freeze already, or it was not confirmed in
            time; 2 wrong options, or no access

Example:    kubectl-seraphim freeze -n shop --reason "the database moves" --for 2h)";

struct FreezeOptions {
  ClusterChoice cluster{};
  FreezeWish wish{};
  bool dry_run = false, wait = true;
  std::string timeout = "30s";
};

struct UnfreezeOptions {
  ClusterChoice cluster{};
  std::string name = "freeze";
  bool dry_run = false;
};

/// Of a kind that the cluster does not know, every object is not found.
std::string said(const kubernetes::ApiError& error) {
  if (error.kind != kubernetes::ApiError::Kind::not_found) return sentence(error);
  return error.message +
         "; is the CRD of SeraphimFreeze installed? See: kubectl get crd seraphimfreezes.serving.seraphim.io";
}

Standing is_acknowledged(const json& freeze) {
  const json& status = kubernetes::member(freeze, "status");
  const auto generation = kubernetes::decode_meta(freeze).generation;
  if (kubernetes::int64_or(status, "observedGeneration", -1) < generation)
    return Waits{"waiting: the operator has not seen the freeze yet"};
  const bool active = kubernetes::bool_or(status, "active", false);
  return Holds{std::string("confirmed: ") +
               (active ? "it is in force" : "the operator knows it; it is not in force now") + ", for " +
               std::to_string(kubernetes::int64_or(status, "affected", 0)) + " SeraphimDeployments"};
}

tl::expected<int, std::string> confirm_freeze(const Cluster& cluster, const FreezeOptions& options,
                                              api::Duration timeout, const Surroundings& surroundings) {
  const Patience patience{timeout, {}};
  const auto standing =
      await_object(cluster, freeze_type(), options.wish.name, is_acknowledged, patience, surroundings);
  if (!standing) return tl::unexpected(standing.error());
  if (const auto* holds = std::get_if<Holds>(&*standing)) {
    surroundings.out << holds->text << '\n';
    return kGood;
  }
  const auto* waits = std::get_if<Waits>(&*standing);
  surroundings.err << "not confirmed within " << options.timeout << ": "
                   << (waits != nullptr ? waits->text : std::get<Fails>(*standing).text)
                   << "; the freeze stays asked for; check that the operator runs and knows freezes\n";
  return kBad;
}

tl::expected<int, std::string> freeze(FreezeOptions& options, const Surroundings& surroundings) {
  const auto timeout = api::parse_duration(options.timeout);
  if (!timeout) return tl::unexpected("--timeout: " + timeout.error());
  const auto cluster = connect(options.cluster, true, surroundings);
  if (!cluster) return tl::unexpected(cluster.error());
  options.wish.namespace_ = cluster->namespace_name();
  if (options.wish.who.empty()) options.wish.who = surroundings.user;
  const auto object = freeze_object(options.wish, surroundings.now());
  if (!object) return tl::unexpected(object.error());
  const std::string who = cluster->namespace_name() + "/" + options.wish.name + ": ";
  if (options.dry_run) {
    surroundings.out << who << freeze_sentence(*object) << " (dry run: nothing is changed)\n";
    return kGood;
  }
  const auto made = cluster->client().create(freeze_type(), cluster->namespace_name(), *object);
  if (!made && made.error().kind == kubernetes::ApiError::Kind::already_exists) {
    const auto there = cluster->client().get(freeze_type(), {cluster->namespace_name(), options.wish.name});
    surroundings.err << who << "is there already" << (there ? ", " + freeze_sentence(*there) : "")
                     << "; end it with kubectl seraphim unfreeze, or give this one another --name\n";
    return kBad;
  }
  if (!made) return tl::unexpected(said(made.error()));
  surroundings.out << who << freeze_sentence(*object) << std::endl;
  return options.wait ? confirm_freeze(*cluster, options, *timeout, surroundings) : kGood;
}

tl::expected<int, std::string> unfreeze(const UnfreezeOptions& options, const Surroundings& surroundings) {
  const auto cluster = connect(options.cluster, true, surroundings);
  if (!cluster) return tl::unexpected(cluster.error());
  const std::string who = cluster->namespace_name() + "/" + options.name + ": ";
  const auto there = cluster->client().get(freeze_type(), {cluster->namespace_name(), options.name});
  if (!there && there.error().kind == kubernetes::ApiError::Kind::not_found) {
    surroundings.out << who << "there is no such freeze\n";
    return kGood;
  }
  if (!there) return tl::unexpected(said(there.error()));
  if (options.dry_run) {
    surroundings.out << who << "would end it, " << freeze_sentence(*there)
                     << " (dry run: nothing is changed)\n";
    return kGood;
  }
  const auto gone = cluster->client().remove(freeze_type(), {cluster->namespace_name(), options.name},
                                             kubernetes::decode_meta(*there).uid);
  if (!gone) return tl::unexpected(sentence(gone.error()));
  surroundings.out << who << "ended; it was " << freeze_sentence(*there) << '\n';
  return kGood;
}

}  // namespace

Command add_freeze(CLI::App& app) {
  auto options = std::make_shared<FreezeOptions>();
  CLI::App& command =
      *app.add_subcommand("freeze", "Nothing new is rolled out in the namespace until unfreeze, or a time");
  command.footer(kFreezeFooter);
  add_cluster_options(command, options->cluster);
  FreezeWish& wish = options->wish;
  command.add_option("--reason", wish.reason, "Why; conditions and Events repeat it")
      ->required()
      ->type_name("TEXT");
  command.add_option("--who", wish.who, "Who decided it, and can be asked; default: you")->type_name("TEXT");
  command.add_option("--from", wish.from, "Not in force before, such as 2026-12-24T00:00:00Z")
      ->type_name("TIME");
  command.add_option("--until", wish.until, "No longer in force from then on; default: until unfreeze")
      ->type_name("TIME");
  command.add_option("--for", wish.lasts, "How long from now, or from --from: 2h")->type_name("DURATION");
  command
      .add_option("-l,--selector", wish.labels, "Only SeraphimDeployments with this label; may be repeated")
      ->type_name("KEY=VALUE");
  command.add_option("--name", wish.name, "Name of the SeraphimFreeze")
      ->capture_default_str()
      ->type_name("NAME");
  command.add_flag("--dry-run", options->dry_run, "Say what would be done, and do nothing");
  command.add_flag_callback(
      "--no-wait", [options] { options->wait = false; }, "Do not wait until the operator confirms it");
  command.add_option("--timeout", options->timeout, "How long to wait for the operator: 30s")
      ->capture_default_str()
      ->type_name("DURATION");
  return {&command, [options](const Surroundings& surroundings) {
            return conclude("freeze", freeze(*options, surroundings), surroundings);
          }};
}

Command add_unfreeze(CLI::App& app) {
  auto options = std::make_shared<UnfreezeOptions>();
  CLI::App& command = *app.add_subcommand("unfreeze", "Ends a freeze");
  command.footer(
      "Exit codes: 0 ended, or there was none; 2 wrong options, or no access\n\n"
      "Example:    kubectl-seraphim unfreeze -n shop");
  add_cluster_options(command, options->cluster);
  command.add_option("--name", options->name, "Name of the SeraphimFreeze")
      ->capture_default_str()
      ->type_name("NAME");
  command.add_flag("--dry-run", options->dry_run, "Say what would be done, and do nothing");
  return {&command, [options](const Surroundings& surroundings) {
            return conclude("unfreeze", unfreeze(*options, surroundings), surroundings);
          }};
}

}  // namespace seraphim::cli
