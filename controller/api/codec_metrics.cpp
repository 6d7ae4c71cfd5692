// spec.analysis.latency and spec.analysis.metrics.
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "api/codec_parts.h"
#include "api/names.h"
#include "api/placeholders.h"
#include "api/quote.h"

namespace seraphim::api {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::size_t kMostMetrics = 8;
constexpr const char* kSelectorHint =
    R"(a series selector of raw counters, such as http_requests_total{revision="{{revision}}",code=~"2.."})";
constexpr const char* kQueryHint =
    R"(PromQL with one value, such as max(queue_length{revision="{{candidate}}"}))";
constexpr const char* kSideHint =
    R"(PromQL with one count for each label, such as sum by (label) (increase(predictions_total{revision="{{stable}}"}[5m])))";
constexpr const char* kMeasureHint = "KL or Cosine";
constexpr const char* kDistanceHint = "the largest good distance, a number as a string, such as \"0.15\"";
constexpr const char* kNameHint =
    "a name of at most 40 letters, digits and '-' that starts with a letter, other than errorRate and "
    "latency";
constexpr const char* kBoundHint = "a number as a string, such as \"0.95\"";

bool is_metric_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto inside = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && text.size() <= 40 && letter(text.front()) &&
         std::all_of(text.begin(), text.end(), inside) && text != "errorRate" && text != "latency";
}

/// -12.5; no exponent, so that everybody reads the same.
std::optional<double> decimal(std::string_view text) {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  const bool plain = !digits.empty() && digits.size() <= 20 && digits.front() != '.' &&
                     digits.back() != '.' && std::count(digits.begin(), digits.end(), '.') <= 1 &&
                     digits.find_first_not_of("0123456789.") == std::string_view::npos;
  double value = 0;
  if (!plain || std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc())
    return std::nullopt;
  return value;
}

bool is_decimal(std::string_view text) {
  return decimal(text).has_value();
}

void read_shares(const Fields& fields, Percent& tolerance, Percent& ceiling) {
  constexpr Percent kLeast = Percent::from_basis_points(1);
  fields.read("tolerance", tolerance, {kLeast, Percent::from_basis_points(4999)});
  fields.read("ceiling", ceiling, {kLeast, Percent::from_basis_points(9999)});
}

/// Reads PromQL; false when it cannot be used.
bool read_promql(const Fields& fields, const char* name, std::string& into, const char* hint) {
  fields.read(name, into, is_text, hint);
  const auto unknown = unknown_placeholder(into);
  if (!unknown) return !into.empty();
  std::string known;
  for (const auto placeholder : kPlaceholders)
    known += (known.empty() ? "" : ", ") + std::string(placeholder);
  fields.problems().add(fields.path(name),
                        quote(*unknown) + " is no placeholder; write one of " + known + " in double braces");
  return false;
}

void read_selector(const Fields& fields, const char* name, std::string& into) {
  if (!read_promql(fields, name, into, kSelectorHint)) return;
  const bool calls = into.find('(') < into.find('{') || into.back() == ']';
  if (calls) {
    fields.problems().add(fields.path(name), quote(into) + " is not a plain selector; write " +
                                                 kSelectorHint + ", without a function or a range");
  } else if (!uses_placeholder(into, "revision")) {
    fields.problems().add(fields.path(name),
                          quote(into) + " is the same for both revisions; write " + kSelectorHint);
  }
}

RatioMetric read_ratio(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"good", "bad", "total", "tolerance", "ceiling"}, problems);
  RatioMetric ratio;
  const bool good = fields.find("good") != nullptr, bad = fields.find("bad") != nullptr;
  if (good == bad) {
    problems.add(path, std::string(good ? "has both good and bad" : "has neither good nor bad") +
                           "; write one of the two, " + kSelectorHint);
  } else {
    ratio.counts_bad = bad;
    read_selector(fields, bad ? "bad" : "good", ratio.counted);
  }
  if (fields.require("total", kSelectorHint) != nullptr) read_selector(fields, "total", ratio.total);
  read_shares(fields, ratio.tolerance, ratio.ceiling);
  return ratio;
}

void read_bound(const Fields& fields, const char* name, std::optional<Bound>& into) {
  if (fields.find(name) == nullptr) return;
  std::string text;
  fields.read(name, text, is_decimal, kBoundHint);
  if (const auto value = decimal(text)) into = Bound{*value, text};
}

ValueMetric read_value(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"query", "min", "max", "breaches"}, problems);
  ValueMetric metric;
  if (fields.require("query", kQueryHint) != nullptr) read_promql(fields, "query", metric.query, kQueryHint);
  read_bound(fields, "min", metric.min);
  read_bound(fields, "max", metric.max);
  if (fields.find("min") == nullptr && fields.find("max") == nullptr)
    problems.add(path, std::string("has no bound; write min, max or both, ") + kBoundHint);
  if (metric.min && metric.max && metric.min->value > metric.max->value)
    problems.add(path,
                 "min " + metric.min->text + " is above max " + metric.max->text + "; write min up to max");
  fields.read("breaches", metric.breaches, {1, 100});
  return metric;
}

bool is_measure(std::string_view text) {
  return text == to_string(DriftMeasure::kl) || text == to_string(DriftMeasure::cosine);
}

bool is_distance(std::string_view text) {
  return decimal(text).value_or(-1) >= 0;
}

/// One side's query of a drift; false when it cannot be used.
bool read_side(const Fields& fields, const char* name, std::string& into) {
  return fields.require(name, kSideHint) != nullptr && read_promql(fields, name, into, kSideHint);
}

DriftMetric read_drift(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"measure", "baseline", "candidate", "max", "minRequests", "breaches"},
                      problems);
  DriftMetric metric;
  std::string measure = to_string(metric.measure);
  if (fields.require("measure", kMeasureHint) != nullptr)
    fields.read("measure", measure, is_measure, kMeasureHint);
  if (measure == to_string(DriftMeasure::cosine)) metric.measure = DriftMeasure::cosine;
  const bool both =
      read_side(fields, "baseline", metric.baseline) && read_side(fields, "candidate", metric.candidate);
  if (both && metric.baseline == metric.candidate && !uses_placeholder(metric.baseline, "revision")) {
    problems.add(path, "baseline and candidate are the same query; write " + std::string(kSideHint) +
                           ", and the same with {{candidate}} for the other side");
  }
  if (fields.require("max", kDistanceHint) != nullptr) {
    fields.read("max", metric.max.text, is_distance, kDistanceHint);
    metric.max.value = decimal(metric.max.text).value_or(0);
  }
  fields.read("minRequests", metric.min_requests, {0, 1'000'000'000});
  fields.read("breaches", metric.breaches, {1, 100});
  if (metric.min_requests == 0 && metric.measure == DriftMeasure::kl) {
    problems.add(fields.path("minRequests"),
                 "0 is for values that are no counts, which KL cannot compare; write at least 1, or measure "
                 "Cosine");
  }
  return metric;
}

Metric read_metric(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"name", "ratio", "value", "drift"}, problems);
  Metric metric;
  if (fields.require("name", kNameHint) != nullptr)
    fields.read("name", metric.name, is_metric_name, kNameHint);
  const json* ratio = fields.find("ratio");
  const json* present = fields.find("value");
  const json* drift = fields.find("drift");
  const int kinds = (ratio != nullptr ? 1 : 0) + (present != nullptr ? 1 : 0) + (drift != nullptr ? 1 : 0);
  if (kinds != 1) {
    problems.add(path, std::string(kinds == 0 ? "is of no kind" : "is of several kinds") +
                           "; write exactly one of ratio, value and drift");
  } else if (ratio != nullptr) {
    metric.kind = read_ratio(*ratio, fields.path("ratio"), problems);
  } else if (present != nullptr) {
    metric.kind = read_value(*present, fields.path("value"), problems);
  } else {
    metric.kind = read_drift(*drift, fields.path("drift"), problems);
  }
  return metric;
}

}  // namespace

const char* to_string(DriftMeasure measure) {
  return measure == DriftMeasure::cosine ? "Cosine" : "KL";
}

LatencyAnalysis read_latency(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"objective", "tolerance", "ceiling"}, problems);
  LatencyAnalysis latency;
  if (fields.require("objective", "how long a request may take, such as 500ms") != nullptr)
    fields.read("objective", latency.objective, {1ms, 1h});
  read_shares(fields, latency.tolerance, latency.ceiling);
  return latency;
}

std::vector<Metric> read_metrics(const json& value, const std::string& path, Problems& problems) {
  std::vector<Metric> metrics;
  if (!value.is_array() || value.size() > kMostMetrics) {
    problems.add(path, describe(value) + " cannot be used; write a list of at most " +
                           std::to_string(kMostMetrics) + " metrics");
    return metrics;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::string at = path + "[" + std::to_string(i) + "]";
    Metric metric = read_metric(value[i], at, problems);
    const bool known = std::any_of(metrics.begin(), metrics.end(),
                                   [&](const Metric& other) { return other.name == metric.name; });
    if (known && !metric.name.empty())
      problems.add(at + ".name", quote(metric.name) + " is there already; write another name");
    metrics.push_back(std::move(metric));
  }
  return metrics;
}

}  // namespace seraphim::api
