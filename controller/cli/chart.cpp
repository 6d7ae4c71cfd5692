#include "cli/chart.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <vector>

#include "api/percent.h"
#include "cli/timeline_text.h"
#include "report/svg_chart.h"

namespace seraphim::cli {
namespace {

using report::Curve;
using report::Dot;
using report::Panel;

/// "2.1 of 100" as two numbers; what cannot be read is 1 of 1.
struct Odds {
  double value = 1, needed = 1;
};

double leading_number(std::string_view words) {
  constexpr std::string_view kOver = "over ";
  if (words.starts_with(kOver)) words.remove_prefix(kOver.size());
  double value = 1;
  std::from_chars(words.data(), words.data() + words.size(), value);
  return value;
}

Odds odds_of(const std::string& words) {
  const auto split = words.find(" of ");
  if (split == std::string::npos) return {};
  return {leading_number(words), leading_number(std::string_view(words).substr(split + 4))};
}

double rate(std::int64_t failures, std::int64_t requests) {
  return requests > 0 ? static_cast<double>(failures) / static_cast<double>(requests) : 0;
}

using Value = std::function<double(const replay::Look&)>;

std::vector<Dot> dots_of(const replay::Timeline& timeline, const Value& value) {
  std::vector<Dot> dots;
  for (const auto& look : timeline.looks) dots.push_back({look.at, value(look)});
  return dots;
}

double highest(const std::vector<Dot>& dots) {
  double value = 0;
  for (const Dot& dot : dots) value = std::max(value, dot.value);
  return value;
}

/// Failures of each look alone would jump about: what people ask is how many failed so far.
Panel rates(const replay::Timeline& timeline) {
  const Curve candidate{"candidate", report::kCandidateColour, dots_of(timeline, [](const auto& look) {
                          return rate(look.evidence.candidate_failures, look.evidence.candidate_requests);
                        })};
  const Curve stable{"stable", report::kStableColour, dots_of(timeline, [](const auto& look) {
                       return rate(look.evidence.baseline_failures, look.evidence.baseline_requests);
                     })};
  const double top =
      std::min(1.0, report::nice_top(std::max({0.001, highest(candidate.dots), highest(stable.dots)})));
  return {.title = "error rate of all requests so far",
          .highest = top,
          .levels = report::percent_levels(top),
          .curves = {candidate, stable}};
}

Panel weight(const replay::Timeline& timeline) {
  Panel panel{.title = "weight of the candidate"};
  for (const int percent : {0, 25, 50, 100})
    panel.levels.push_back({percent / 100.0, std::to_string(percent) + "%"});
  Curve steps{.colour = report::kPlainColour, .dots = {{timeline.from, 0}}};
  for (const auto& set : timeline.weights) {
    steps.dots.push_back({set.at, steps.dots.back().value});
    steps.dots.push_back({set.at, set.weight.fraction()});
  }
  steps.dots.push_back({timeline.to, steps.dots.back().value});
  panel.curves.push_back(std::move(steps));
  return panel;
}

Panel evidence(const replay::Timeline& timeline) {
  const auto& last = timeline.looks.back().evidence;
  const Odds rollback = odds_of(last.rollback_evidence), promotion = odds_of(last.promotion_evidence);
  static constexpr double kLowest = 0.1;
  const double decades = std::ceil(std::log10(std::max(rollback.needed, promotion.needed) / kLowest)) + 1;
  const auto height = [](double odds) { return std::log10(std::max(odds, kLowest) / kLowest); };
  Panel panel{.title = "evidence, as odds (logarithmic)", .highest = decades};
  for (int i = 0; i <= static_cast<int>(decades); ++i)
    panel.levels.push_back({static_cast<double>(i), fmt::format("{:g}", kLowest * std::pow(10, i))});
  panel.bounds = {{height(rollback.needed), report::kRollbackColour},
                  {height(promotion.needed), report::kPromotionColour}};
  panel.curves = {
      {fmt::format("to roll back ({:g})", rollback.needed), report::kRollbackColour,
       dots_of(timeline,
               [&](const auto& look) { return height(odds_of(look.evidence.rollback_evidence).value); })},
      {fmt::format("to promote ({:g})", promotion.needed), report::kPromotionColour,
       dots_of(timeline,
               [&](const auto& look) { return height(odds_of(look.evidence.promotion_evidence).value); })}};
  return panel;
}

}  // namespace

std::string to_svg(const replay::Timeline& timeline) {
  const bool bad = timeline.outcome == replay::Outcome::rolled_back;
  report::Chart chart{.title = timeline.candidate + " beside " + timeline.stable,
                      .subtitle = end_text(timeline),
                      .subtitle_colour = bad ? report::kRollbackColour : report::kPlainColour,
                      .from = timeline.from,
                      .to = timeline.to};
  if (!timeline.looks.empty()) chart.panels = {rates(timeline), weight(timeline), evidence(timeline)};
  for (const auto& told : timeline.story) {
    const std::string& reason = told.narrative.reason;
    if (reason == "RolledBack") chart.marks.push_back({told.at, "rolled back", report::kRollbackColour});
    if (reason == "Promoted") chart.marks.push_back({told.at, "promoted", report::kPromotionColour});
  }
  return report::to_svg(chart);
}

}  // namespace seraphim::cli
