#include "cli/gateway_probe.h"

#include <nlohmann/json.hpp>

#include "cli/request_counter.h"
#include "kubernetes/json_read.h"

namespace seraphim::cli {
namespace {

using kubernetes::text_or;
using nlohmann::json;

constexpr int kProofs = 5;  // predictions until the counter of the same process was seen before and after

kubernetes::Request request_for(const PredictionWish& wish) {
  kubernetes::Request request{.method = "POST",
                              .target = "/predict",
                              .content_type = "application/json",
                              .body = json{{"text", wish.text}}.dump(),
                              .accept = "*/*"};
  if (!wish.force_header.empty()) request.headers.push_back({wish.force_header, "candidate"});
  return request;
}

tl::expected<Prediction, std::string> read_prediction(const std::string& gateway,
                                                      const kubernetes::Request& request,
                                                      const kubernetes::Response& response) {
  const std::string where = told(gateway, request, response);
  if (!response.ok()) return tl::unexpected(where);
  const json answer = json::parse(response.body, nullptr, false);
  Prediction prediction{text_or(answer, "model_variant"), text_or(answer, "model_version"), response.body};
  if (kubernetes::member(answer, "prediction").is_null() || prediction.variant.empty())
    return tl::unexpected(where + ", but without prediction and model_variant");
  if (prediction.variant != "baseline" && prediction.variant != "candidate")
    return tl::unexpected(where + ", but model_variant is " + prediction.variant +
                          " and neither baseline nor candidate");
  return prediction;
}

std::string made_up(const Prediction& prediction) {
  return "the answer of the " + prediction.variant +
         " was made up: the gateway counted a failure; look at the model server with: kubectl seraphim logs "
         "model-server";
}

}  // namespace

tl::expected<Prediction, std::string> predict(const Ask& ask, const std::string& gateway,
                                              const PredictionWish& wish) {
  const auto request = request_for(wish);
  for (int proof = 0; proof < kProofs; ++proof) {
    const auto before = get_text(ask, gateway, "/metrics");
    auto prediction = read_prediction(gateway, request, ask(gateway, request));
    const auto after = get_text(ask, gateway, "/metrics");
    if (!prediction) return prediction;
    if (!before || !after)
      return tl::unexpected((before ? after : before).error() +
                            "; the answer cannot be told from a made-up one");
    const auto grown =
        growth_of(read_request_counter(*before), read_request_counter(*after), prediction->variant);
    if (grown.successes >= 1 && grown.failures <= 0) return prediction;
    if (grown.failures >= 1 && grown.successes <= 0) return tl::unexpected(made_up(*prediction));
  }
  return tl::unexpected(
      "POST " + gateway + "/predict: HTTP 200, but in " + std::to_string(kProofs) +
      " tries no success was counted alone, so the answer may be made up: other requests fail meanwhile, or "
      "several gateways stand behind the URL; ask one pod alone");
}

}  // namespace seraphim::cli
