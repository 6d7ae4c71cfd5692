// The spec as a whole; its blocks are in codec_workload.cpp, codec_traffic.cpp, codec_strategy.cpp,
// codec_analysis.cpp.
#include <nlohmann/json.hpp>

#include "api/codec_parts.h"
#include "api/placeholders.h"
#include "api/quote.h"

namespace seraphim::api {
namespace {

/// Model versions get their share from the platform's gateway, and nothing else does.
void check_match(const Spec& spec, const nlohmann::json& traffic, const std::string& path,
                 Problems& problems) {
  const bool models = std::holds_alternative<TorchServeWorkload>(spec.workload);
  const bool gateway = std::holds_alternative<SeraphimGatewayTraffic>(spec.traffic);
  if (gateway && !models) {
    problems.add(path + ".seraphimGateway",
                 "the gateway sends to model versions of a TorchServe; write workload.torchServe, or "
                 "another provider");
  }
  // A traffic that names no provider at all has been told so already.
  if (models && !gateway && traffic.is_object() && !traffic.empty()) {
    problems.add(path,
                 "model versions of a TorchServe get their share from the platform's gateway; write "
                 "seraphimGateway: {}, or workload.pods");
  }
}

/// A router that does not set the header looks like one that does until somebody counts requests.
void check_measured(const Spec& spec, const std::string& path, Problems& problems) {
  const auto* gateway = std::get_if<SeraphimGatewayTraffic>(&spec.traffic);
  if (gateway == nullptr || gateway->routes.empty() || spec.analysis) return;
  problems.add(path + ".seraphimGateway.routes",
               "only metrics show whether the router sets the gateway's header; write analysis, or leave "
               "routes out");
}

std::vector<std::string> queries_of(const Metric& metric) {
  if (const auto* ratio = std::get_if<RatioMetric>(&metric.kind)) return {ratio->counted, ratio->total};
  if (const auto* value = std::get_if<ValueMetric>(&metric.kind)) return {value->query};
  const auto& drift = std::get<DriftMetric>(metric.kind);
  return {drift.baseline, drift.candidate};
}

/// Pods have no version: both would be the same empty text, and two sides that are one are never different.
void check_versions(const Spec& spec, const std::string& path, Problems& problems) {
  if (!spec.analysis || !std::holds_alternative<PodsWorkload>(spec.workload)) return;
  for (const Metric& metric : spec.analysis->metrics) {
    for (const std::string& query : queries_of(metric)) {
      if (!uses_placeholder(query, "stableVersion") && !uses_placeholder(query, "candidateVersion")) continue;
      problems.add(path + ".metrics", quote(metric.name) +
                                          " asks for a model version, which only workload.torchServe has; "
                                          "write {{stable}} and {{candidate}}");
      break;
    }
  }
}

}  // namespace

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
    check_match(spec, *traffic, fields.path("traffic"), problems);
  }
  if (const auto* strategy = fields.require("strategy", "the steps of a rollout, under canary.steps")) {
    spec.strategy = read_strategy(*strategy, fields.path("strategy"), problems);
  }
  if (const auto* analysis = fields.find("analysis")) {
    spec.analysis = read_analysis(*analysis, fields.path("analysis"), problems);
    check_versions(spec, fields.path("analysis"), problems);
  }
  check_measured(spec, fields.path("traffic"), problems);
  fields.read("revisionHistoryLimit", spec.revision_history_limit, {1, 100});
  fields.read("paused", spec.paused);
  return spec;
}

}  // namespace seraphim::api
