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

}  // namespace

FilteringRouter::FilteringRouter() {
  const std::string tool = environment().cluster_tool.string();
  must_run({tool, "start", "filtering"});
  const std::string lines = must_run({tool, "env"});
  url_ = exported(lines, "SERAPHIM_FILTERING_ROUTER");
  const std::string gateway = exported(lines, "SERAPHIM_FILTERING_GATEWAY");
  gateway_namespace_ = gateway.substr(0, gateway.find('/'));
  gateway_ = gateway.substr(gateway.find('/') + 1);
}

FilteringRouter::~FilteringRouter() {
  (void)run({environment().cluster_tool.string(), "kill", "filtering"});
}

}  // namespace seraphim::cluster
