// What a health check found, as lines for people and as JSON. The words and their order are those of the
// platform's own script, so that who reads that reads this. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/platform_urls.h"

namespace seraphim::cli {

struct Verdict {
  bool good = false;
  std::string detail{};  ///< why not, and what to do; empty when good
  std::string count{};   ///< shown behind the name: "(2/2 healthy)"
};

struct HealthLine {
  std::string section{}, name{};
  Verdict verdict{};
};

std::string health_title();
std::string health_section(const std::string& title);
std::string health_line(const HealthLine& line);
/// The closing lines when all is well; else how many checks failed.
std::string health_end(const std::vector<HealthLine>& lines, const PlatformUrls& urls);
std::string health_json(const std::vector<HealthLine>& lines, const PlatformUrls& urls);
bool all_good(const std::vector<HealthLine>& lines);

}  // namespace seraphim::cli
