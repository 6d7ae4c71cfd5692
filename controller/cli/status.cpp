#include "cli/status.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/await.h"
#include "cli/cluster.h"
#include "cli/output.h"
#include "cli/status_text.h"

namespace seraphim::cli {
namespace {

constexpr std::size_t kEvents = 10;

struct StatusOptions {
  Subject subject{};
  bool json = false, watch = false;
  std::string timeout = "1h";
};

/// Ends when no revision is on its way any more.
Standing until_settled(const api::SeraphimDeployment& object) {
  const std::string line = status_line(object);
  if (object.status.observed_generation < object.generation) return Waits{line};
  switch (object.status.phase) {
    case api::Phase::stable:
      return Holds{line};
    case api::Phase::rolled_back:
      return Fails{line};
    default:
      return Waits{line};
  }
}

tl::expected<Story, std::string> read_story(const Cluster& cluster, const std::string& name,
                                            const Surroundings& surroundings) {
  auto object = read_deployment(cluster, name);
  if (!object) return tl::unexpected(object.error());
  auto records = read_records(cluster, *object);
  if (!records) return tl::unexpected(records.error());
  auto happenings = read_happenings(cluster, name, kEvents);
  if (!happenings) {  // who may not read Events still sees the rest
    surroundings.err << happenings.error() << '\n';
    happenings.emplace();
  }
  return Story{*std::move(object), *std::move(records), *std::move(happenings)};
}

tl::expected<int, std::string> watch(const Cluster& cluster, const StatusOptions& options,
                                     const Surroundings& surroundings) {
  const auto timeout = api::parse_duration(options.timeout);
  if (!timeout) return tl::unexpected("--timeout: " + timeout.error());
  const Patience patience{*timeout, [&](const std::string& line) { surroundings.out << line << std::endl; }};
  const auto standing = await(cluster, options.subject.name, until_settled, patience, surroundings);
  if (!standing) return tl::unexpected(standing.error());
  if (const auto* holds = std::get_if<Holds>(&*standing)) surroundings.out << holds->text << '\n';
  if (const auto* fails = std::get_if<Fails>(&*standing)) surroundings.out << fails->text << '\n';
  return std::holds_alternative<Holds>(*standing) ? kGood : kBad;
}

tl::expected<int, std::string> tell(StatusOptions& options, const Surroundings& surroundings) {
  const auto cluster = connect(options.subject, surroundings);
  if (!cluster) return tl::unexpected(cluster.error());
  const auto story = read_story(*cluster, options.subject.name, surroundings);
  if (!story) return tl::unexpected(story.error());
  surroundings.out << (options.json ? status_json(*story) : status_text(*story));
  if (!options.watch) return kGood;
  return watch(*cluster, options, surroundings);
}

}  // namespace

Command add_status(CLI::App& app) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App& command = *app.add_subcommand(
      "status", "How a rollout stands: revisions and verdicts, weights, evidence, conditions, Events");
  command.footer(
      "Exit codes: 0 told (--watch: the spec's revision serves); 1 --watch: rolled back, or not settled in "
      "time;\n            2 wrong options, no such object, or no access\n\n"
      "Example:    kubectl-seraphim status sentiment -n shop --watch");
  add_subject(command, options->subject);
  add_output_option(command, options->json);
  auto* watching = command.add_flag("-w,--watch", options->watch,
                                    "Then a line for each change, until the rollout has come to its end");
  command.add_option("--timeout", options->timeout, "How long to watch: 90s, 1h")
      ->capture_default_str()
      ->type_name("DURATION")
      ->needs(watching);
  return {&command, [options](const Surroundings& surroundings) {
            return conclude("status", tell(*options, surroundings), surroundings);
          }};
}

}  // namespace seraphim::cli
