#include "analysis/promql.h"

#include <algorithm>

namespace seraphim::analysis {
namespace {

bool is_label_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && letter(name.front()) && name != "__name__" &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c); });
}

std::string matcher_of(const std::string& label, const std::set<std::string>& values) {
  if (values.size() == 1) return label + "=" + quote(*values.begin());
  return label + "=~" + quote(one_of(values));
}

}  // namespace

std::string window_text(api::Duration window) {
  // PromQL knows no fractions in durations.
  const auto ms = window.count();
  return ms % 1000 == 0 ? std::to_string(ms / 1000) + "s" : std::to_string(ms) + "ms";
}

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '\n') {
      quoted += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string one_of(const std::set<std::string>& texts) {
  constexpr std::string_view kSpecial = R"(\.+*?()|[]{}^$)";
  std::string pattern;
  for (const std::string& text : texts) {
    if (!pattern.empty()) pattern += '|';
    for (const char c : text) {
      if (kSpecial.find(c) != std::string_view::npos) pattern += '\\';
      pattern += c;
    }
  }
  return pattern;
}

tl::expected<std::string, std::string> range_query(const Selection& selection) {
  std::string matchers;
  const auto add = [&](const std::string& matcher) { matchers += (matchers.empty() ? "" : ",") + matcher; };
  for (const auto& [label, value] : selection.match_labels) {
    if (!is_label_name(label)) {
      return tl::unexpected(
          "matchLabels has " + quote(label) +
          ", which is not a label name: write letters, digits and underscores, not starting with a "
          "digit");
    }
    add(label + "=" + quote(value));
  }
  if (selection.preset == api::SeriesPreset::variant_label) {
    add(R"(variant=~"baseline|candidate")");
  } else {
    if (!selection.match_labels.contains("namespace") && !selection.namespaces.empty()) {
      add(matcher_of("namespace", selection.namespaces));
    }
    add(matcher_of("revision", selection.revisions));
  }
  const std::string range = "[" + window_text(selection.window) + "]";
  if (!selection.latency) return std::string(kRequestsMetric) + "{" + matchers + "}" + range;
  return "{__name__=~" + quote(std::string(kLatencyMetric) + "(_bucket)?") + "," + matchers + "}" + range;
}

}  // namespace seraphim::analysis
