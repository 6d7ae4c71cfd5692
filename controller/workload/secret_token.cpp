#include "workload/secret_token.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "kubernetes/base64.h"
#include "kubernetes/json_read.h"

namespace seraphim::workload {
namespace {

using kubernetes::ApiError;
using kubernetes::Response;
using kubernetes::TransportError;
using nlohmann::json;

// A token that is still good is read again after so long: the Secret may have another one by then.
constexpr std::chrono::minutes kKept{5};

const kubernetes::ResourceType& secret_type() {
  static const kubernetes::ResourceType kType{"", "v1", "secrets", "Secret"};
  return kType;
}

std::string cannot_read(const std::string& secret, const ApiError& error) {
  switch (error.kind) {
    case ApiError::Kind::not_found:
      return secret + " does not exist: create it, or correct torchServe.tokenSecret.name";
    case ApiError::Kind::forbidden:
      return "the operator may not read " + secret +
             ": name it in the chart's torchServe.tokenSecrets, or give its service account the right to get "
             "this one Secret";
    default:
      return "could not read " + secret + ": " + error.message;
  }
}

bool is_refused(const Response& response) {
  if (response.status.error != TransportError::none) return false;
  const json body = json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  return is_token_refusal(response.status.http, kubernetes::text_or(body, "type"));
}

/// Goes on behind what it wrote: the token may be in that.
void strike_out(std::string& text, const std::string& token) {
  static constexpr std::string_view kStruckOut = "***";
  if (token.empty()) return;
  for (auto at = text.find(token); at != std::string::npos; at = text.find(token, at + kStruckOut.size()))
    text.replace(at, token.size(), kStruckOut);
}

}  // namespace

bool is_token_refusal(int http, std::string_view type) {
  if (http == 403) return type != "InvalidModelVersionException";
  return http == 401 || type == "InvalidKeyException";
}

std::string HeldToken::bearer_token() {
  const std::lock_guard lock(mutex_);
  return token_;
}

void HeldToken::hold(std::string token) {
  const std::lock_guard lock(mutex_);
  token_ = std::move(token);
}

tl::expected<std::string, std::string> read_token(kubernetes::ApiClient& client,
                                                  const ServerKey::Token& where,
                                                  const std::stop_token& stop) {
  const std::string secret = "Secret " + where.namespace_ + "/" + where.name;
  const auto object = client.get(secret_type(), {where.namespace_, where.name}, stop);
  if (!object) return tl::unexpected(cannot_read(secret, object.error()));
  const json& data = kubernetes::member(*object, "data");
  if (!data.is_object() || !data.contains(where.key) || !data[where.key].is_string()) {
    return tl::unexpected(secret + " has no key " + where.key +
                          ": add it, or correct torchServe.tokenSecret.key");
  }
  const auto decoded = kubernetes::decode_base64(data[where.key].get_ref<const std::string&>());
  const std::string token(kubernetes::trim_token(decoded.value_or("")));
  if (token.empty() || !kubernetes::is_header_safe(token)) {
    return tl::unexpected("key " + where.key + " of " + secret + " is " +
                          (token.empty() ? "empty" : "not one word") +
                          ": write the management key of TorchServe's key_file.json there");
  }
  return token;
}

TokenTransport::TokenTransport(std::unique_ptr<kubernetes::Transport> inner, std::shared_ptr<HeldToken> held,
                               Read read, const kubernetes::Clock& clock)
    : inner_(std::move(inner)), held_(std::move(held)), read_(std::move(read)), clock_(clock) {}

tl::expected<std::string, std::string> TokenTransport::read_again(const std::stop_token& stop) {
  auto token = read_(stop);
  if (!token) return token;
  held_->hold(*token);
  read_at_ = clock_.steady();
  return token;
}

tl::expected<std::string, std::string> TokenTransport::current(const std::stop_token& stop) {
  const std::lock_guard lock(mutex_);
  const std::string held = held_->bearer_token();
  if (!held.empty() && clock_.steady() - read_at_ < kKept) return held;
  auto token = read_again(stop);
  // What cannot be read just now may still be good: the server will say.
  if (!token && !held.empty()) return held;
  return token;
}

bool TokenTransport::renew(const std::string& refused, const std::stop_token& stop) {
  const std::lock_guard lock(mutex_);
  const std::string held = held_->bearer_token();
  if (held != refused) return !held.empty();  // another call has read it again meanwhile
  const auto token = read_again(stop);
  if (!token) held_->hold({});  // so that the next call says why
  return token && *token != refused;
}

Response TokenTransport::call(const kubernetes::Request& request, std::chrono::milliseconds timeout,
                              std::stop_token stop) noexcept {
  const auto began = clock_.steady();
  const auto token = current(stop);
  if (!token) {
    const bool stopped = stop.stop_requested();
    return {.status = {.error = stopped ? TransportError::cancelled : TransportError::credentials,
                       .detail = token.error()},
            .body = {}};
  }
  std::string sent = *token;
  Response response = inner_->call(request, timeout, stop);
  const auto left = timeout - std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - began);
  if (is_refused(response) && renew(sent, stop) && left > std::chrono::milliseconds::zero()) {
    sent = held_->bearer_token();
    response = inner_->call(request, left, stop);
  }
  if (!response.ok()) {
    strike_out(response.body, sent);
    strike_out(response.status.detail, sent);
  }
  return response;
}

kubernetes::CallStatus TokenTransport::stream(const kubernetes::Request&, std::chrono::seconds,
                                              std::stop_token, kubernetes::LineSink&) noexcept {
  return {.error = TransportError::protocol, .detail = "TorchServe has no streams"};
}

}  // namespace seraphim::workload
