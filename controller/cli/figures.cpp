#include "cli/figures.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/increments.h"

namespace seraphim::cli {
namespace {

using analysis::Counter;
using analysis::Side;

/// The counters of each scrape, in the order of time.
using ScrapesInOrder = std::map<std::pair<api::Time, std::string_view>, std::vector<Counter>>;

void add_scrapes(ScrapesInOrder& scrapes, Side side, const std::vector<analysis::CounterSample>& samples) {
  for (const auto& sample : samples)
    scrapes[{sample.at, sample.target}].push_back({side, sample.outcome, sample.value});
}

}  // namespace

double SideFigures::requests() const {
  double sum = 0;
  for (const auto& [outcome, count] : by_outcome) sum += count;
  return sum;
}

double SideFigures::failures() const {
  const auto good = by_outcome.find("success");
  return requests() - (good == by_outcome.end() ? 0 : good->second);
}

std::optional<double> SideFigures::error_ratio() const {
  const double all = requests();
  if (all <= 0) return std::nullopt;
  return failures() / all;
}

double Figures::per_second(double requests) const {
  const double seconds = std::chrono::duration<double>(span).count();
  return seconds > 0 ? requests / seconds : 0;
}

Figures figures_of(const analysis::Samples& samples) {
  ScrapesInOrder scrapes;
  add_scrapes(scrapes, Side::baseline, samples.baseline);
  add_scrapes(scrapes, Side::candidate, samples.candidate);
  Figures figures;
  if (scrapes.empty()) return figures;
  figures.begin = scrapes.begin()->first.first;
  figures.span = scrapes.rbegin()->first.first - figures.begin;
  analysis::Increments increments;
  for (const auto& [key, counters] : scrapes) {
    // A pod that began within the window counts from its first scrape on, as with Prometheus's own rate().
    const auto grown = increments.scrape(key.second, key.first, counters, std::nullopt);
    if (!grown) continue;
    for (const Counter& counter : *grown) {
      auto& side = counter.side == Side::baseline ? figures.baseline : figures.candidate;
      side.by_outcome[counter.outcome] += counter.value;
    }
  }
  return figures;
}

std::string ratio_text(const std::optional<double>& ratio) {
  return ratio ? fmt::format("{:.1f} %", 100 * *ratio) : "none";
}

}  // namespace seraphim::cli
