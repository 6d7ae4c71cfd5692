#include "cli/request_counter.h"

#include <cmath>
#include <regex>
#include <sstream>

#include "analysis/promql.h"

namespace seraphim::cli {
namespace {

double value_of(const std::string& text) {
  std::istringstream number(text);
  number.imbue(std::locale::classic());
  double value = 0;
  return number >> value ? value : NAN;
}

}  // namespace

RequestCounter read_request_counter(std::string_view metrics) {
  static const std::regex kSample(std::string(analysis::kRequestsMetric) + R"re(\{([^}]*)\}\s+(\S+).*)re");
  static const std::regex kLabel(R"re((variant|outcome)="([^"]*)")re");
  RequestCounter counter;
  std::istringstream lines{std::string(metrics)};
  std::smatch sample;
  for (std::string line; std::getline(lines, line);) {
    // Long lines are of no use here, and std::regex recurses.
    if (line.size() > 1000 || !std::regex_match(line, sample, kSample)) continue;
    const std::string labels = sample[1];
    std::string variant, outcome;
    for (std::sregex_iterator at(labels.begin(), labels.end(), kLabel), end; at != end; ++at)
      ((*at)[1] == "variant" ? variant : outcome) = (*at)[2];
    const double value = value_of(sample[2]);
    if (std::isfinite(value)) counter[{variant, outcome}] += value;
  }
  return counter;
}

CounterGrowth growth_of(const RequestCounter& before, const RequestCounter& after,
                        const std::string& variant) {
  CounterGrowth growth;
  for (const auto& [key, value] : after) {
    if (key.first != variant) continue;
    const auto old = before.find(key);
    const double grown = value - (old == before.end() ? 0 : old->second);
    (key.second == "success" ? growth.successes : growth.failures) += grown;
  }
  return growth;
}

}  // namespace seraphim::cli
