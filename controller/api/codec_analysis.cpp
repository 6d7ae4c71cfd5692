// spec.analysis: where the numbers come from and what is asked of them.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "api/codec_parts.h"
#include "api/names.h"
#include "api/quote.h"

namespace seraphim::api {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr const char* kAddressHint = "the URL of Prometheus, such as http://prometheus.monitoring:9090";
constexpr const char* kPresetHint =
    "RevisionLabel (series carry the label revision) or VariantLabel (the platform's gateway)";
constexpr std::size_t kMostLabels = 8;
constexpr std::size_t kLongestLabelValue = 256;

bool is_preset(std::string_view text) {
  return text == "RevisionLabel" || text == "VariantLabel";
}

/// A matcher on one of these would hide a side of the comparison, or its failures.
bool is_own_label(std::string_view name) {
  constexpr std::array<std::string_view, 3> kOwn{"revision", "variant", "outcome"};
  return std::find(kOwn.begin(), kOwn.end(), name) != kOwn.end();
}

void read_match_label(PrometheusSource& source, const std::string& name, const json& value,
                      const std::string& path, Problems& problems) {
  if (!is_series_label(name)) {
    problems.add(path, quote(name) + " is not a label of a series; write letters, digits and _, such as job");
  } else if (is_own_label(name)) {
    problems.add(path, quote(name) + " is chosen by the operator itself; remove it");
  } else if (!value.is_string() || value.get_ref<const std::string&>().size() > kLongestLabelValue) {
    problems.add(path, describe(value) + " is not a value of " + quote(name) +
                           "; write a string of at most " + std::to_string(kLongestLabelValue) +
                           " characters");
  } else {
    source.match_labels[name] = value.get<std::string>();
  }
}

PrometheusSource read_prometheus(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"address", "preset", "matchLabels"}, problems);
  PrometheusSource source;
  if (fields.require("address", kAddressHint) != nullptr) {
    fields.read("address", source.address, is_http_url, kAddressHint);
  }
  std::string preset = "RevisionLabel";
  fields.read("preset", preset, is_preset, kPresetHint);
  if (preset == "VariantLabel") source.preset = SeriesPreset::variant_label;
  const json* labels = fields.find("matchLabels");
  if (labels == nullptr) return source;
  const std::string at = fields.path("matchLabels");
  if (!labels->is_object() || labels->size() > kMostLabels) {
    problems.add(at, describe(*labels) + " cannot be used; write an object of at most " +
                         std::to_string(kMostLabels) + " labels, such as {job: gateway}");
    return source;
  }
  for (const auto& [name, text] : labels->items()) read_match_label(source, name, text, at, problems);
  return source;
}

ErrorRateAnalysis read_error_rate(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"tolerance", "ceiling", "falseRollback", "badPromotion"}, problems);
  // The test's own limits, see evidence: 0 < delta < 0.5 and 0 < slo, alpha, beta < 1.
  constexpr Percent kLeast = Percent::from_basis_points(1);
  ErrorRateAnalysis rate;
  fields.read("tolerance", rate.tolerance, {kLeast, Percent::from_basis_points(4999)});
  fields.read("ceiling", rate.ceiling, {kLeast, Percent::from_basis_points(9999)});
  fields.read("falseRollback", rate.false_rollback, {kLeast, Percent::whole(50)});
  fields.read("badPromotion", rate.bad_promotion, {kLeast, Percent::whole(50)});
  return rate;
}

bool is_end(std::string_view text) {
  return text == "Hold" || text == "RollBack" || text == "Promote";
}

Undecided read_undecided(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"after", "then"}, problems);
  Undecided undecided;
  if (fields.require("after", "how long to wait for evidence, such as 1h") != nullptr)
    fields.read("after", undecided.after, {1s, 9999h});
  std::string then = "Hold";
  fields.read("then", then, is_end, "Hold, RollBack or Promote");
  if (then == "RollBack") undecided.then = UndecidedEnd::roll_back;
  if (then == "Promote") undecided.then = UndecidedEnd::promote;
  return undecided;
}

}  // namespace

Analysis read_analysis(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(
      value, path, {"prometheus", "interval", "staleAfter", "errorRate", "latency", "metrics", "undecided"},
      problems);
  Analysis analysis;
  if (const json* prometheus = fields.require("prometheus", "where to ask, under prometheus.address")) {
    analysis.prometheus = read_prometheus(*prometheus, fields.path("prometheus"), problems);
  }
  fields.read("interval", analysis.interval, {1s, 1h});
  if (fields.find("staleAfter") != nullptr) {
    // Any data would be stale between two looks.
    fields.read("staleAfter", analysis.stale_after, {analysis.interval, 24h});
  }
  if (const json* rate = fields.find("errorRate")) {
    analysis.error_rate = read_error_rate(*rate, fields.path("errorRate"), problems);
  }
  if (const json* latency = fields.find("latency"))
    analysis.latency = read_latency(*latency, fields.path("latency"), problems);
  if (const json* metrics = fields.find("metrics"))
    analysis.metrics = read_metrics(*metrics, fields.path("metrics"), problems);
  if (const json* undecided = fields.find("undecided"))
    analysis.undecided = read_undecided(*undecided, fields.path("undecided"), problems);
  return analysis;
}

}  // namespace seraphim::api
