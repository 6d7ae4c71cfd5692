#include "rollout/outlook.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace seraphim::rollout {
namespace {

using namespace std::chrono_literals;

std::string one_decimal(double value) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed,
                                 value < 0.095 ? 2 : 1)
                       .ptr;
  return {text.data(), end};
}

api::Duration rounded(api::Duration duration, api::Duration unit) {
  return (duration + unit / 2) / unit * unit;
}

std::string pace_text(const analysis::Pace& pace) {
  return one_decimal(pace.events_per_second) + " requests/s with " + one_decimal(100 * pace.failure_share) +
         " % failures";
}

}  // namespace

std::string rough_duration(api::Duration duration) {
  if (duration < 10s) return api::format_duration(std::max<api::Duration>(rounded(duration, 1s), 1s));
  if (duration < 2min) return api::format_duration(rounded(duration, 5s));
  if (duration < 1h) return api::format_duration(rounded(duration, 1min));
  if (duration < 10h) return api::format_duration(rounded(duration, 10min));
  return api::format_duration(rounded(duration, 1h));
}

std::string knowledge(const Planner& planner) {
  if (!planner.in.assessment || planner.in.assessment->summary.empty()) return "";
  const auto& last = planner.status.evidence.last_look;
  return "; known so far: " + planner.in.assessment->summary + "; it looks every " +
         api::format_duration(planner.spec.analysis->interval) +
         (last ? ", the last look that brought something was at " + api::format_time(*last) : "");
}

std::string way_back(const Planner& planner) {
  if (planner.initial() || !planner.has_candidate()) return "";
  std::string message = "; it goes back to " + planner.status.stable_revision;
  const std::string units = planner.full.units();
  message += planner.spec.analysis
                 ? " when the rollback evidence of a metric reaches its bound or its " + units + " are lost"
                 : " when its " + units + " are lost";
  if (planner.status.progress_since) {
    message += ", or at " +
               api::format_time(*planner.status.progress_since + planner.full.progress_deadline) +
               " if its " + units + " are not available";
  }
  return message;
}

std::optional<Forecast> forecast(const Planner& planner) {
  if (!planner.in.assessment || planner.steps.empty()) return std::nullopt;
  const api::Percent weight = planner.steps.back().weight;
  std::optional<Forecast> slowest;
  for (const analysis::Pace& pace : planner.in.assessment->paces) {
    const auto time = analysis::time_to_promote(pace, weight.fraction());
    if (!time || (slowest && *time <= slowest->time)) continue;
    slowest = Forecast{*time, "about " + rough_duration(*time) + " of evidence at the last step (" +
                                  api::format_percent(weight) + "), at " + pace_text(pace)};
  }
  return slowest;
}

}  // namespace seraphim::rollout
