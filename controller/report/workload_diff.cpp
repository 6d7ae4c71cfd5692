#include "report/workload_diff.h"

#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "report/line_diff.h"
#include "report/secrets.h"
#include "report/short_text.h"
#include "report/yaml_text.h"

namespace seraphim::report {
namespace {

constexpr std::size_t kContext = 3, kLongestLine = 200;

}  // namespace

std::vector<std::string> workload_diff(const api::Workload& before, const api::Workload& after,
                                       std::size_t most) {
  auto old = api::encode_workload(before), changed = api::encode_workload(after);
  hide_secrets(old, changed);
  auto lines = diff_text(line_diff(yaml_lines(old), yaml_lines(changed)), kContext);
  for (auto& line : lines) line = shortened(line, kLongestLine);
  if (lines.size() <= most) return lines;
  const std::size_t left_out = lines.size() - most;
  lines.resize(most);
  lines.push_back("  ... " + std::to_string(left_out) + " more lines are left out");
  return lines;
}

}  // namespace seraphim::report
