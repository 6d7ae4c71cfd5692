#include "analysis/drift_check.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include "analysis/drift.h"
#include "analysis/number_text.h"
#include "api/quote.h"

namespace seraphim::analysis {
namespace {

std::optional<api::Time> newest_time(const std::vector<CounterSample>& samples) {
  std::optional<api::Time> newest;
  for (const auto& sample : samples) newest = newest ? std::max(*newest, sample.at) : sample.at;
  return newest;
}

/// Both sides by the same labels.
struct Table {
  std::vector<std::string> labels{};
  std::vector<double> baseline{}, candidate{};

  double events(const std::vector<double>& side) const {
    return std::accumulate(side.begin(), side.end(), 0.0);
  }
  bool is_usable() const {
    const auto bad = [](double value) { return !std::isfinite(value) || value < 0; };
    return std::none_of(baseline.begin(), baseline.end(), bad) &&
           std::none_of(candidate.begin(), candidate.end(), bad);
  }
  std::size_t kinds() const {
    std::size_t counted = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) counted += baseline[i] + candidate[i] > 0 ? 1u : 0u;
    return counted;
  }
};

Table table_of(const Samples& samples, api::Time of_baseline, api::Time of_candidate) {
  std::map<std::string, std::pair<double, double>> by_labels;
  for (const auto& sample : samples.baseline)
    if (sample.at == of_baseline) by_labels[sample.outcome].first += sample.value;
  for (const auto& sample : samples.candidate)
    if (sample.at == of_candidate) by_labels[sample.outcome].second += sample.value;
  Table table;
  for (const auto& [labels, values] : by_labels) {
    table.labels.push_back(labels);
    table.baseline.push_back(values.first);
    table.candidate.push_back(values.second);
  }
  return table;
}

double distance_of(const api::DriftMetric& wanted, const Table& table) {
  if (wanted.measure == api::DriftMeasure::cosine) return cosine_distance(table.baseline, table.candidate);
  return kl_divergence(shares_of(table.baseline), shares_of(table.candidate));
}

/// "4120 stable and 412 candidate events"
std::string events_text(const api::MetricEvidence& evidence) {
  return std::to_string(evidence.baseline_requests) + " stable and " +
         std::to_string(evidence.candidate_requests) + " candidate events";
}

/// "KL 0.412 between 4120 stable and 412 candidate events"
std::string distance_text(const api::DriftMetric& wanted, double distance,
                          const api::MetricEvidence& evidence) {
  return std::string(api::to_string(wanted.measure)) + " " + fixed(distance, 3) + " between " +
         events_text(evidence);
}

/// Where the two differ most, for people.
std::string largest_difference(const Table& table) {
  const auto stable = shares_of(table.baseline), candidate = shares_of(table.candidate);
  constexpr double kLastBits = 1e-9;
  std::size_t most = 0;  // of two labels that differ alike the first
  const auto difference = [&](std::size_t i) { return std::abs(candidate[i] - stable[i]); };
  for (std::size_t i = 1; i < stable.size(); ++i) {
    if (difference(i) > difference(most) + kLastBits) most = i;
  }
  return "; most at " + api::quote(table.labels[most]) + ": " + percent(stable[most]) + " of stable, " +
         percent(candidate[most]) + " of candidate";
}

bool is_beyond_chance(const api::DriftMetric& wanted, const Table& table) {
  if (wanted.min_requests == 0) return true;  // no counts: the test has nothing to say
  const std::size_t kinds = table.kinds();
  return kinds > 1 && g_statistic(table.baseline, table.candidate) > chance_bound(kinds - 1);
}

class DriftLook {
 public:
  DriftLook(const api::DriftMetric& wanted, BoundLook& look) : wanted_(wanted), look_(look) {}

  void take(const Samples& samples, api::Duration stale_after, api::Time now);

 private:
  void judge(const Table& table, api::Time at);
  bool has_enough(const Table& table) const;

  const api::DriftMetric& wanted_;
  BoundLook& look_;
};

bool DriftLook::has_enough(const Table& table) const {
  const double baseline = table.events(table.baseline), candidate = table.events(table.candidate);
  return baseline > 0 && candidate > 0 && baseline >= wanted_.min_requests &&
         candidate >= wanted_.min_requests;
}

void DriftLook::take(const Samples& samples, api::Duration stale_after, api::Time now) {
  const auto of_baseline = newest_time(samples.baseline), of_candidate = newest_time(samples.candidate);
  const api::Time at = std::min(of_baseline.value_or(now), of_candidate.value_or(now));
  if (now - at > stale_after)
    return look_.unavailable("MetricsStale", "no value since " + api::format_time(at));
  const Table table = table_of(samples, of_baseline.value_or(now), of_candidate.value_or(now));
  if (!table.is_usable()) {
    return look_.unavailable("MetricsUnavailable",
                             "a value of its queries is negative: write counts, such as sum by (label) "
                             "(increase(predictions_total[5m]))");
  }
  api::MetricEvidence counted;
  counted.baseline_requests = std::llround(std::min(table.events(table.baseline), 1e15));
  counted.candidate_requests = std::llround(std::min(table.events(table.candidate), 1e15));
  if (!has_enough(table)) {
    return look_.unavailable(
        "NotEnoughTraffic",
        events_text(counted) + " are counted, and of each " +
            std::to_string(std::max(wanted_.min_requests, 1)) +
            " are needed: it waits for traffic; if there is some, check its queries in analysis.metrics");
  }
  const double distance = distance_of(wanted_, table);
  const std::string text = distance_text(wanted_, distance, counted);
  const bool is_above = distance > wanted_.max.value;
  if (is_above && !is_beyond_chance(wanted_, table)) {
    return look_.unavailable("NotEnoughTraffic", text + " is above " + wanted_.max.text +
                                                     ", and chance alone may bring that: more are needed");
  }
  BoundFinding& found = look_.found;
  found.fresh_at = std::min(at, now);
  found.suspicious = is_above;
  const std::string within = text + ", at most " + wanted_.max.text;
  const bool was_so = !is_above && look_.memory().breaches == 0 && found.evidence.note == within;
  if (was_so || at <= look_.memory().at) return;
  const std::string most = largest_difference(table);
  look_.count(is_above ? std::optional(text + " is above " + wanted_.max.text) : std::nullopt, most,
              wanted_.breaches, at);
  found.evidence.baseline_requests = counted.baseline_requests;
  found.evidence.candidate_requests = counted.candidate_requests;
  found.evidence.note = is_above ? text + " is above " + wanted_.max.text + " in " +
                                       std::to_string(look_.memory().breaches) + " of " +
                                       std::to_string(wanted_.breaches) + " looks in a row" + most
                                 : within;
}

}  // namespace

BoundFinding assess_drift(const api::Metric& metric, api::Duration stale_after,
                          const api::MetricEvidence& last, const std::optional<api::Time>& last_look,
                          const Answer* answer, Stage stage, api::Time now) {
  const auto& wanted = std::get<api::DriftMetric>(metric.kind);
  BoundLook look(metric, "MetricDrifted", last, last_look, answer);
  if (stage == Stage::priming || is_alone(stage)) look.leave_out(now);
  if (look.samples() == nullptr) return look.found;
  DriftLook(wanted, look).take(*look.samples(), stale_after, now);
  return look.found;
}

}  // namespace seraphim::analysis
