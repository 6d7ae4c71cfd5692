// What a reflector asks, and how it understands a refusal.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "kubernetes/api_error.h"
#include "kubernetes/api_status.h"
#include "kubernetes/reflector.h"

namespace seraphim::kubernetes {

std::string Reflector::collection(const std::string& query) const {
  std::string target = collection_path(options_.type, options_.namespace_) + "?" + query;
  if (!options_.label_selector.empty()) target += "&labelSelector=" + percent_encode(options_.label_selector);
  if (!options_.field_selector.empty()) target += "&fieldSelector=" + percent_encode(options_.field_selector);
  return target;
}

Request Reflector::list_request(const Listing& listing) const {
  std::string query = listing.whole ? "limit=0" : "limit=" + std::to_string(options_.page_size);
  if (!listing.continue_token.empty()) {
    query += "&continue=" + percent_encode(listing.continue_token);  // forbids a resourceVersion
  } else if (!listing.quorum && !resource_version_.empty()) {
    query += "&resourceVersion=" + percent_encode(resource_version_) + "&resourceVersionMatch=NotOlderThan";
  }
  return {.target = collection(query), .gzip = true};
}

Request Reflector::streaming_list_request(bool quorum) const {
  std::string query =
      "watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
  if (!quorum) query += "&resourceVersion=" + percent_encode(resource_version_);
  return {.target = collection(query + timeout_parameter())};
}

Request Reflector::watch_request() const {
  return {.target = collection("watch=true&allowWatchBookmarks=true&resourceVersion=" +
                               percent_encode(resource_version_) + timeout_parameter())};
}

std::string Reflector::timeout_parameter() const {
  // Random, so that watches opened together do not end together (rule 7).
  const auto range = static_cast<double>((options_.longest_watch - options_.shortest_watch).count() + 1);
  const auto extra = static_cast<std::chrono::seconds::rep>(random_() * range);
  return "&timeoutSeconds=" + std::to_string(options_.shortest_watch.count() + extra);
}

std::string Reflector::watch_said(std::string_view what) const {
  return "watch " + options_.type.kind + ": the server sent " + std::string(what);
}

Reflector::Trouble Reflector::trouble_of(const CallStatus& status, const std::string& body,
                                         std::string_view verb) const {
  static constexpr std::array kRefusals{400, 405, 422, 501};
  const ApiError error = to_api_error({status, body}, std::string(verb) + " " + options_.type.kind);
  Trouble trouble{.what = error.message, .retry_after = error.retry_after};
  if (status.error != TransportError::none) return trouble;
  if (error.kind == ApiError::Kind::gone) {
    trouble.kind = Trouble::Kind::expired;
  } else if (parse_api_status(body).version_too_large) {
    trouble.kind = Trouble::Kind::ahead;
  } else if (std::ranges::find(kRefusals, status.http) != kRefusals.end()) {
    trouble.kind = Trouble::Kind::refused;
  }
  return trouble;
}

Reflector::Trouble Reflector::trouble_of_error_event(const nlohmann::json& object) const {
  const ApiStatus status = decode_api_status(object);
  Trouble trouble{.what = watch_said("the error " + std::to_string(status.code) + " " + status.reason + ": " +
                                     status.message),
                  .retry_after = status.retry_after};
  if (status.code == 410) {
    trouble.kind = Trouble::Kind::expired;
  } else if (status.version_too_large) {
    trouble.kind = Trouble::Kind::ahead;
  } else if (status.code / 100 == 4 && status.code != 429) {
    trouble.kind = Trouble::Kind::refused;
  }
  return trouble;
}

}  // namespace seraphim::kubernetes
