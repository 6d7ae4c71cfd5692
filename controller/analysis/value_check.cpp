#include "analysis/value_check.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace seraphim::analysis {
namespace {

using nlohmann::json;

struct Memory {
  api::Time at{};  ///< of the last value that was out of bounds
  std::int32_t breaches = 0;
  std::string decided;  ///< the message that rolled back
};

std::string encode_memory(const Memory& memory) {
  return json::array({memory.at.time_since_epoch().count(), memory.breaches, memory.decided}).dump();
}

/// Total: text that this version did not write is no memory.
Memory decode_memory(const std::string& text) {
  const json list = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array() || list.size() != 3 || !list[0].is_number_integer() || !list[1].is_number_integer() ||
      !list[2].is_string()) {
    return {};
  }
  const auto at = list[0].get<std::int64_t>();
  const auto breaches = list[1].get<std::int64_t>();
  constexpr std::int64_t kFarAway = 4'000'000'000'000'000;  // milliseconds
  if (at < 0 || at > kFarAway || breaches < 0 || breaches > 100) return {};
  return {api::Time(api::Duration(at)), static_cast<std::int32_t>(breaches), list[2].get<std::string>()};
}

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

ValueFinding assess_value(const api::Metric& metric, api::Duration stale_after,
                          const api::MetricEvidence& last, const std::optional<api::Time>& last_look,
                          const Answer* answer, Stage stage, api::Time now) {
  const auto& wanted = std::get<api::ValueMetric>(metric.kind);
  Memory memory = decode_memory(last.state);
  ValueFinding out;
  out.evidence = last;
  const auto decide = [&] { out.verdict = RollBack{"MetricOutOfBounds", memory.decided}; };
  if (!memory.decided.empty()) {
    decide();
    return out;
  }
  out.suspicious = memory.breaches > 0;
  if (answer == nullptr) {
    out.fresh_at = last_look;
    return out;
  }
  if (const auto* nothing = std::get_if<NoSamples>(answer)) {
    out.verdict = Unavailable{nothing->reason, metric.name + ": " + nothing->message};
    return out;
  }
  const auto value = newest_value(std::get<Samples>(*answer));
  if (!value) {
    // A candidate without traffic may well have no value yet.
    if (stage != Stage::priming)
      out.verdict =
          Unavailable{"MetricsUnavailable", metric.name + ": its query has no value: check analysis.metrics"};
    return out;
  }
  if (now - value->at > stale_after) {
    out.verdict =
        Unavailable{"MetricsStale", metric.name + ": no value since " + api::format_time(value->at)};
    return out;
  }
  out.fresh_at = std::min(value->at, now);
  const bool is_new = value->at > memory.at;
  const auto why = breach(wanted, value->value);
  out.suspicious = why.has_value();
  if (stage == Stage::priming || !is_new || (!why && memory.breaches == 0)) return out;
  memory.breaches = why ? memory.breaches + 1 : 0;
  memory.at = value->at;
  out.evidence.note = why ? *why + " in " + std::to_string(memory.breaches) + " of " +
                                std::to_string(wanted.breaches) + " looks in a row"
                          : "within its bounds";
  if (memory.breaches >= wanted.breaches) {
    memory.decided = metric.name + ": " + *why + " in " + std::to_string(memory.breaches) + " looks in a row";
    decide();
  }
  out.evidence.state = encode_memory(memory);
  return out;
}

}  // namespace seraphim::analysis
