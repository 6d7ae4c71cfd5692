#include "cli/health_checks.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "analysis/promql.h"
#include "cli/request_counter.h"
#include "kubernetes/json_read.h"

namespace seraphim::cli {
namespace {

using kubernetes::elements;
using kubernetes::member;
using kubernetes::text_or;
using nlohmann::json;

constexpr int kProofs = 5;  // predictions until the counter of the same process was seen before and after

Verdict good(std::string count = {}) {
  return {.good = true, .count = std::move(count)};
}
Verdict bad(std::string why, std::string count = {}) {
  return {.good = false, .detail = std::move(why), .count = std::move(count)};
}

/// "GET http://localhost:8000/healthz: HTTP 404"
std::string told(const std::string& method, const std::string& url, const std::string& target,
                 const kubernetes::Response& response) {
  std::string text = method + " " + url + target + ": ";
  if (response.status.error == kubernetes::TransportError::none)
    return text + "HTTP " + std::to_string(response.status.http);
  text += std::string(to_string(response.status.error));
  return response.status.detail.empty() ? text : text + ": " + response.status.detail;
}

/// The body of a 200; the error is why there is none.
tl::expected<std::string, std::string> get_text(const Ask& ask, const std::string& url,
                                                const std::string& target) {
  const auto response = ask(url, target, "");
  if (response.ok() && response.status.http == 200) return response.body;
  return tl::unexpected(told("GET", url, target, response));
}

tl::expected<json, std::string> get_value(const Ask& ask, const std::string& url, const std::string& target) {
  return get_text(ask, url, target).and_then([&](const std::string& body) -> tl::expected<json, std::string> {
    json value = json::parse(body, nullptr, false);
    if (value.is_discarded())
      return tl::unexpected("GET " + url + target + ": HTTP 200, but the answer is not JSON");
    return value;
  });
}

std::string not_as_expected(const std::string& url, const std::string& target, const std::string& what) {
  return "GET " + url + target + ": HTTP 200, but " + what;
}

bool has_ready_worker(const json& version) {
  const json& workers = elements(version, "workers");
  return std::any_of(workers.begin(), workers.end(),
                     [](const json& worker) { return text_or(worker, "status") == "READY"; });
}

/// Empty when the model is served as expected.
std::string trouble_with(const Ask& ask, const std::string& url, const ExpectedModel& model) {
  const std::string target = "/models/" + kubernetes::percent_encode(model.name) + "/all";
  const auto versions = get_value(ask, url, target);
  if (!versions) return versions.error();
  if (!versions->is_array()) return not_as_expected(url, target, "the answer is not a list of versions");
  bool seen = false;
  for (const json& version : *versions) {
    const std::string number = text_or(version, "modelVersion");
    if (!model.version.empty() && number != model.version) continue;
    seen = true;
    if (!has_ready_worker(version)) {
      return "model " + model.name + " " + number + " has no READY worker; scale it up: PUT " + url +
             "/models/" + model.name + "/" + number + "?min_worker=1&synchronous=true";
    }
  }
  return seen ? "" : "model " + model.name + " " + model.version + " is not registered";
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
  static const std::string body = json{{"text", "health check"}}.dump();
  for (int proof = 0; proof < kProofs; ++proof) {
    const auto before = get_text(ask, url, "/metrics");
    const auto response = ask(url, "/predict", body);
    const auto after = get_text(ask, url, "/metrics");
    if (!response.ok()) return bad(told("POST", url, "/predict", response));
    const json answer = json::parse(response.body, nullptr, false);
    const std::string variant = text_or(answer, "model_variant");
    if (member(answer, "prediction").is_null() || variant.empty())
      return bad("POST " + url + "/predict: HTTP 200, but without prediction and model_variant");
    if (!before || !after)
      return bad((before ? after : before).error() + "; the answer cannot be told from a made-up one");
    const auto grown = growth_of(read_request_counter(*before), read_request_counter(*after), variant);
    if (grown.successes >= 1 && grown.failures <= 0) return good();
    if (grown.failures >= 1 && grown.successes <= 0) {
      return bad(
          "the answer of the " + variant +
          " was made up: the gateway counted a failure; look at the model server with: kubectl seraphim "
          "logs model-server");
    }
  }
  return bad(
      "POST " + url + "/predict: HTTP 200, but in " + std::to_string(kProofs) +
      " tries no success was counted alone, so the answer may be made up: other requests fail meanwhile, or "
      "several gateways stand behind the URL; ask one pod alone");
}

}  // namespace seraphim::cli
