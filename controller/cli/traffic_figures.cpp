#include "cli/traffic_figures.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "cli/figures_text.h"
#include "cli/measured.h"
#include "cli/output.h"

namespace seraphim::cli {
namespace {

struct ErrorsOptions {
  MeasureOptions measure{};
  std::string most{};  ///< percent; empty: any
};

constexpr const char* kErrorsFooter =
    R"(Errors divided by requests for each revision (or variant): errors per second say nothing without the traffic.

Exit codes: 0 told; 1 --most: a revision fails more often; 2 no data, or wrong options

Examples:   kubectl-seraphim errors sentiment -n shop --most 5%
            kubectl-seraphim errors --gateway --prometheus http://localhost:9090)";

constexpr const char* kTrafficFooter =
    R"(The share that was measured beside the one that the router was told. Whether they differ is the operator's own
test, so a few requests prove nothing. The platform's gateway gives sticky users up to 4 points more.

Exit codes: 0 as told, or nothing was told; 1 the router does otherwise; 2 no data, or wrong options

Example:    kubectl-seraphim traffic sentiment -n shop)";

struct Measured {
  Sides sides{};
  Figures figures{};
};

tl::expected<Measured, std::string> measure_sides(MeasureOptions& options, const Surroundings& surroundings) {
  const auto window = parse_window(options.window);
  if (!window) return tl::unexpected(window.error());
  auto sides = find_sides(options, surroundings);
  if (!sides) return tl::unexpected(sides.error());
  auto figures = measure(*sides, *window, surroundings);
  if (!figures) return tl::unexpected(figures.error());
  return Measured{*std::move(sides), *std::move(figures)};
}

tl::expected<int, std::string> tell_errors(ErrorsOptions& options, const Surroundings& surroundings) {
  std::optional<api::Percent> most;
  if (!options.most.empty()) {
    const auto percent = api::parse_percent(options.most);
    if (!percent) return tl::unexpected("--most: " + percent.error());
    most = *percent;
  }
  const auto measured = measure_sides(options.measure, surroundings);
  if (!measured) return tl::unexpected(measured.error());
  const auto& [sides, figures] = *measured;
  surroundings.out << (options.measure.json ? errors_json(sides, figures) : errors_text(sides, figures));
  return most && fails_more_often(figures, *most) ? kBad : kGood;
}

tl::expected<int, std::string> tell_traffic(MeasureOptions& options, const Surroundings& surroundings) {
  const auto measured = measure_sides(options, surroundings);
  if (!measured) return tl::unexpected(measured.error());
  const auto& [sides, figures] = *measured;
  surroundings.out << (options.json ? traffic_json(sides, figures) : traffic_text(sides, figures));
  return router_differs(sides, figures) ? kBad : kGood;
}

}  // namespace

Command add_errors(CLI::App& app) {
  auto options = std::make_shared<ErrorsOptions>();
  CLI::App& command =
      *app.add_subcommand("errors", "How often each revision fails: errors by requests, and by outcome");
  command.footer(kErrorsFooter);
  add_measure_options(command, options->measure, "5m");
  command.add_option("--most", options->most, "Exit code 1 when a revision fails more often, such as 5%")
      ->type_name("PERCENT");
  add_output_option(command, options->measure.json);
  return {&command, [options](const Surroundings& surroundings) {
            return conclude("errors", tell_errors(*options, surroundings), surroundings);
          }};
}

Command add_traffic(CLI::App& app) {
  auto options = std::make_shared<MeasureOptions>();
  CLI::App& command =
      *app.add_subcommand("traffic", "What share of the requests each revision gets, beside what was told");
  command.footer(kTrafficFooter);
  add_measure_options(command, *options, "1m");
  add_output_option(command, options->json);
  return {&command, [options](const Surroundings& surroundings) {
            return conclude("traffic", tell_traffic(*options, surroundings), surroundings);
          }};
}

}  // namespace seraphim::cli
