#include "filtering_router.h"

#include <stdexcept>

#include "child_process.h"
#include "environment.h"

namespace seraphim::cluster {
namespace {

/// Of the lines "export NAME=VALUE".
std::string exported(const std::string& lines, const std::string& name) {
  const std::string begin = "export " + name + "=";
  const auto at = lines.find(begin);
  if (at == std::string::npos) throw std::runtime_error("hack/cluster env tells no " + name);
  const auto from = at + begin.size();
  return lines.substr(from, lines.find('\n', from) - from);
}

FilteringRouter started() {
  const std::string tool = environment().cluster_tool.string();
  must_run({tool, "start", "filtering"});
  const std::string lines = must_run({tool, "env"});
  const std::string gateway = exported(lines, "SERAPHIM_FILTERING_GATEWAY");
  const auto slash = gateway.find('/');
  return {exported(lines, "SERAPHIM_FILTERING_ROUTER"), gateway.substr(0, slash), gateway.substr(slash + 1)};
}

}  // namespace

const FilteringRouter& filtering_router() {
  static const FilteringRouter router = started();
  return router;
}

}  // namespace seraphim::cluster
