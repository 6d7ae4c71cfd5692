#include "analysis/value_check.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace seraphim::analysis {
namespace {

/// As short as it can be without a loss.
std::string shortest(double value) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

/// "12.5 is above 10"; nothing within the bounds.
std::optional<std::string> breach(const api::ValueMetric& metric, double value) {
  if (metric.max && value > metric.max->value) return shortest(value) + " is above " + metric.max->text;
  if (metric.min && value < metric.min->value) return shortest(value) + " is below " + metric.min->text;
  return std::nullopt;
}

std::optional<CounterSample> newest_value(const Samples& samples) {
  const auto& all = samples.candidate;
  const auto newest =
      std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  if (newest == all.end() || !std::isfinite(newest->value)) return std::nullopt;
  return *newest;
}

}  // namespace

BoundFinding assess_value(const api::Metric& metric, api::Duration stale_after,
                          const api::MetricEvidence& last, const std::optional<api::Time>& last_look,
                          const Answer* answer, Stage stage, api::Time now) {
  const auto& wanted = std::get<api::ValueMetric>(metric.kind);
  BoundLook look(metric, "MetricOutOfBounds", last, last_look, answer);
  if (look.samples() == nullptr) return look.found;
  const auto value = newest_value(*look.samples());
  if (!value) {
    // A candidate without traffic may well have no value yet.
    if (stage != Stage::priming)
      look.unavailable("MetricsUnavailable", "its query has no value: check analysis.metrics");
    return look.found;
  }
  if (now - value->at > stale_after) {
    look.unavailable("MetricsStale", "no value since " + api::format_time(value->at));
    return look.found;
  }
  look.found.fresh_at = std::min(value->at, now);
  const bool is_new = value->at > look.memory().at;
  const auto why = breach(wanted, value->value);
  look.found.suspicious = why.has_value();
  if (stage == Stage::priming || !is_new || (!why && look.memory().breaches == 0)) return look.found;
  look.count(why, "", wanted.breaches, value->at);
  look.found.evidence.note = why ? *why + " in " + std::to_string(look.memory().breaches) + " of " +
                                       std::to_string(wanted.breaches) + " looks in a row"
                                 : "within its bounds";
  return look.found;
}

}  // namespace seraphim::analysis
