#include "kubernetes/api_error.h"

#include "kubernetes/api_status.h"

namespace seraphim::kubernetes {
namespace {

using Kind = ApiError::Kind;

Kind kind_of(int http, std::string_view reason) {
  switch (http) {
    case 401:
      return Kind::unauthorized;
    case 403:
      return Kind::forbidden;
    case 404:
      return Kind::not_found;
    case 408:  // the server gave up waiting for the request
    case 425:
      return Kind::unavailable;
    case 409:
      return reason == "AlreadyExists" ? Kind::already_exists : Kind::conflict;
    case 410:
      return Kind::gone;
    case 429:
      return Kind::too_many;
    default:
      return http / 100 == 4 ? Kind::invalid : Kind::unavailable;
  }
}

ApiError transport_failure(const CallStatus& status, std::string_view what) {
  const bool cancelled = status.error == TransportError::cancelled;
  std::string message = std::string(what) + ": ";
  message += cancelled ? "stopped before the API server answered"
                       : "no answer from the API server (" + std::string(to_string(status.error)) + ")";
  if (!cancelled && !status.detail.empty()) message += ": " + status.detail;
  return {.kind = cancelled ? Kind::cancelled : Kind::unavailable,
          .http = status.http,
          .message = std::move(message),
          .retry_after = status.retry_after,
          .may_have_landed = status.sent};
}

}  // namespace

bool ApiError::retriable() const {
  // A 401 is: the token is read again after it.
  return kind == Kind::too_many || kind == Kind::unavailable || kind == Kind::unauthorized;
}

ApiError to_api_error(const Response& response, std::string_view what) {
  if (response.status.error != TransportError::none) return transport_failure(response.status, what);
  ApiStatus status = parse_api_status(response.body);
  const int http = response.status.http;
  std::string message = std::string(what) + ": HTTP " + std::to_string(http);
  if (!status.reason.empty()) message += " " + status.reason;
  message += status.message.empty() ? ", and the answer does not say why" : ": " + status.message;
  return {.kind = kind_of(http, status.reason),
          .http = http,
          .reason = std::move(status.reason),
          .message = std::move(message),
          .retry_after = response.status.retry_after ? response.status.retry_after : status.retry_after,
          // A gateway's 5xx, or a timeout of the server, does not tell what happened behind it.
          .may_have_landed = http / 100 == 5};
}

}  // namespace seraphim::kubernetes
