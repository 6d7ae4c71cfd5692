#include "cli/health_checks.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/promql.h"
#include "cli/gateway_probe.h"
#include "kubernetes/json_read.h"

namespace seraphim::cli {
namespace {

using kubernetes::elements;
using kubernetes::member;
using kubernetes::text_or;
using nlohmann::json;

Verdict good(std::string count = {}) {
  return {.good = true, .count = std::move(count)};
}
Verdict bad(std::string why, std::string count = {}) {
  return {.good = false, .detail = std::move(why), .count = std::move(count)};
}

std::string not_as_expected(const std::string& url, const std::string& target, const std::string& what) {
  return "GET " + url + target + ": HTTP 200, but " + what;
}

bool has_ready_worker(const json& version) {
  const json& workers = elements(version, "workers");
  return std::any_of(workers.begin(), workers.end(),
                     [](const json& worker) { return text_or(worker, "status") == "READY"; });
}

tl::expected<json, std::string> versions_at(const Ask& ask, const std::string& url,
                                            const std::string& target) {
  auto versions = get_value(ask, url, target);
  if (versions && !versions->is_array())
    return tl::unexpected(not_as_expected(url, target, "the answer is not a list of versions"));
  return versions;
}

/// Another version answers when none is named; false when that cannot be told.
bool is_not_default(const Ask& ask, const std::string& url, const std::string& model,
                    const std::string& version) {
  const auto versions = versions_at(ask, url, "/models/" + kubernetes::percent_encode(model));
  return versions && !versions->empty() && text_or(versions->front(), "modelVersion") != version;
}

/// Without workers because somebody wanted none.
bool is_parked(const json& version) {
  return elements(version, "workers").empty() && kubernetes::int64_or(version, "minWorkers", 1) == 0;
}

/// Empty when the model is served as expected.
std::string trouble_with(const Ask& ask, const std::string& url, const ExpectedModel& model) {
  const auto versions = versions_at(ask, url, "/models/" + kubernetes::percent_encode(model.name) + "/all");
  if (!versions) return versions.error();
  bool seen = false;
  for (const json& version : *versions) {
    const std::string number = text_or(version, "modelVersion");
    if (!model.version.empty() && number != model.version) continue;
    seen = true;
    if (has_ready_worker(version)) continue;
    if (model.version.empty() && is_parked(version) && is_not_default(ask, url, model.name, number)) continue;
    return "model " + model.name + " " + number + " has no READY worker; scale it up: PUT " + url +
           "/models/" + model.name + "/" + number + "?min_worker=1&synchronous=true";
  }
  if (seen) return "";
  return "model " + model.name + (model.version.empty() ? "" : " " + model.version) + " is not registered";
}

}  // namespace

Verdict check_gateway(const Ask& ask, const std::string& url) {
  const auto health = get_value(ask, url, "/healthz");
  if (!health) return bad(health.error());
  if (!kubernetes::bool_or(*health, "ok", false))
    return bad(not_as_expected(url, "/healthz", "ok is not true"));
  const auto ready = get_text(ask, url, "/readyz");  // /healthz looks at nothing but itself
  return ready ? good() : bad(ready.error() + "; the gateway runs, but does not reach its model server");
}

Verdict check_inference(const Ask& ask, const std::string& url) {
  const auto ping = get_value(ask, url, "/ping");
  if (!ping) return bad(ping.error());
  return text_or(*ping, "status") == "Healthy" ? good()
                                               : bad(not_as_expected(url, "/ping", "status is not Healthy"));
}

Verdict check_management(const Ask& ask, const std::string& url, const std::vector<ExpectedModel>& expected) {
  const auto listed = get_value(ask, url, "/models");
  if (!listed) return bad(listed.error());
  if (!member(*listed, "models").is_array())
    return bad(not_as_expected(url, "/models", "there is no list of models"));
  std::vector<ExpectedModel> models = expected;
  if (models.empty()) {
    for (const json& model : elements(*listed, "models")) models.push_back({text_or(model, "modelName"), ""});
  }
  if (models.empty()) return bad("no model is registered at " + url + "; register one: POST /models?url=...");
  for (const auto& model : models) {
    const std::string trouble = trouble_with(ask, url, model);
    if (!trouble.empty()) return bad(trouble);
  }
  return good();
}

Verdict check_prometheus(const Ask& ask, const std::string& url) {
  for (const char* target : {"/-/healthy", "/-/ready"}) {
    if (const auto answer = get_text(ask, url, target); !answer) return bad(answer.error());
  }
  return good();
}

Verdict check_grafana(const Ask& ask, const std::string& url) {
  const auto health = get_value(ask, url, "/api/health");
  if (!health) return bad(health.error());
  return text_or(*health, "database") == "ok"
             ? good()
             : bad(not_as_expected(url, "/api/health", "its database is not ok"));
}

Verdict check_gateway_metrics(const Ask& ask, const std::string& url) {
  const auto metrics = get_text(ask, url, "/metrics");
  if (!metrics) return bad(metrics.error());
  const std::string name(analysis::kRequestsMetric);
  return metrics->find(name) != std::string::npos
             ? good()
             : bad(not_as_expected(url, "/metrics", "there is no " + name));
}

Verdict check_targets(const Ask& ask, const std::string& url) {
  const auto answer = get_value(ask, url, "/api/v1/targets");
  if (!answer) return bad(answer.error());
  std::size_t up = 0, all = 0;
  std::string down;
  for (const json& target : elements(member(*answer, "data"), "activeTargets")) {
    ++all;
    if (text_or(target, "health") == "up") {
      ++up;
      continue;
    }
    down += (down.empty() ? "" : ", ") + text_or(target, "scrapeUrl", "one without a URL") + " (" +
            text_or(target, "lastError", "no reason given") + ")";
  }
  const std::string count = "(" + std::to_string(up) + "/" + std::to_string(all) + " healthy)";
  if (all == 0) return bad("nothing is scraped; see scrape_configs", count);
  return up == all ? good(count) : bad("not up: " + down, count);
}

Verdict check_prediction(const Ask& ask, const std::string& url) {
  const auto prediction = predict(ask, url, {.text = "health check"});
  return prediction ? good() : bad(prediction.error());
}

}  // namespace seraphim::cli
