#include "cli/compare.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>
#include <vector>

#include "analysis/remembered.h"
#include "analysis/series.h"
#include "cli/comparison_text.h"
#include "cli/deployment.h"
#include "cli/measured.h"
#include "cli/output.h"
#include "cli/status_text.h"
#include "rollout/comparison.h"

namespace seraphim::cli {
namespace {

constexpr std::chrono::seconds kLongestLook{20};

constexpr const char* kCompareFooter =
    R"(The verdict is what the operator would say now: its own code, going on from what the status remembers.

Exit codes: 0 the candidate is not worse so far, or good enough to be promoted;
            1 it is worse, or suspicious; 2 nothing is compared, there is no data, or wrong options

Example:    kubectl-seraphim compare sentiment -n shop --prometheus http://localhost:9090)";

struct CompareOptions {
  MeasureOptions measure{};
};

/// All that the operator asks for at one look.
std::vector<prometheus::Want> wants_of_look(const api::SeraphimDeployment& object,
                                            const std::vector<api::Revision>& recorded,
                                            const rollout::Comparison& comparison,
                                            const analysis::Remembered& remembered) {
  const api::Analysis& settings = *object.spec.analysis;
  prometheus::Want want{.id = analysis::kErrorRate,
                        .source = settings.prometheus,
                        .object_namespace = object.namespace_,
                        .object_name = object.name,
                        .baseline = comparison.baseline,
                        .candidate = comparison.candidate,
                        .baseline_version = api::model_version(recorded, comparison.baseline),
                        .candidate_version = api::model_version(recorded, comparison.candidate),
                        .window = analysis::window_to_ask_for(settings, remembered, analysis::kErrorRate),
                        .essential_window = analysis::stale_after(settings)};
  std::vector<prometheus::Want> wants{want};
  for (const auto& [name, series] : analysis::further_series(settings)) {
    want.id = "metric " + name;
    want.series = series;
    want.window = analysis::window_to_ask_for(settings, remembered, name);
    wants.push_back(want);
  }
  return wants;
}

analysis::Assessment look_now(const api::SeraphimDeployment& object,
                              const std::vector<api::Revision>& recorded,
                              const rollout::Comparison& comparison, const Surroundings& surroundings) {
  const api::Analysis& settings = *object.spec.analysis;
  const analysis::Remembered remembered(object.status.evidence);
  prometheus::MetricsSource source(surroundings.transport_for);
  auto fetched = source.fetch(wants_of_look(object, recorded, comparison, remembered), kLongestLook);
  for (const auto& warning : fetched.warnings) surroundings.err << warning << '\n';
  analysis::Answers answers(std::move(fetched.answers.at(analysis::kErrorRate)));
  for (const auto& [name, series] : analysis::further_series(settings))
    answers.metrics.emplace(name, std::move(fetched.answers.at("metric " + name)));
  return analysis::assess(settings, remembered, answers, comparison.stage, object.status.step,
                          surroundings.now());
}

tl::expected<Compared, std::string> compare_now(const api::SeraphimDeployment& object,
                                                const std::vector<api::Revision>& recorded,
                                                const Sides& sides, api::Duration window,
                                                const Surroundings& surroundings) {
  const auto comparison = rollout::comparison(object.spec, object.status);
  if (!comparison) {
    return tl::unexpected("nothing is compared now: " + status_line(object) +
                          "; a rollout of the past can be replayed with: kubectl seraphim simulate");
  }
  Compared compared{.baseline = comparison->baseline, .candidate = comparison->candidate, .window = window};
  compared.assessment = look_now(object, recorded, *comparison, surroundings);
  const auto figures = measure(sides, window, surroundings);
  if (!figures) return tl::unexpected(figures.error());
  compared.figures = *figures;
  const auto p95 = measure_p95(sides, window, surroundings);
  if (!p95) return tl::unexpected(p95.error());
  compared.p95 = *p95;
  return compared;
}

/// What the operator has on record of the object.
tl::expected<std::vector<api::Revision>, std::string> recorded_revisions(
    const Cluster& cluster, const api::SeraphimDeployment& object) {
  const auto records = read_records(cluster, object);
  if (!records) return tl::unexpected(records.error());
  std::vector<api::Revision> revisions;
  for (const Record& record : *records) revisions.push_back(record.revision);
  return revisions;
}

tl::expected<int, std::string> run_compare(CompareOptions& options, const Surroundings& surroundings) {
  const auto window = parse_window(options.measure.window);
  if (!window) return tl::unexpected(window.error());
  const auto cluster = connect(options.measure.subject, surroundings);
  if (!cluster) return tl::unexpected(cluster.error());
  auto object = read_deployment(*cluster, options.measure.subject.name);
  if (!object) return tl::unexpected(object.error());
  if (object->spec.analysis && !options.measure.prometheus.empty())
    object->spec.analysis->prometheus.address = options.measure.prometheus;
  const auto sides = sides_of(*object);
  if (!sides) return tl::unexpected(sides.error());
  const auto recorded = recorded_revisions(*cluster, *object);
  if (!recorded) return tl::unexpected(recorded.error());
  const auto compared = compare_now(*object, *recorded, *sides, *window, surroundings);
  if (!compared) return tl::unexpected(compared.error());
  surroundings.out << (options.measure.json ? compared_json(*compared) : compared_text(*compared, *object));
  return exit_code_of(*compared);
}

}  // namespace

Command add_compare(CLI::App& app) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App& command = *app.add_subcommand(
      "compare", "The candidate beside the stable revision: requests, errors, latency, evidence, verdict");
  command.footer(kCompareFooter);
  add_measure_options(command, options->measure, "5m");
  add_output_option(command, options->measure.json);
  return {&command, [options](const Surroundings& surroundings) {
            return conclude("compare", run_compare(*options, surroundings), surroundings);
          }};
}

}  // namespace seraphim::cli
