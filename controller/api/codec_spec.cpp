// The spec as a whole; its blocks are in codec_workload.cpp, codec_traffic.cpp, codec_strategy.cpp,
// codec_analysis.cpp.
#include <nlohmann/json.hpp>

#include "api/codec_parts.h"

namespace seraphim::api {

Spec read_spec(const nlohmann::json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path,
                      {"workload", "traffic", "strategy", "analysis", "revisionHistoryLimit", "paused"},
                      problems);
  Spec spec;
  if (const auto* workload = fields.require("workload", "what is to run, under pods or torchServe")) {
    spec.workload = read_workload(*workload, fields.path("workload"), problems);
  }
  if (const auto* traffic =
          fields.require("traffic", "how traffic is split, under gatewayAPI, replicas or seraphimGateway")) {
    spec.traffic = read_traffic(*traffic, fields.path("traffic"), problems);
    if (std::holds_alternative<SeraphimGatewayTraffic>(spec.traffic) &&
        !std::holds_alternative<TorchServeWorkload>(spec.workload)) {
      problems.add(fields.path("traffic") + ".seraphimGateway",
                   "the gateway sends to model versions of a TorchServe; write workload.torchServe, or "
                   "another provider");
    }
  }
  if (const auto* strategy = fields.require("strategy", "the steps of a rollout, under canary.steps")) {
    spec.strategy = read_strategy(*strategy, fields.path("strategy"), problems);
  }
  if (const auto* analysis = fields.find("analysis")) {
    spec.analysis = read_analysis(*analysis, fields.path("analysis"), problems);
  }
  fields.read("revisionHistoryLimit", spec.revision_history_limit, {1, 100});
  fields.read("paused", spec.paused);
  return spec;
}

}  // namespace seraphim::api
