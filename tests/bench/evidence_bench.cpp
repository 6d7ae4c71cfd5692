// Operating characteristics: how often, how soon and at what price each rule rolls back, over simulated
// rollouts.
#include <fmt/core.h>
#include <fmt/os.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "chart.h"
#include "rules.h"
#include "traffic_model.h"

namespace seraphim::bench {
namespace {

constexpr double kHorizon = 3600, kHistory = 600;
const std::vector<double> kRates{0.001, 0.01, 0.05}, kRequests{0.5, 5, 50, 500};

struct Options {
  int rollouts = 600;
  std::uint64_t seed = 1;
  std::string table, chart, known;
};

/// What became of the rollouts of one row under one rule.
struct Figures {
  int rollouts = 0, rolled_back = 0, promoted = 0;
  std::vector<double> seconds,
      failures;  ///< of those rolled back: since the candidate got bad, served until then

  double percent_rolled_back() const { return 100.0 * rolled_back / rollouts; }
  double percent_promoted() const { return 100.0 * promoted / rollouts; }
  void add(Figures other) {
    rollouts += other.rollouts;
    rolled_back += other.rolled_back;
    promoted += other.promoted;
    seconds.insert(seconds.end(), other.seconds.begin(), other.seconds.end());
    failures.insert(failures.end(), other.failures.begin(), other.failures.end());
  }
};

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

void run_one(const RuleKind& kind, const Situation& situation, std::uint64_t seed, Figures& figures) {
  TrafficModel traffic(situation, seed);
  const auto rule = kind.make(situation.baseline_rate);
  Situation calm = situation;  // before the rollout nothing is out
  calm.candidate.outage = false;
  TrafficModel before(calm, seed ^ 0x9e3779b97f4a7c15U);
  for (double t = 0; t < kHistory; t += TrafficModel::kLook) rule->history(before.look(t, 0));
  ++figures.rollouts;
  double failed = 0;
  for (double t = 0; t < kHorizon; t += TrafficModel::kLook) {
    const auto counts = traffic.look(t, rule->weight());
    failed += counts.candidate_failed;
    const auto outcome = rule->look(t + TrafficModel::kLook, counts);
    if (outcome == Outcome::promoted) ++figures.promoted;
    if (outcome == Outcome::rolled_back) {
      ++figures.rolled_back;
      const double since_bad = t + TrafficModel::kLook - situation.candidate.from;
      if (since_bad > 0) {  // before that it is a false alarm, and no delay
        figures.seconds.push_back(since_bad);
        figures.failures.push_back(failed);
      }
    }
    if (outcome != Outcome::undecided) return;
  }
}

/// The same rollouts whatever the number of threads.
Figures run_many(const RuleKind& kind, const Situation& situation, const Options& options,
                 std::uint64_t row) {
  const unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<Figures> parts(threads);
  {
    std::vector<std::jthread> workers;
    for (unsigned w = 0; w < threads; ++w) {
      workers.emplace_back([&, w] {
        for (auto i = static_cast<int>(w); i < options.rollouts; i += static_cast<int>(threads)) {
          std::seed_seq sequence{options.seed, row, static_cast<std::uint64_t>(i)};
          std::array<std::uint32_t, 2> seeds{};
          sequence.generate(seeds.begin(), seeds.end());
          run_one(kind, situation, (std::uint64_t{seeds[0]} << 32U) | seeds[1], parts[w]);
        }
      });
    }
  }
  Figures all;
  for (auto& part : parts) all.add(std::move(part));
  return all;
}

std::string percent(double fraction) {
  return fmt::format("{:g}%", 100 * fraction);
}

std::string cell(const Figures& f) {
  auto text = fmt::format("{:.3g} / {:.3g}", f.percent_rolled_back(), f.percent_promoted());
  if (f.rolled_back * 4 >= f.rollouts) {
    text += fmt::format("; {:.0f}/{:.0f} s; {:.0f}/{:.0f}", quantile(f.seconds, 0.5),
                        quantile(f.seconds, 0.95), quantile(f.failures, 0.5), quantile(f.failures, 0.95));
  }
  return text;
}

std::vector<Difference> differences() {
  return {{.name = "x1"},
          {.name = "x1.2", .times = 1.2},
          {.name = "x2", .times = 2},
          {.name = "x5", .times = 5},
          {.name = "+1pp", .plus = 0.01},
          {.name = "50%", .instead = 0.5},
          {.name = "x1 outage 60s", .outage = true},
          {.name = "x5 outage 60s", .times = 5, .outage = true},
          {.name = "x5 from 200s", .times = 5, .from = 200},
          {.name = "50% from 200s", .instead = 0.5, .from = 200},
          {.name = "x1 clump10", .clump = 10},
          {.name = "+1pp clump10", .plus = 0.01, .clump = 10},
          {.name = "x5 clump10", .times = 5, .clump = 10}};
}

/// What the reference implementation found: "rate,candidate,rps" to percent rolled back and promoted.
using Known = std::map<std::string, std::pair<double, double>>;

Known read_known(const std::string& file) {
  Known known;
  if (file.empty()) return known;
  std::ifstream in(file);
  if (!in) throw std::runtime_error(file + " cannot be read");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#') || line.starts_with("baseline")) continue;
    std::vector<std::string> fields;
    std::istringstream parts(line);
    for (std::string field; std::getline(parts, field, ',');) fields.push_back(field);
    if (fields.size() < 5) throw std::runtime_error(file + ": '" + line + "' has too few fields");
    known[fields[0] + "," + fields[1] + "," + fields[2]] = {std::stod(fields[3]), std::stod(fields[4])};
  }
  return known;
}

/// Within four standard errors of the difference of two simulations, the known one of 600 rollouts.
bool agrees(double percent_here, int rollouts, double percent_known) {
  constexpr double kKnownRollouts = 600;
  const double pooled =
      (percent_here * rollouts + percent_known * kKnownRollouts) / (rollouts + kKnownRollouts) / 100;
  const double error = std::sqrt(pooled * (1 - pooled) * (1.0 / rollouts + 1 / kKnownRollouts));
  // Half a rollout either way: shares of a few hundred rollouts are no normal numbers near 0 and 1.
  return std::abs(percent_here - percent_known) / 100 <= 4 * error + 0.5 / kKnownRollouts;
}

class Report {
 public:
  explicit Report(const Options& options) : options_(options), known_(read_known(options.known)) {}

  void run();
  int disagreements() const { return disagreements_; }

 private:
  void row(const Situation& situation, std::uint64_t number);
  void compare(const std::string& key, const Figures& ours);
  void say(const std::string& line);
  void chart(const Situation& situation, const std::vector<Figures>& by_rule);

  const Options& options_;
  const Known known_;
  std::string text_;
  Chart good_{
      .title = "Good candidates (no worse) that are rolled back",
      .unit = "%",
  };
  Chart bad_{
      .title = "Candidates that fail half of their requests: median seconds until they are rolled back",
      .unit = " s",
      .highest = 600};
  int compared_ = 0, disagreements_ = 0;
  int good_rollouts_ = 0, false_alarms_ = 0;
};

void Report::say(const std::string& line) {
  fmt::print("{}\n", line);
  (void)std::fflush(stdout);
  text_ += line + "\n";
}

void Report::compare(const std::string& key, const Figures& ours) {
  const auto found = known_.find(key);
  if (found == known_.end()) return;
  ++compared_;
  const auto [rolled_back, promoted] = found->second;
  if (agrees(ours.percent_rolled_back(), ours.rollouts, rolled_back) &&
      agrees(ours.percent_promoted(), ours.rollouts, promoted))
    return;
  ++disagreements_;
  fmt::print(stderr, "{}: {:.3g} / {:.3g} here, {} / {} in {}\n", key, ours.percent_rolled_back(),
             ours.percent_promoted(), rolled_back, promoted, options_.known);
}

void Report::chart(const Situation& situation, const std::vector<Figures>& by_rule) {
  const bool good = situation.candidate.name == "x1";
  if (!good && situation.candidate.name != "50%") return;
  Chart& chart = good ? good_ : bad_;
  chart.groups.push_back(
      fmt::format("{}, {:g}/s", percent(situation.baseline_rate), situation.requests_per_second));
  auto& bars = chart.bars.emplace_back();
  for (const auto& figures : by_rule) {
    const double value = good ? figures.percent_rolled_back() : quantile(figures.seconds, 0.5);
    bars.push_back({value, fmt::format("{:.2g}", value)});
    if (!good) bars.back().label = fmt::format("{:.0f}", value);
  }
}

void Report::row(const Situation& situation, std::uint64_t number) {
  const auto& candidate = situation.candidate;
  std::string line = fmt::format("| {} {} | {:g} |", percent(situation.baseline_rate), candidate.name,
                                 situation.requests_per_second);
  std::vector<Figures> by_rule;
  for (std::size_t i = 0; i < rule_kinds().size(); ++i) {
    const auto& figures = by_rule.emplace_back(run_many(rule_kinds()[i], situation, options_, number));
    line += " " + cell(figures) + " |";
    if (i != 0) continue;
    compare(fmt::format("{},{},{:g}", percent(situation.baseline_rate), candidate.name,
                        situation.requests_per_second),
            figures);
    if (candidate.name.starts_with("x1") && candidate.times == 1 && candidate.clump == 1) {
      good_rollouts_ += figures.rollouts;
      false_alarms_ += figures.rolled_back;
    }
  }
  say(line);
  chart(situation, by_rule);
}

void Report::run() {
  std::string head = "| stable, candidate | requests/s |", under = "|---|---|";
  for (const auto& kind : rule_kinds()) {
    head += " " + kind.name + " |";
    under += "---|";
    good_.series.push_back(kind.name);
    bad_.series.push_back(kind.name);
  }
  say(head);
  say(under);
  std::uint64_t number = 0;
  for (const auto& candidate : differences()) {
    for (const double rate : kRates) {
      for (const double requests : kRequests) row({rate, requests, candidate}, ++number);
    }
  }
  say("");
  say(fmt::format(
      "{} rollouts a cell, seed {}. Candidates that are no worse (x1, with and without an outage): {} of {} "
      "rolled back by the sequential test.",
      options_.rollouts, options_.seed, false_alarms_, good_rollouts_));
  if (!known_.empty())
    say(fmt::format(
        "{} cells compared with the reference implementation's, {} differ by more than simulation error.",
        compared_, disagreements_));
  if (!options_.table.empty()) std::ofstream(options_.table) << text_;
  if (!options_.chart.empty()) std::ofstream(options_.chart) << to_svg({good_, bad_});
}

}  // namespace
}  // namespace seraphim::bench

int main(int argc, char** argv) {
  seraphim::bench::Options options;
  CLI::App app{"Simulates rollouts and says how often and how soon each rule decides what."};
  app.add_option("--rollouts", options.rollouts, "For each cell")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--seed", options.seed)->capture_default_str();
  app.add_option("--table", options.table, "Write the table to this file too");
  app.add_option("--chart", options.chart, "Write a chart of it as SVG");
  app.add_option("--known", options.known, "CSV to compare with; exit code 1 when a cell differs");
  CLI11_PARSE(app, argc, argv);
  try {
    seraphim::bench::Report report(options);
    report.run();
    return report.disagreements() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
