#include "prometheus/user_queries.h"

#include <array>
#include <charconv>

#include "analysis/increments.h"
#include "analysis/promql.h"
#include "api/placeholders.h"

namespace seraphim::prometheus {
namespace {

using analysis::Side;

std::string filled(const Want& want, Side side, const std::string& promql) {
  return api::fill_placeholders(promql,
                                {{"namespace", want.object_namespace},
                                 {"name", want.object_name},
                                 {"revision", side == Side::baseline ? want.baseline : want.candidate},
                                 {"stable", want.baseline},
                                 {"candidate", want.candidate},
                                 {"stableVersion", want.baseline_version},
                                 {"candidateVersion", want.candidate_version}});
}

/// Who counts: what Prometheus scraped, where the series say so.
std::string scraped_target(const Labels& labels) {
  std::string target;
  for (const char* name : {"job", "instance"}) {
    const auto found = labels.find(name);
    if (found != labels.end()) target += std::string(name) + "=" + found->second + "\n";
  }
  return target;
}

/// Tells the series of one target apart; short, since it is remembered in the status.
std::string outcome_of(char kind, const Labels& labels) {
  std::string all;
  for (const auto& [name, value] : labels) all += name + "=" + value + "\n";
  std::array<char, 16> hex{};
  const auto end = std::to_chars(hex.data(), hex.data() + hex.size(), analysis::target_id(all), 16).ptr;
  return kind + std::string(hex.data(), end);
}

QueryError not_samples(const std::string& promql) {
  return {QueryError::Kind::nonsense, "the answer to " + promql + " is no window of samples"};
}

/// As it is, or its history.
std::string over_time(const Want& want, const std::string& promql) {
  if (want.resolution <= api::Duration::zero()) return promql;
  return "(" + promql + ")[" + analysis::window_text(want.window) + ":" +
         analysis::window_text(want.resolution) + "]";
}

/// "label=spam,region=eu": what the series of both sides are matched by.
std::string labels_text(const Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (name == "__name__") continue;
    text += (text.empty() ? "" : ",") + name + "=" + value;
  }
  return text;
}

std::vector<analysis::CounterSample> by_labels(const QueryAnswer& answer) {
  std::vector<analysis::CounterSample> samples;
  if (const auto* vector = std::get_if<Vector>(&answer.data)) {
    for (const auto& entry : vector->entries)
      samples.push_back({"", labels_text(entry.labels), entry.point.value, entry.point.at});
    return samples;
  }
  for (const auto& series : std::get<Matrix>(answer.data).series) {
    for (const Point& point : series.points)
      samples.push_back({"", labels_text(series.labels), point.value, point.at});
  }
  return samples;
}

analysis::NoSamples no_numbers(const std::string& promql) {
  return {"MetricsUnavailable",
          "the answer to " + promql +
              " has values that are no finite numbers; write a query of counts, such as "
              "sum by (label) (increase(predictions_total[5m]))"};
}

analysis::NoSamples no_instant(const std::string& promql) {
  return {"MetricsUnavailable", "the answer to " + promql +
                                    " is a window of samples; write a query with one value for each label, "
                                    "such as sum by (label) (increase(predictions_total[5m]))"};
}

}  // namespace

tl::expected<Answer, QueryError> fetch_drift(const Want& want, const analysis::DriftSeries& series,
                                             const Ask& ask) {
  analysis::Samples samples;
  for (const Side side : {Side::baseline, Side::candidate}) {
    const bool is_baseline = side == Side::baseline;
    const std::string promql =
        over_time(want, filled(want, side, is_baseline ? series.baseline : series.candidate));
    const auto answer = ask(promql);
    if (!answer) return tl::unexpected(answer.error());
    const bool is_history = std::holds_alternative<Matrix>(answer->data);
    if (is_history && want.resolution <= api::Duration::zero()) return no_instant(promql);
    // Of a history a moment without a number is left out; now it would be a kind of event that is not there.
    if (answer->dropped > 0 && !is_history) return no_numbers(promql);
    (is_baseline ? samples.baseline : samples.candidate) = by_labels(*answer);
  }
  return samples;
}

tl::expected<Answer, QueryError> fetch_ratio(const Want& want, const analysis::RatioSeries& series,
                                             const Ask& ask) {
  using analysis::kBad, analysis::kGood, analysis::kTotalOfBad, analysis::kTotalOfGood;
  analysis::Samples samples;
  for (const Side side : {Side::baseline, Side::candidate}) {
    auto& of_side = side == Side::baseline ? samples.baseline : samples.candidate;
    for (const bool total : {false, true}) {
      const char kind = series.counts_bad ? (total ? kTotalOfBad : kBad) : (total ? kTotalOfGood : kGood);
      const std::string promql = filled(want, side, total ? series.total : series.counted) + "[" +
                                 analysis::window_text(want.window) + "]";
      const auto answer = ask(promql);
      if (!answer) return tl::unexpected(answer.error());
      const auto* matrix = std::get_if<Matrix>(&answer->data);
      if (matrix == nullptr) return tl::unexpected(not_samples(promql));
      for (const Matrix::Series& one : matrix->series) {
        const std::string target = scraped_target(one.labels), outcome = outcome_of(kind, one.labels);
        for (const Point& point : one.points) of_side.push_back({target, outcome, point.value, point.at});
      }
    }
  }
  return samples;
}

tl::expected<Answer, QueryError> fetch_value(const Want& want, const analysis::ValueSeries& series,
                                             const Ask& ask) {
  const std::string promql = over_time(want, filled(want, Side::candidate, series.query));
  const auto answer = ask(promql);
  if (!answer) return tl::unexpected(answer.error());
  if (const auto* matrix = std::get_if<Matrix>(&answer->data);
      matrix != nullptr && matrix->series.size() <= 1) {
    analysis::Samples history;
    for (const auto& series_of_one : matrix->series) {
      for (const Point& point : series_of_one.points)
        history.candidate.push_back({"", "value", point.value, point.at});
    }
    return history;
  }
  const auto* vector = std::get_if<Vector>(&answer->data);
  if (vector == nullptr || vector->entries.size() > 1) {
    const std::string many =
        vector == nullptr ? "a window of samples" : std::to_string(vector->entries.size()) + " values";
    return analysis::NoSamples{"MetricsUnavailable", "the answer to " + promql + " is " + many +
                                                         "; write a query with one, such as max(...)"};
  }
  analysis::Samples samples;
  for (const auto& entry : vector->entries)
    samples.candidate.push_back({"", "value", entry.point.value, entry.point.at});
  return samples;
}

}  // namespace seraphim::prometheus
