#include "model_service.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "parse.h"

namespace seraphim::demo {
namespace {

using Json = nlohmann::json;
using std::chrono::steady_clock;

Answer json_answer(int status, const Json& body) {
  return {status, body.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

Answer refusal(int status, const std::string& detail) {
  return json_answer(status, {{"detail", detail}});
}

/// Characters, not bytes: what the platform's limits are counted in.
std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

/// The text of a prediction request, or none when the body is not one.
std::optional<std::string> text_of(std::string_view body) {
  const auto request = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!request.is_object()) return std::nullopt;
  const auto text = request.find("text");
  if (text == request.end() || !text->is_string()) return std::nullopt;
  const auto length = characters(text->get_ref<const std::string&>());
  if (length < 1 || length > 10000) return std::nullopt;
  return text->get<std::string>();
}

std::optional<double> share_of(const Json& value) {
  if (value.is_string()) return parse_share(value.get_ref<const std::string&>());
  if (!value.is_number()) return std::nullopt;
  const auto share = value.get<double>();
  return share >= 0 && share <= 1 ? std::optional{share} : std::nullopt;
}

std::optional<std::chrono::microseconds> duration_of(const Json& value) {
  return value.is_string() ? parse_duration(value.get_ref<const std::string&>()) : std::nullopt;
}

}  // namespace

ModelService::ModelService(ServerSettings settings)
    : settings_(std::move(settings)),
      metrics_(settings_.variant),
      failures_(settings_.failure_pattern, settings_.failure_rate, settings_.seed),
      positives_(FailurePattern::even, settings_.positive_share.value_or(0), settings_.seed),
      latency_(settings_.latency),
      switched_ready_(!settings_.never_ready) {}

bool ModelService::loaded() const {
  return switched_ready_ && steady_clock::now() - started_ >= settings_.start_delay;
}

Answer ModelService::predict(std::string_view body) {
  const auto begun = steady_clock::now();
  const auto text = text_of(body);
  if (!text) return refusal(422, R"(the body has to be {"text": "1 to 10000 characters"})");
  if (!loaded()) {  // counted: traffic to a pod that is not ready is a router's or an operator's mistake
    metrics_.count(Outcome::http_error, steady_clock::now() - begun);
    return refusal(503, "model not loaded");
  }
  return answer(*text, begun);
}

Answer ModelService::answer(std::string_view text, steady_clock::time_point begun) {
  const bool fails = failures_.next_fails();
  std::this_thread::sleep_for(latency_.load());
  const std::chrono::duration<double> took = steady_clock::now() - begun;
  metrics_.count(fails ? Outcome::http_error : Outcome::success, took);
  if (fails && !settings_.fallback) return refusal(500, "the model failed");
  const bool positive = settings_.positive_share ? positives_.next_fails() : characters(text) % 2 == 0;
  metrics_.count_prediction(positive);
  return json_answer(200, {{"prediction", positive ? "positive" : "negative"},
                           {"version", "v0"},
                           {"latency_ms", took.count() * 1000.0},
                           {"model_variant", settings_.variant},
                           {"model_version", settings_.model_version}});
}

Answer ModelService::health() const {
  return json_answer(200, {{"ok", true}, {"version", "v0"}});
}

Answer ModelService::ready() const {
  if (draining_) return refusal(503, "shutting down");
  if (!loaded()) return refusal(503, "model not loaded");
  return json_answer(200, {{"ready", true}, {"model_version", settings_.model_version}});
}

Answer ModelService::control() const {
  const auto milliseconds = std::chrono::duration<double, std::milli>(latency_.load()).count();
  return json_answer(200, {{"failureRate", failures_.rate()},
                           {"latencyMs", milliseconds},
                           {"ready", switched_ready_.load()},
                           {"variant", settings_.variant},
                           {"modelVersion", settings_.model_version}});
}

Answer ModelService::control(std::string_view body) {
  const auto request = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!request.is_object()) return refusal(400, "the body has to be a JSON object");
  std::optional<double> rate;
  std::optional<std::chrono::microseconds> latency;
  std::optional<bool> ready;
  for (const auto& [key, value] : request.items()) {
    if (key == "failureRate") {
      if (!(rate = share_of(value))) return refusal(400, R"(failureRate: write 0.2 or "20%")");
    } else if (key == "latency") {
      if (!(latency = duration_of(value))) return refusal(400, R"(latency: write "20ms")");
    } else if (key == "ready") {
      if (!value.is_boolean()) return refusal(400, "ready: write true or false");
      ready = value.get<bool>();
    } else {
      return refusal(400, key + ": there is failureRate, latency and ready");
    }
  }
  if (rate) failures_.set_rate(*rate);
  if (latency) latency_ = *latency;
  if (ready) switched_ready_ = *ready;
  return control();
}

}  // namespace seraphim::demo
