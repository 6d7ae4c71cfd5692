#include "cli/simulate.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <ostream>
#include <set>
#include <sstream>
#include <vector>

#include "analysis/series.h"
#include "api/placeholders.h"
#include "api/quote.h"
#include "cli/chart.h"
#include "cli/files.h"
#include "cli/manifest.h"
#include "cli/recording.h"
#include "cli/timeline_text.h"
#include "replay/compare.h"
#include "replay/history_codec.h"
#include "replay/replay.h"

namespace seraphim::cli {
namespace {

using replay::History;
using rollout::PassRecord;
template <typename T>
using Expected = tl::expected<T, std::string>;

constexpr api::Duration kUsualSpan = std::chrono::hours(1);

constexpr const char* kSimulateFooter =
    R"(Exit codes: 0 it would be promoted, or is still undecided (--aa: no false alarm);
            1 it would be rolled back (--aa: a false alarm);
            2 wrong options, or no usable manifest or history;
            3 --compare found a look that differs.

Example:    kubectl-seraphim simulate -f sentiment.yaml --prometheus http://localhost:9090
              --stable sentiment-5d41402abc --candidate sentiment-7b9f3c21de --from 2h --chart rollout.svg)";

bool asks_for_stable_version(const api::Analysis& analysis) {
  const auto asks = [](const std::string& promql) { return api::uses_placeholder(promql, "stableVersion"); };
  return std::any_of(analysis.metrics.begin(), analysis.metrics.end(), [&](const api::Metric& metric) {
    if (const auto* ratio = std::get_if<api::RatioMetric>(&metric.kind))
      return asks(ratio->counted) || asks(ratio->total);
    if (const auto* drift = std::get_if<api::DriftMetric>(&metric.kind))
      return asks(drift->baseline) || asks(drift->candidate);
    return asks(std::get<api::ValueMetric>(metric.kind).query);
  });
}

/// Everything of one run; each part is a step of simulate().
class Simulation {
 public:
  Simulation(const SimulateOptions& options, const Surroundings& surroundings)
      : options_(options), surroundings_(surroundings) {}

  Expected<int> run() {
    return read_object()
        .and_then([&] { return read_log(); })
        .and_then([&] { return choose_span(); })
        .and_then([&] { return choose_revisions(); })
        .and_then([&] { return read_history(); })
        .and_then([&] { return options_.aa ? stable_against_stable() : once(); });
  }

 private:
  Expected<void> read_object();
  Expected<void> read_log();
  Expected<void> choose_span();
  Expected<void> choose_revisions();
  Expected<void> read_history();
  Expected<int> once();
  Expected<int> stable_against_stable();
  Expected<void> write_chart(const replay::Timeline& timeline) const;
  int compare(const replay::Timeline& timeline) const;
  Expected<api::Time> time_of(const std::string& text, const char* option) const;
  std::string object_key() const { return namespace_ + "/" + object_.name; }

  const SimulateOptions& options_;
  const Surroundings& surroundings_;
  api::SeraphimDeployment object_{};
  std::string namespace_{}, stable_{}, candidate_{};
  std::vector<PassRecord> log_{};
  std::optional<History> file_{};
  api::Time from_{}, to_{};
  History history_{};
};

Expected<void> Simulation::read_object() {
  const auto text = read_file(options_.manifest, surroundings_);
  if (!text) return tl::unexpected(text.error());
  auto object = read_manifest(*text);
  if (!object) return tl::unexpected(object.error());
  object_ = *std::move(object);
  if (!object_.spec.analysis)
    return tl::unexpected(std::string("spec.analysis is missing: without it nothing is judged"));
  if (!options_.prometheus.empty()) object_.spec.analysis->prometheus.address = options_.prometheus;
  namespace_ = options_.namespace_.empty() ? object_.namespace_ : options_.namespace_;
  if (options_.history.empty()) return {};
  const auto history = read_file(options_.history, surroundings_);
  if (!history) return tl::unexpected(history.error());
  auto decoded = replay::decode_history(*history);
  if (!decoded) return tl::unexpected(options_.history + " is no history: " + decoded.error());
  file_ = *std::move(decoded);
  return {};
}

/// The passes of this object; which of them belong to this rollout is seen when the revisions are known.
Expected<void> Simulation::read_log() {
  const std::string& path = options_.looks.empty() ? options_.compare : options_.looks;
  if (path.empty()) return {};
  const auto text = read_file(path, surroundings_);
  if (!text) return tl::unexpected(text.error());
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    auto record = rollout::parse_line(line);
    if (record && record->object == object_key()) log_.push_back(*std::move(record));
  }
  if (log_.empty()) {
    return tl::unexpected(path + " holds no look at " + object_key() +
                          ": the operator writes them with --log-level debug");
  }
  std::stable_sort(log_.begin(), log_.end(),
                   [](const auto& left, const auto& right) { return left.at < right.at; });
  return {};
}

Expected<api::Time> Simulation::time_of(const std::string& text, const char* option) const {
  if (const auto back = api::parse_duration(text)) return surroundings_.now() - *back;
  const auto time = api::parse_time(text);
  if (time) return *time;
  return tl::unexpected(std::string(option) + " " + api::quote(text) +
                        " is no time: write 2026-11-24T16:17:33Z, or how long ago, such as 30m");
}

Expected<void> Simulation::choose_span() {
  if (file_) {
    from_ = file_->from;
    to_ = file_->to;
  } else if (!log_.empty()) {
    from_ = log_.front().at;
    to_ = log_.back().at;
  } else {
    to_ = surroundings_.now();
    from_ = to_ - kUsualSpan;
  }
  if (!options_.from.empty()) {
    const auto from = time_of(options_.from, "--from");
    if (!from) return tl::unexpected(from.error());
    from_ = *from;
  }
  if (!options_.to.empty()) {
    const auto to = time_of(options_.to, "--to");
    if (!to) return tl::unexpected(to.error());
    to_ = *to;
  }
  if (from_ >= to_) return tl::unexpected(std::string("--from must be before --to"));
  std::erase_if(log_, [&](const auto& record) { return record.at < from_ || record.at > to_; });
  return {};
}

Expected<void> Simulation::choose_revisions() {
  stable_ = options_.stable;
  candidate_ = options_.candidate;
  if (file_) {
    if (stable_.empty()) stable_ = file_->stable;
    if (candidate_.empty()) candidate_ = file_->candidate;
    if (stable_ != file_->stable || (!options_.aa && candidate_ != file_->candidate)) {
      return tl::unexpected(options_.history + " is about " + api::quote(file_->candidate) + " beside " +
                            api::quote(file_->stable));
    }
  } else if (object_.spec.analysis->prometheus.preset == api::SeriesPreset::variant_label) {
    if (stable_.empty()) stable_ = "baseline";
    if (candidate_.empty()) candidate_ = "candidate";
  }
  if (options_.aa) {
    candidate_.clear();
    object_.spec.analysis->metrics.clear();  // series of the user's own do not say whose pod's they are
  }
  if (stable_.empty() || (candidate_.empty() && !options_.aa)) {
    return tl::unexpected(
        std::string(options_.aa ? "--stable is required: the value of its series' label revision"
                                : "--stable and --candidate are required: the values of their series' label "
                                  "revision, as kubectl get rs shows them"));
  }
  std::erase_if(log_, [&](const auto& record) {
    return !record.candidate.empty() && (record.candidate != candidate_ || record.stable != stable_);
  });
  const bool by_log = !options_.looks.empty() || !options_.compare.empty();
  if (by_log && log_.empty() && !options_.aa) {
    return tl::unexpected("the log holds no look at " + candidate_ + " beside " + stable_ + " from " +
                          api::format_time(from_) + " to " + api::format_time(to_));
  }
  // The log may tell of several rollouts: ask for the span of this one.
  if (!file_ && options_.from.empty() && !log_.empty()) from_ = log_.front().at;
  if (!file_ && options_.to.empty() && !log_.empty()) to_ = log_.back().at;
  return {};
}

Expected<void> Simulation::read_history() {
  const auto* model = std::get_if<api::TorchServeWorkload>(&object_.spec.workload);
  const Wanted wanted{.analysis = *object_.spec.analysis,
                      .namespace_ = namespace_,
                      .name = object_.name,
                      .stable = stable_,
                      .candidate = candidate_,
                      .from = from_,
                      .to = to_,
                      .candidate_version = model == nullptr ? std::string() : model->model_version,
                      .stable_version = options_.stable_version};
  if (!file_ && wanted.stable_version.empty() && model != nullptr &&
      asks_for_stable_version(wanted.analysis)) {
    return tl::unexpected(std::string(
        "a metric of the manifest asks for {{stableVersion}}; write --stable-version, the version "
        "of the model that served"));
  }
  if (file_) {
    history_ = *std::move(file_);
    for (const auto& [name, series] : analysis::further_series(*object_.spec.analysis)) {
      if (history_.answers.metrics.contains(name)) continue;
      return tl::unexpected(options_.history + " has no samples of the metric " + name +
                            "; export it again with this manifest, or remove the metric from the manifest");
    }
    history_.from = from_;
    history_.to = to_;
  } else {
    auto recorded = record(wanted, surroundings_);
    if (!recorded) return tl::unexpected(recorded.error());
    history_ = *std::move(recorded);
  }
  if (!options_.aa && !replay::first_candidate_sample(history_)) {
    const std::string span = api::format_time(from_) + " to " + api::format_time(to_);
    return tl::unexpected("the history has no sample of " + candidate_ + " from " + span +
                          (options_.history.empty()
                               ? "; the server has these revisions: " + revisions_there(wanted, surroundings_)
                               : std::string()));
  }
  if (options_.export_to.empty()) return {};
  return write_file(options_.export_to, replay::encode(history_));
}

Expected<void> Simulation::write_chart(const replay::Timeline& timeline) const {
  if (options_.chart.empty()) return {};
  return write_file(options_.chart, to_svg(timeline));
}

int Simulation::compare(const replay::Timeline& timeline) const {
  const auto differences = replay::compare(timeline, log_);
  for (const auto& difference : differences.first) surroundings_.err << difference << '\n';
  surroundings_.err << "compare: " << differences.looks << " looks, " << differences.differ << " differ\n";
  return differences.differ == 0 && differences.looks > 0 ? kGood : kDiffers;
}

Expected<int> Simulation::once() {
  replay::Options how;
  how.passes = log_;
  const auto timeline = replay::replay(object_, history_, how);
  surroundings_.out << (options_.json ? to_json(timeline) : to_table(timeline));
  if (auto written = write_chart(timeline); !written) return tl::unexpected(written.error());
  if (!options_.compare.empty() && compare(timeline) != kGood) return kDiffers;
  return timeline.outcome == replay::Outcome::rolled_back ? kBad : kGood;
}

Expected<int> Simulation::stable_against_stable() {
  const auto runs = replay::replay_aa(object_, history_);
  if (runs.empty()) {
    const auto targets = replay::stable_targets(history_).size();
    return tl::unexpected("--aa compares the pods of " + stable_ +
                          " with each other and needs two or more; " + "the history has samples of " +
                          std::to_string(targets));
  }
  int alarms = 0;
  for (const auto& run : runs) {
    if (run.timeline.outcome == replay::Outcome::rolled_back) ++alarms;
    surroundings_.out << run.target << " as the candidate: " << end_text(run.timeline) << '\n';
  }
  surroundings_.out << "aa: " << runs.size() << " replays, " << alarms << " false alarms\n";
  return alarms == 0 ? kGood : kBad;
}

}  // namespace

Command add_simulate(CLI::App& app) {
  auto kept = std::make_shared<SimulateOptions>();
  SimulateOptions& options = *kept;
  CLI::App& command = *app.add_subcommand(
      "simulate",
      "Replays the operator's analysis and decisions over recorded history: what would it have done?");
  command.footer(kSimulateFooter);
  command.add_option("-f,--filename", options.manifest, "Manifest with one SeraphimDeployment; - for stdin")
      ->required()
      ->type_name("FILE");
  auto* server = command.add_option("--prometheus", options.prometheus,
                                    "Prometheus server; default: the manifest's analysis.prometheus.address");
  command.add_option("--stable", options.stable, "Revision that serves; default: the history file's");
  command.add_option("--candidate", options.candidate, "Revision to judge; default: the history file's");
  command.add_option("--stable-version", options.stable_version,
                     "Version of the stable model, with torchServe: what {{stableVersion}} stands for");
  command.add_option("--namespace", options.namespace_, "Namespace of the series; default: the manifest's");
  command.add_option(
      "--from", options.from,
      "Start: a time (RFC 3339) or how long ago (30m); default: the file's or the log's, else 1h");
  command.add_option("--to", options.to, "End, likewise; default: the file's or the log's, else now");
  command.add_option("--history", options.history, "History file to read in place of Prometheus")
      ->excludes(server)
      ->type_name("FILE");
  command.add_option("--export", options.export_to, "History file to write: what was read")
      ->type_name("FILE");
  command.add_option("--chart", options.chart, "SVG file to write")->type_name("FILE");
  auto* looks = command.add_option("--looks", options.looks,
                                   "Debug log of the operator: look when it looked, with the pods it had");
  auto* compare =
      command.add_option("--compare", options.compare,
                         "Debug log of the operator to compare with, look by look; also the --looks");
  auto* aa =
      command.add_flag("--aa", options.aa,
                       "Stable against stable: each of its pods in turn as the candidate; reports false "
                       "alarms");
  looks->type_name("FILE");
  compare->type_name("FILE");
  aa->excludes(looks)->excludes(compare);
  const std::vector<std::string> formats{"table", "json"};
  command
      .add_option_function<std::string>(
          "--output", [&options](const std::string& format) { options.json = format == "json"; },
          "table or json")
      ->check(CLI::IsMember(formats))
      ->default_str("table");
  return {&command, [kept](const Surroundings& surroundings) { return simulate(*kept, surroundings); }};
}

int simulate(const SimulateOptions& options, const Surroundings& surroundings) {
  const auto code = Simulation(options, surroundings).run();
  if (code) return *code;
  surroundings.err << "kubectl-seraphim simulate: " << code.error() << '\n';
  return kUnusable;
}

}  // namespace seraphim::cli
