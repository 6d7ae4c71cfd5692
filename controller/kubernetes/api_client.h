// Verbs of the Kubernetes API on top of a transport. The one place that decides about an immediate retry.
//
// Writes may reach the server twice (transport.h), so there is no generateName, and each verb is idempotent:
// create has a fixed name, apply is server-side apply, patch and replace carry a resourceVersion or are
// naturally idempotent, delete has a uid precondition.
//
// A call whose connection broke before an answer came is sent once more at once: most often a kept-alive
// connection had gone stale. Everything else, 429 and 503 included, goes back to the caller: the work queue
// is the outer loop.
#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "kubernetes/api_error.h"
#include "kubernetes/clock.h"
#include "kubernetes/resource_type.h"
#include "kubernetes/transport.h"

namespace seraphim::kubernetes {

struct ApiClientOptions {
  std::string field_manager = "seraphim-operator";
  std::chrono::milliseconds timeout{15'000};  ///< of one call, its immediate retry included
  const Clock* clock = &system_clock();       ///< measures what the first try left of the timeout
};

/// One exchange with the server, for metrics and logs. A retry is a second one.
struct CallRecord {
  std::string_view verb;  ///< "get", "list", "create", "apply", "patch", "update", "delete"
  const ResourceType& type;
  int http;
  TransportError error;
  std::chrono::nanoseconds took;
};

/// Thread-safe when the observer is.
class ApiClient {
 public:
  explicit ApiClient(Transport& transport, ApiClientOptions options = {},
                     std::function<void(const CallRecord&)> observer = {});

  Result<nlohmann::json> get(const ResourceType& type, const ObjectKey& key,
                             const std::stop_token& stop = {});
  /// One page of up to `limit`; for small, rare questions. Watch what is needed often.
  Result<nlohmann::json> list(const ResourceType& type, std::string_view namespace_,
                              std::string_view label_selector, int limit, const std::stop_token& stop = {});
  /// The same by fields: "regarding.name=web".
  Result<nlohmann::json> list_by_fields(const ResourceType& type, std::string_view namespace_,
                                        std::string_view field_selector, int limit,
                                        const std::stop_token& stop = {});
  /// Unknown fields are refused by the server (also by apply), not dropped. When the first answer got lost
  /// and the object exists at the retry, it counts as created if it holds all that was sent; otherwise:
  /// already_exists.
  Result<nlohmann::json> create(const ResourceType& type, const std::string& namespace_,
                                const nlohmann::json& object, const std::stop_token& stop = {});
  /// Server-side apply of the full intent (runtime rules 23-26). `force` takes fields over from other
  /// managers: for own children only. Put metadata.uid in to update only that very object.
  Result<nlohmann::json> apply(const ResourceType& type, const ObjectKey& key, const nlohmann::json& object,
                               bool force, std::string_view subresource = {},
                               const std::stop_token& stop = {});
  /// RFC 6902, an array; guard it with a `test` of /metadata/resourceVersion where order matters. A test that
  /// fails, or a path that is not there, is a conflict.
  Result<nlohmann::json> json_patch(const ResourceType& type, const ObjectKey& key,
                                    const nlohmann::json& operations, std::string_view subresource = {},
                                    const std::stop_token& stop = {});
  /// RFC 7386.
  Result<nlohmann::json> merge_patch(const ResourceType& type, const ObjectKey& key,
                                     const nlohmann::json& changes, std::string_view subresource = {},
                                     const std::stop_token& stop = {});
  /// PUT; metadata.resourceVersion must be in `object`.
  Result<nlohmann::json> replace(const ResourceType& type, const ObjectKey& key, const nlohmann::json& object,
                                 std::string_view subresource = {}, const std::stop_token& stop = {});
  /// Background deletion of exactly the object with this uid (rule 32). Already gone, or another uid:
  /// success.
  Result<void> remove(const ResourceType& type, const ObjectKey& key, const std::string& uid,
                      const std::stop_token& stop = {});

 private:
  /// One call to be made. `what` is for people: "apply ReplicaSet default/web".
  struct Call {
    std::string_view verb;
    const ResourceType& type;
    Request request;
    std::string what;
    bool may_not_fit = false;  ///< a JSON patch: it can fail because the object is not as expected
  };
  /// Its answer, and whether the first one got lost.
  struct Outcome {
    Response response{};
    bool retried = false;
  };

  Outcome exchange(const Call& call, const std::stop_token& stop);
  Result<nlohmann::json> send(const Call& call, const std::stop_token& stop);
  Result<nlohmann::json> list_where(const ResourceType& type, std::string_view namespace_,
                                    const std::string& condition, int limit, const std::stop_token& stop);
  Result<nlohmann::json> patch(std::string_view verb, const ResourceType& type, const ObjectKey& key,
                               Request request, std::string_view subresource, const std::stop_token& stop);

  Transport& transport_;
  const ApiClientOptions options_;
  const std::function<void(const CallRecord&)> observer_;
};

}  // namespace seraphim::kubernetes
