#include "cli/health_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace seraphim::cli {

using nlohmann::ordered_json;

std::string health_title() {
  return "\U0001F6E1\uFE0F  Project Seraphim Health Check\n" + std::string(34, '=') + "\n";
}

std::string health_section(const std::string& title) {
  return "\n=== " + title + " ===\n";
}

std::string health_line(const HealthLine& line) {
  std::string text = (line.verdict.good ? "\u2713 " : "\u2717 ") + line.name;
  while (!line.verdict.good && text.ends_with(' ')) text.pop_back();
  if (!line.verdict.count.empty()) text += " " + line.verdict.count;
  if (!line.verdict.good) text += ": " + line.verdict.detail;
  return text + "\n";
}

std::string health_end(const std::vector<HealthLine>& lines, const PlatformUrls& urls) {
  const auto failed =
      std::count_if(lines.begin(), lines.end(), [](const auto& line) { return !line.verdict.good; });
  if (failed > 0) {
    return "\n" + std::to_string(failed) + " of " + std::to_string(lines.size()) + " checks failed\n";
  }
  return "\n\U0001F680 Platform is ready for inference requests\n\U0001F4CA Monitoring: " + urls.grafana +
         "\n\U0001F4C8 Metrics: " + urls.prometheus + "\n\U0001F50D API: " + urls.gateway + "\n";
}

std::string health_json(const std::vector<HealthLine>& lines, const PlatformUrls& urls) {
  ordered_json all = {{"healthy", all_good(lines)}, {"checks", ordered_json::array()}};
  for (const auto& line : lines) {
    std::string name = line.name;
    while (name.ends_with(' ')) name.pop_back();
    all["checks"].push_back({{"section", line.section},
                             {"name", name},
                             {"healthy", line.verdict.good},
                             {"count", line.verdict.count},
                             {"detail", line.verdict.detail}});
  }
  all["urls"] = {{"gateway", urls.gateway},
                 {"inference", urls.inference},
                 {"management", urls.management},
                 {"prometheus", urls.prometheus},
                 {"grafana", urls.grafana}};
  return all.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

bool all_good(const std::vector<HealthLine>& lines) {
  return std::all_of(lines.begin(), lines.end(), [](const auto& line) { return line.verdict.good; });
}

}  // namespace seraphim::cli
