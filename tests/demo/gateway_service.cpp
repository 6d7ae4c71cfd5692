#include "gateway_service.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace seraphim::demo {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

Answer gateway_answer(int status, const Json& body) {
  return {status, body.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

std::size_t length_of(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

/// What a backend's answer is worth: an outcome, and the prediction when there is one.
struct Reading {
  Outcome outcome = Outcome::error;
  Json prediction{};
};

Reading read_answer(const BackendAnswer& answer) {
  if (answer.kind == BackendAnswer::Kind::timed_out) return {Outcome::timeout, {}};
  if (answer.kind == BackendAnswer::Kind::failed) return {Outcome::error, {}};
  if (answer.status / 100 != 2) return {Outcome::http_error, {}};
  // TorchServe's answers say no type, and then are passed on as a text.
  if (answer.content_type.rfind("application/json", 0) != 0) return {Outcome::success, answer.body};
  const Json body = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
  if (body.is_discarded()) return {Outcome::error, {}};
  if (body.is_object() && body.contains("prediction")) return {Outcome::success, body["prediction"]};
  return {Outcome::success, body.is_string() ? body : Json(body.dump())};
}

}  // namespace

std::optional<std::string> prediction_text(std::string_view body) {
  const auto request = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!request.is_object() || !request.contains("text") || !request["text"].is_string()) return std::nullopt;
  auto text = request["text"].get<std::string>();
  if (length_of(text) < 1 || length_of(text) > 10'000) return std::nullopt;
  return text;
}

GatewayService::GatewayService(Environment environment, GatewayBackend& backend, std::function<double()> draw)
    : environment_(std::move(environment)),
      backend_(backend),
      draw_(std::move(draw)),
      log_level_(variable("LOG_LEVEL", "INFO")) {}

std::string GatewayService::variable(const char* name, const std::string& otherwise) const {
  return environment_(name).value_or(otherwise);
}

GatewayService::Model GatewayService::model_of(Variant variant) const {
  const std::string url = variable("TS_URL", "http://localhost:8080");
  const std::string name = variable("MODEL_NAME_BASELINE", variable("MODEL_NAME", "custom-text"));
  if (variant == Variant::baseline) return {url, name, variable("MODEL_VERSION_BASELINE", "")};
  return {variable("TS_URL_CANDIDATE", url), variable("MODEL_NAME_CANDIDATE", name),
          variable("MODEL_VERSION_CANDIDATE", "")};
}

std::chrono::milliseconds GatewayService::timeout() const {
  const long wanted = std::strtol(variable("TS_TIMEOUT_MS", "3000").c_str(), nullptr, 10);
  return std::chrono::milliseconds(std::max(1L, wanted));
}

Answer GatewayService::predict(std::string_view body, const RoutingHeaders& headers) {
  const auto begun = std::chrono::steady_clock::now();
  const auto text = prediction_text(body);
  if (!text) return gateway_answer(422, {{"detail", "text has to be a string of 1 to 10000 characters"}});
  const auto variant = choose_variant(canary_share(variable("CANARY_PERCENT", "0")), headers,
                                      variable("CANARY_STICKY_SALT", "seraphim"), draw_());
  if (!variant) return gateway_answer(500, {{"detail", "Internal Server Error"}});
  const Model model = model_of(*variant);
  const std::string url =
      model.url + "/predictions/" + model.name + (model.version.empty() ? "" : "/" + model.version);
  const Reading reading = read_answer(backend_.post(url, *text, timeout()));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  metrics_.count(*variant, reading.outcome, took);
  const bool good = reading.outcome == Outcome::success;
  if (good && !reading.prediction.is_string())
    return gateway_answer(500, {{"detail", "Internal Server Error"}});
  const char* made_up = length_of(*text) % 2 == 0 ? "positive" : "negative";
  return gateway_answer(200, {{"prediction", good ? reading.prediction : Json(made_up)},
                              {"version", "v0"},
                              {"latency_ms", took.count() * 1000},
                              {"model_variant", to_string(*variant)},
                              {"model_version", model.version}});
}

Answer GatewayService::health() const {
  return gateway_answer(200, {{"ok", true}, {"version", "v0"}});
}

Answer GatewayService::ready() {
  const auto answer = backend_.get(variable("TS_URL", "http://localhost:8080") + "/ping", 2s);
  if (answer.kind != BackendAnswer::Kind::answered || answer.status / 100 != 2)
    return gateway_answer(503, {{"detail", "TorchServe not ready"}});
  return gateway_answer(200, {{"ready", true}, {"torchserve", "healthy"}});
}

Answer GatewayService::config() const {
  const std::lock_guard lock(mutex_);
  return gateway_answer(200, {{"environment",
                               {{"ts_url", variable("TS_URL", "http://localhost:8080")},
                                {"canary_percent", variable("CANARY_PERCENT", "0")},
                                {"log_level", log_level_}}}});
}

Answer GatewayService::set_log_level(const std::optional<std::string>& level) {
  if (!level) return gateway_answer(422, {{"detail", "the query parameter level is missing"}});
  const std::lock_guard lock(mutex_);
  log_level_ = *level;
  return gateway_answer(200, {{"level", *level}});
}

}  // namespace seraphim::demo
