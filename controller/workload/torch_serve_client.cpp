#include "workload/torch_serve_client.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/quote.h"
#include "kubernetes/json_read.h"
#include "kubernetes/resource_type.h"
#include "workload/secret_token.h"

namespace seraphim::workload {
namespace {

using kubernetes::ApiError;
using kubernetes::percent_encode;
using kubernetes::Response;
using kubernetes::Result;
using kubernetes::TransportError;
using nlohmann::json;

constexpr std::size_t kMostBytes = 8u << 20;

std::string path_of(const std::string& model) {
  return "/models/" + percent_encode(model);
}
std::string path_of(const std::string& model, const std::string& version) {
  return path_of(model) + "/" + percent_encode(version);
}
std::string named(const std::string& model, const std::string& version) {
  return model + " " + version;
}

/// What TorchServe says of itself why it refused.
struct Refusal {
  std::string type, message;
};

Refusal refusal_of(const Response& response) {
  const json body = json::parse(response.body, nullptr, false);
  Refusal said{kubernetes::text_or(body, "type"), kubernetes::text_or(body, "message")};
  if (said.message.empty()) said.message = response.body.empty() ? "nothing" : api::quote(response.body);
  return said;
}

/// Of an archive, a version or a model that is not there; not of a path that this server does not have.
bool is_missing(const Response& response) {
  if (response.status.error != TransportError::none || response.status.http != 404) return false;
  const std::string type = refusal_of(response).type;
  return type == "ModelNotFoundException" || type == "ModelVersionNotFoundException";
}

ModelVersion version_of(const json& entry) {
  ModelVersion version{.version = kubernetes::text_or(entry, "modelVersion"),
                       .url = kubernetes::text_or(entry, "modelUrl"),
                       .min_workers = kubernetes::int32_or(entry, "minWorkers", 0)};
  for (const json& worker : kubernetes::elements(entry, "workers")) {
    version.workers.push_back({kubernetes::text_or(worker, "id"), kubernetes::text_or(worker, "status")});
  }
  return version;
}

ApiError::Kind kind_of(int http) {
  switch (http) {
    case 401:
    case 403:
      return ApiError::Kind::forbidden;
    case 404:
      return ApiError::Kind::not_found;
    case 409:
      return ApiError::Kind::already_exists;
    default:
      return http > 500 ? ApiError::Kind::unavailable : ApiError::Kind::invalid;
  }
}

/// What a person can do about it, by the type that TorchServe names.
std::string advice(const std::string& type, const std::string& message) {
  if (type == "ResourceNotFoundException")
    return "; check that torchServe.managementURL is the management API (port 8081 by default)";
  if (type == "DownloadArchiveException") {
    return "; check model.url, whether the server can reach it, and allowed_urls in its configuration";
  }
  if (type == "ModelNotFoundException" && message.find("not found at") != std::string::npos)
    return "; put the archive into the server's model store, or correct model.url";
  if (type == "InvalidModelVersionException") return "; another version must become the default one before";
  if (message.starts_with("Failed to start workers"))
    return "; the server's model_log.log says why: correct the archive's handler";
  return "";
}

/// About a refusal for the token's sake. `token`: where the one that was sent is kept.
std::string advice_about_token(const std::string& token) {
  if (token.empty()) {
    return "; this TorchServe asks for a token: name the Secret that holds its management key in "
           "torchServe.tokenSecret, or run it with --disable-token-auth behind a NetworkPolicy";
  }
  return "; it refuses the token in " + token +
         ", which was read again: write the management key of its key_file.json there";
}

}  // namespace

std::int32_t ModelVersion::ready() const {
  return static_cast<std::int32_t>(std::count_if(
      workers.begin(), workers.end(), [](const Worker& worker) { return worker.status == "READY"; }));
}

Response TorchServeClient::send(const char* method, std::string target, const Bounds& bounds) {
  return transport_.call({.method = method, .target = std::move(target), .max_body = kMostBytes},
                         bounds.timeout, bounds.stop);
}

ApiError TorchServeClient::failure(const Response& response, const std::string& what) const {
  const auto& status = response.status;
  if (status.error == TransportError::none) return refusal(response, what);
  if (status.error == TransportError::credentials) {
    return {.kind = ApiError::Kind::unavailable,
            .message = "could not " + what + ": there is no token for TorchServe at " + address_ + ": " +
                       status.detail};
  }
  const std::string detail = status.detail.empty() ? "" : " (" + status.detail + ")";
  const bool cancelled = status.error == TransportError::cancelled;
  return {.kind = cancelled ? ApiError::Kind::cancelled : ApiError::Kind::unavailable,
          .message = "could not " + what + ": no answer from TorchServe at " + address_ + ": " +
                     std::string(to_string(status.error)) + detail +
                     "; check torchServe.managementURL and network policies",
          .retry_after = status.retry_after,
          .may_have_landed = status.sent};
}

ApiError TorchServeClient::refusal(const Response& response, const std::string& what) const {
  const int http = response.status.http;
  const Refusal said = refusal_of(response);
  const bool refuses_token = is_token_refusal(http, said.type);
  ApiError error{.kind = refuses_token ? ApiError::Kind::forbidden : kind_of(http),
                 .http = http,
                 .reason = said.type,
                 .message = "could not " + what + ": TorchServe at " + address_ + " answered " +
                            std::to_string(http) + ": " + said.message +
                            (refuses_token ? advice_about_token(token_) : advice(said.type, said.message)),
                 .retry_after = response.status.retry_after};
  if (said.type == "InvalidModelVersionException") error.kind = ApiError::Kind::conflict;
  if (said.type == "ResourceNotFoundException") error.kind = ApiError::Kind::invalid;
  return error;
}

Result<std::vector<ModelVersion>> TorchServeClient::versions(const std::string& model, const Bounds& bounds) {
  const Response response = send("GET", path_of(model) + "/all", bounds);
  if (is_missing(response)) return std::vector<ModelVersion>{};
  const std::string what = "list the versions of " + model;
  if (!response.ok()) return tl::unexpected(failure(response, what));
  const json body = json::parse(response.body, nullptr, false);
  if (!body.is_array()) {
    return tl::unexpected(ApiError{.kind = ApiError::Kind::invalid,
                                   .http = response.status.http,
                                   .message = "could not " + what + ": the answer of " + address_ +
                                              " is no list; check that torchServe.managementURL is "
                                              "TorchServe's management API"});
  }
  std::vector<ModelVersion> versions;
  for (const json& entry : body) versions.push_back(version_of(entry));
  return versions;
}

Result<std::string> TorchServeClient::default_version(const std::string& model, const Bounds& bounds) {
  const Response response = send("GET", path_of(model), bounds);
  if (is_missing(response)) return std::string();
  if (!response.ok()) return tl::unexpected(failure(response, "ask for the default version of " + model));
  const json body = json::parse(response.body, nullptr, false);
  return body.is_array() && !body.empty() ? version_of(body.front()).version : std::string();
}

Result<void> TorchServeClient::add(const std::string& model, const std::string& url, std::int32_t workers,
                                   Wait wait, const Bounds& bounds) {
  const Response response =
      send("POST",
           "/models?url=" + percent_encode(url) + "&model_name=" + percent_encode(model) +
               "&initial_workers=" + std::to_string(workers) +
               "&synchronous=" + (wait == Wait::for_workers ? "true" : "false"),
           bounds);
  if (response.ok()) return {};
  return tl::unexpected(failure(response, "register " + url + " as " + model));
}

Result<void> TorchServeClient::scale(const std::string& model, const std::string& version,
                                     std::int32_t workers, Wait wait, const Bounds& bounds) {
  const std::string count = std::to_string(workers);
  const Response response = send("PUT",
                                 path_of(model, version) + "?min_worker=" + count + "&max_worker=" + count +
                                     "&synchronous=" + (wait == Wait::for_workers ? "true" : "false"),
                                 bounds);
  if (response.ok()) return {};
  return tl::unexpected(failure(response, "give " + named(model, version) + " " + count + " workers"));
}

Result<void> TorchServeClient::set_default(const std::string& model, const std::string& version,
                                           const Bounds& bounds) {
  const Response response = send("PUT", path_of(model, version) + "/set-default", bounds);
  if (response.ok()) return {};
  return tl::unexpected(failure(response, "make " + named(model, version) + " the default version"));
}

Result<void> TorchServeClient::remove(const std::string& model, const std::string& version,
                                      const Bounds& bounds) {
  const Response response = send("DELETE", path_of(model, version), bounds);
  if (response.ok() || is_missing(response)) return {};
  return tl::unexpected(failure(response, "unregister " + named(model, version)));
}

}  // namespace seraphim::workload
