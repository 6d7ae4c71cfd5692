#include "operator/health.h"

#include <algorithm>

namespace seraphim::op {

HttpAnswer HealthPage::answer(const HttpQuestion& question) const {
  const std::string prefix = "/" + name_ + "/";
  const std::string only =
      question.path.starts_with(prefix) ? question.path.substr(prefix.size()) : std::string();
  const bool known = only.empty() || std::any_of(checks_.begin(), checks_.end(),
                                                 [&](const auto& check) { return check.name == only; });
  if (!known) return {.status = 404, .body = "there is no check of this name\n"};
  std::string lines;
  bool well = true;
  for (const auto& check : checks_) {
    if (!only.empty() && check.name != only) continue;
    const Failure failure = check.failure();
    well = well && !failure;
    lines += failure ? "[-]" + check.name + " failed: " + *failure + "\n" : "[+]" + check.name + " ok\n";
  }
  if (well && !question.verbose) return {.body = "ok\n"};
  lines += name_ + (well ? " check passed\n" : " check failed\n");
  return {.status = well ? 200 : 503, .body = std::move(lines)};
}

}  // namespace seraphim::op
