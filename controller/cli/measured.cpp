#include "cli/measured.h"

#include <CLI/CLI.hpp>
#include <ostream>

#include "analysis/promql.h"
#include "cli/deployment.h"
#include "prometheus/client.h"

namespace seraphim::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kLongestQuestion{20};
constexpr const char* kLocalPrometheus = "http://localhost:9090";

std::string bare(std::string address) {
  while (!address.empty() && address.back() == '/') address.pop_back();
  return address;
}

}  // namespace

tl::expected<Sides, std::string> sides_of(const api::SeraphimDeployment& object) {
  const auto sentence_of = [&](const std::string& why) {
    return tl::unexpected(object.namespace_ + "/" + object.name + ": " + why);
  };
  if (!object.problems.empty()) return sentence_of(object.problems.front());
  if (!object.spec.analysis)
    return sentence_of("spec.analysis is missing, so nobody knows which Prometheus to ask; write one");
  const api::Status& status = object.status;
  if (status.stable_revision.empty()) return sentence_of("no revision serves yet");
  Sides sides{
      object.spec.analysis->prometheus, object.namespace_, object.name,           status.stable_revision,
      status.candidate_revision,        std::nullopt,      status.step_started_at};
  const bool bakes = sides.candidate.empty() && !status.previous_revision.empty();
  if (bakes) {
    sides.baseline = status.previous_revision;
    sides.candidate = status.stable_revision;
    sides.told = api::kEverything;
  } else {
    sides.told = sides.candidate.empty() ? api::kNothing : status.weight.applied;
  }
  return sides;
}

void add_measure_options(CLI::App& command, MeasureOptions& options, const std::string& window) {
  add_subject(command, options.subject);
  command
      .add_option("--prometheus", options.prometheus,
                  "Prometheus server; default: the object's spec.analysis.prometheus.address")
      ->type_name("URL");
  options.window = window;
  command.add_option("--window", options.window, "How far back to look")
      ->capture_default_str()
      ->type_name("DURATION");
  command.add_flag("--gateway", options.gateway,
                   "The platform's gateway, by its label variant; asks no cluster, and Prometheus at " +
                       std::string(kLocalPrometheus) + " unless told otherwise");
}

tl::expected<Sides, std::string> find_sides(MeasureOptions& options, const Surroundings& surroundings) {
  if (options.gateway) {
    Sides sides{.baseline = "baseline", .candidate = "candidate"};
    sides.source.address = options.prometheus.empty() ? kLocalPrometheus : options.prometheus;
    sides.source.preset = api::SeriesPreset::variant_label;
    return sides;
  }
  const auto cluster = connect(options.subject, surroundings);
  if (!cluster) return tl::unexpected(cluster.error());
  const auto object = read_deployment(*cluster, options.subject.name);
  if (!object) return tl::unexpected(object.error());
  auto sides = sides_of(*object);
  if (sides && !options.prometheus.empty()) sides->source.address = options.prometheus;
  return sides;
}

tl::expected<Figures, std::string> measure(const Sides& sides, api::Duration window,
                                           const Surroundings& surroundings) {
  prometheus::MetricsSource source(surroundings.transport_for);
  const prometheus::Want want{.id = "requests",
                              .source = sides.source,
                              .object_namespace = sides.namespace_,
                              .object_name = sides.name,
                              .baseline = sides.baseline,
                              .candidate = sides.candidate.empty() ? sides.baseline : sides.candidate,
                              .window = window};
  auto fetched = source.fetch({&want, 1}, kLongestQuestion);
  for (const auto& warning : fetched.warnings) surroundings.err << warning << '\n';
  auto& answer = fetched.answers.at(want.id);
  if (const auto* nothing = std::get_if<analysis::NoSamples>(&answer))
    return tl::unexpected(nothing->message);
  auto& samples = std::get<analysis::Samples>(answer);
  if (sides.candidate.empty()) samples.candidate.clear();
  if (samples.baseline.empty() && samples.candidate.empty()) {
    return tl::unexpected("Prometheus at " + sides.source.address + " has no sample of " +
                          std::string(analysis::kRequestsMetric) + " for " + sides.baseline +
                          (sides.candidate.empty() ? "" : " or " + sides.candidate) + " in the last " +
                          api::format_duration(window) +
                          ": check that it scrapes their pods, or pass a longer --window");
  }
  return figures_of(samples);
}

tl::expected<std::map<std::string, double>, std::string> measure_p95(const Sides& sides, api::Duration window,
                                                                     const Surroundings& surroundings) {
  analysis::Selection selection{.preset = sides.source.preset,
                                .match_labels = sides.source.match_labels,
                                .namespaces = {sides.namespace_},
                                .revisions = {sides.baseline},
                                .window = window,
                                .latency = true};
  if (!sides.candidate.empty()) selection.revisions.insert(sides.candidate);
  const auto range = analysis::range_query(selection);
  if (!range) return tl::unexpected(range.error());
  const std::string label = sides.source.preset == api::SeriesPreset::variant_label ? "variant" : "revision";
  const std::string query = "histogram_quantile(0.95, sum by (le, " + label + ") (rate(" + *range + ")))";
  const std::string address = bare(sides.source.address);
  const auto transport = surroundings.transport_for(address);
  if (!transport) return tl::unexpected("there is no transport for " + address);
  const auto answer = prometheus::Client(*transport, address).query(query, kLongestQuestion);
  if (!answer) return tl::unexpected(answer.error().message);
  std::map<std::string, double> found;
  if (const auto* vector = std::get_if<prometheus::Vector>(&answer->data)) {
    for (const auto& entry : vector->entries) {
      const auto name = entry.labels.find(label);
      if (name != entry.labels.end()) found[name->second] = entry.point.value;
    }
  }
  return found;
}

tl::expected<api::Duration, std::string> parse_window(const std::string& text) {
  const auto window = api::parse_duration(text);
  if (!window) return tl::unexpected("--window: " + window.error());
  if (*window <= api::Duration::zero())
    return tl::unexpected(std::string("--window must be longer than 0; write 5m"));
  return *window;
}

}  // namespace seraphim::cli
