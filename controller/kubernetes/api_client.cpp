#include "kubernetes/api_client.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "kubernetes/api_status.h"

namespace seraphim::kubernetes {
namespace {

using nlohmann::json;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kJsonPatch = "application/json-patch+json";

/// Never throws for text that is not UTF-8: the server gets to judge it.
std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string describe(std::string_view verb, const ResourceType& type, const ObjectKey& key,
                     std::string_view subresource = {}) {
  std::string text = std::string(verb) + " " + type.kind + " " + to_string(key);
  if (!subresource.empty()) text.append("/").append(subresource);
  return text;
}

bool is_write(const Request& request) {
  return request.method != "GET";
}

/// The server sent nothing back: what happens when it closed a kept-alive connection at the wrong moment.
bool answer_got_lost(const CallStatus& status) {
  return status.http == 0 && (status.error == TransportError::eof || status.error == TransportError::reset);
}

/// A JSON patch whose test or path fails gets a 422 that names no field (measured); an invalid result names
/// some.
bool does_not_fit(const Response& response) {
  return response.status.http == 422 && !parse_api_status(response.body).names_causes;
}

/// True when `whole` holds everything that `part` says; what the server added does not count.
bool holds(const json& whole, const json& part) {
  if (part.is_object()) {
    if (!whole.is_object()) return false;
    for (const auto& [name, value] : part.items()) {
      const auto found = whole.find(name);
      if (found == whole.end() || !holds(*found, value)) return false;
    }
    return true;
  }
  if (!part.is_array()) return whole == part;
  if (!whole.is_array() || whole.size() != part.size()) return false;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (!holds(whole[i], part[i])) return false;
  }
  return true;
}

Result<json> decode(const Response& response, const std::string& what, bool write) {
  json body = json::parse(response.body, nullptr, false);
  if (body.is_object()) return body;
  return tl::unexpected(ApiError{.kind = ApiError::Kind::unavailable,
                                 .http = response.status.http,
                                 .message = what + ": the answer is not an object in JSON",
                                 .may_have_landed = write});
}

}  // namespace

ApiClient::ApiClient(Transport& transport, ApiClientOptions options,
                     std::function<void(const CallRecord&)> observer)
    : transport_(transport), options_(std::move(options)), observer_(std::move(observer)) {}

ApiClient::Outcome ApiClient::exchange(const Call& call, const std::stop_token& stop) {
  const SteadyTime began = options_.clock->steady();
  SteadyTime ended = began;
  const auto once = [&](std::chrono::milliseconds timeout) {
    Response response = transport_.call(call.request, timeout, stop);
    const SteadyTime sent = std::exchange(ended, options_.clock->steady());
    if (observer_)
      observer_({call.verb, call.type, response.status.http, response.status.error, ended - sent});
    return response;
  };
  Outcome outcome{.response = once(options_.timeout)};
  if (!answer_got_lost(outcome.response.status) || stop.stop_requested()) return outcome;
  const auto left = options_.timeout - std::chrono::ceil<std::chrono::milliseconds>(ended - began);
  if (left <= std::chrono::milliseconds::zero()) return outcome;
  const bool first_was_sent = outcome.response.status.sent;
  outcome = {.response = once(left), .retried = true};
  outcome.response.status.sent |= first_was_sent;
  return outcome;
}

Result<json> ApiClient::send(const Call& call, const std::stop_token& stop) {
  const auto [response, retried] = exchange(call, stop);
  const bool write = is_write(call.request);
  if (response.ok()) return decode(response, call.what, write);
  ApiError error = to_api_error(response, call.what);
  if (call.may_not_fit && does_not_fit(response)) {
    error.kind = ApiError::Kind::conflict;
    error.message = call.what + ": the object is not as the patch expects";
  }
  // After a lost answer a refusal may be about the object that the first try changed: the caller has to look
  // again.
  const bool refused = error.kind == ApiError::Kind::conflict || error.kind == ApiError::Kind::invalid;
  error.may_have_landed = write && (error.may_have_landed || (retried && response.status.sent));
  if (write && retried && refused) error.kind = ApiError::Kind::conflict;
  return tl::unexpected(std::move(error));
}

Result<json> ApiClient::get(const ResourceType& type, const ObjectKey& key, const std::stop_token& stop) {
  const Request request{.target = object_path(type, key), .gzip = true};
  return send({"get", type, request, describe("get", type, key)}, stop);
}

Result<json> ApiClient::list(const ResourceType& type, std::string_view namespace_,
                             std::string_view label_selector, int limit, const std::stop_token& stop) {
  const std::string condition =
      label_selector.empty() ? "" : "&labelSelector=" + percent_encode(label_selector);
  return list_where(type, namespace_, condition, limit, stop);
}

Result<json> ApiClient::list_by_fields(const ResourceType& type, std::string_view namespace_,
                                       std::string_view field_selector, int limit,
                                       const std::stop_token& stop) {
  return list_where(type, namespace_, "&fieldSelector=" + percent_encode(field_selector), limit, stop);
}

Result<json> ApiClient::list_where(const ResourceType& type, std::string_view namespace_,
                                   const std::string& condition, int limit, const std::stop_token& stop) {
  const Request request{
      .target = collection_path(type, namespace_) + "?limit=" + std::to_string(limit) + condition,
      .gzip = true};
  return send({"list", type, request, "list " + type.kind}, stop);
}

Result<json> ApiClient::create(const ResourceType& type, const std::string& namespace_, const json& object,
                               const std::stop_token& stop) {
  const ObjectKey key{namespace_, decode_meta(object).key.name};
  Call call{"create",
            type,
            {.method = "POST",
             .target = collection_path(type, namespace_) +
                       "?fieldManager=" + percent_encode(options_.field_manager) + "&fieldValidation=Strict",
             .content_type = std::string(kJson),
             .body = dump(object)},
            describe("create", type, key)};
  const auto [response, retried] = exchange(call, stop);
  if (response.ok()) return decode(response, call.what, true);
  ApiError error = to_api_error(response, call.what);
  error.may_have_landed |= retried && response.status.sent;
  if (error.kind != ApiError::Kind::already_exists || !retried) return tl::unexpected(std::move(error));
  auto existing = get(type, key, stop);
  if (existing && holds(*existing, object)) return existing;
  return tl::unexpected(std::move(error));
}

Result<json> ApiClient::patch(std::string_view verb, const ResourceType& type, const ObjectKey& key,
                              Request request, std::string_view subresource, const std::stop_token& stop) {
  request.target = object_path(type, key, subresource) +
                   "?fieldManager=" + percent_encode(options_.field_manager) + request.target;
  const bool may_not_fit = request.content_type == kJsonPatch;
  return send({verb, type, std::move(request), describe(verb, type, key, subresource), may_not_fit}, stop);
}

Result<json> ApiClient::apply(const ResourceType& type, const ObjectKey& key, const json& object, bool force,
                              std::string_view subresource, const std::stop_token& stop) {
  Request request{.method = "PATCH",
                  .target = std::string("&force=") + (force ? "true" : "false") + "&fieldValidation=Strict",
                  .content_type = "application/apply-patch+yaml",  // JSON is YAML
                  .body = dump(object)};
  return patch("apply", type, key, std::move(request), subresource, stop);
}

Result<json> ApiClient::json_patch(const ResourceType& type, const ObjectKey& key, const json& operations,
                                   std::string_view subresource, const std::stop_token& stop) {
  Request request{.method = "PATCH", .content_type = std::string(kJsonPatch), .body = dump(operations)};
  return patch("patch", type, key, std::move(request), subresource, stop);
}

Result<json> ApiClient::merge_patch(const ResourceType& type, const ObjectKey& key, const json& changes,
                                    std::string_view subresource, const std::stop_token& stop) {
  Request request{.method = "PATCH", .content_type = "application/merge-patch+json", .body = dump(changes)};
  return patch("patch", type, key, std::move(request), subresource, stop);
}

Result<json> ApiClient::replace(const ResourceType& type, const ObjectKey& key, const json& object,
                                std::string_view subresource, const std::stop_token& stop) {
  Request request{.method = "PUT", .content_type = std::string(kJson), .body = dump(object)};
  return patch("update", type, key, std::move(request), subresource, stop);
}

Result<void> ApiClient::remove(const ResourceType& type, const ObjectKey& key, const std::string& uid,
                               const std::stop_token& stop) {
  Call call{"delete", type, {}, describe("delete", type, key)};
  if (uid.empty()) {
    return tl::unexpected(ApiError{.kind = ApiError::Kind::invalid,
                                   .message = call.what + ": refused without the uid of the object"});
  }
  const json options{{"kind", "DeleteOptions"},
                     {"apiVersion", "v1"},
                     {"preconditions", {{"uid", uid}}},
                     {"propagationPolicy", "Background"}};
  call.request = {.method = "DELETE",
                  .target = object_path(type, key),
                  .content_type = std::string(kJson),
                  .body = dump(options)};
  const auto [response, retried] = exchange(call, stop);
  if (response.ok()) return {};
  ApiError error = to_api_error(response, call.what);
  error.may_have_landed |= retried && response.status.sent;
  if (error.kind == ApiError::Kind::not_found) return {};
  if (error.kind != ApiError::Kind::conflict) return tl::unexpected(std::move(error));
  // A 409 says in prose only whether it is about the uid: look who has the name now.
  const auto now = get(type, key, stop);
  const bool gone = now ? decode_meta(*now).uid != uid : now.error().kind == ApiError::Kind::not_found;
  if (gone) return {};
  if (!now) return tl::unexpected(now.error());
  return tl::unexpected(std::move(error));
}

}  // namespace seraphim::kubernetes
