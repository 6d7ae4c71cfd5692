// Error rates of both revisions above the weight of the one that failed.
#include <algorithm>

#include "report/post_mortem_parts.h"

namespace seraphim::report {
namespace {

constexpr std::size_t kMostDots = 500;  // more are not told apart in the picture

/// Where it pauses for long the curve does too: a rate that nobody measured is not drawn.
std::vector<Curve> pieces(const std::vector<Dot>& dots, const std::string& name, const char* colour,
                          api::Duration longest_gap) {
  std::vector<Curve> curves;
  const std::size_t step = dots.size() / kMostDots + 1;
  for (std::size_t i = 0; i < dots.size(); i += step) {
    const Dot& dot = dots[i];
    if (curves.empty() || dot.at - curves.back().dots.back().at > longest_gap)
      curves.push_back({.name = curves.empty() ? name : "", .colour = colour});
    curves.back().dots.push_back(dot);
  }
  return curves;
}

double highest(const std::vector<Dot>& dots) {
  double value = 0;
  for (const Dot& dot : dots) value = std::max(value, dot.value);
  return value;
}

Panel rates_panel(const Incident& incident) {
  Panel panel{.title = "error rate"};
  if (!incident.rates) {
    panel.levels = percent_levels(1);
    panel.note = "no rates: " + incident.rates_problem;
    return panel;
  }
  const ErrorRates& rates = *incident.rates;
  panel.title += ", over " + api::format_duration(rates.window);
  panel.highest = std::min(1.0, nice_top(std::max({0.001, highest(rates.failed), highest(rates.serving)})));
  panel.levels = percent_levels(panel.highest);
  const api::Duration gap = 2 * rates.window;
  panel.curves =
      pieces(rates.failed, number_words(incident, incident.rollback.from_revision), kCandidateColour, gap);
  const std::string beside =
      incident.rollback.to_revision.empty() ? "other" : number_words(incident, incident.rollback.to_revision);
  for (auto& curve : pieces(rates.serving, beside, kStableColour, gap))
    panel.curves.push_back(std::move(curve));
  if (panel.curves.empty()) panel.note = "Prometheus knows of no requests";
  return panel;
}

Panel weight_panel(const Incident& incident, const Course& course, const Span& span) {
  Panel panel{.title = "weight of " + number_words(incident, incident.rollback.from_revision)};
  for (const int percent : {0, 25, 50, 100})
    panel.levels.push_back({percent / 100.0, std::to_string(percent) + "%"});
  if (course.weights.empty()) {
    panel.note = "no change of it is known";
    return panel;
  }
  Curve curve{.colour = kPlainColour};
  if (course.chosen_at) curve.dots.push_back({span.from, 0});
  for (const Dot& set : course.weights) {
    if (!curve.dots.empty()) curve.dots.push_back({set.at, curve.dots.back().value});
    curve.dots.push_back(set);
  }
  curve.dots.push_back({span.to, curve.dots.back().value});
  panel.curves.push_back(std::move(curve));
  return panel;
}

}  // namespace

Chart incident_chart(const Incident& incident, const Course& course) {
  const auto& rollback = incident.rollback;
  const Span span = span_of(incident, course);
  Chart chart{.title = incident.namespace_ + "/" + incident.name + ": " +
                       number_words(incident, rollback.from_revision),
              .subtitle = rollback.reason + ": " + rollback.message,
              .subtitle_colour = kRollbackColour,
              .from = span.from,
              .to = span.to};
  if (!rollback.to_revision.empty()) chart.title += " beside " + number_words(incident, rollback.to_revision);
  chart.panels = {rates_panel(incident), weight_panel(incident, course, span)};
  for (const Told& told : course.story) {
    if (told.reason == "Promoted") chart.marks.push_back({told.at, "promoted", kPromotionColour});
  }
  chart.marks.push_back(
      {rollback.at, rollback.to_revision.empty() ? "failed" : "rolled back", kRollbackColour});
  return chart;
}

}  // namespace seraphim::report
