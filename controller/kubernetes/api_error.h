// Why the API server did not do what was asked, and what the caller may do about it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "kubernetes/transport.h"

namespace seraphim::kubernetes {

struct ApiError {
  enum class Kind {
    not_found,       ///< 404
    already_exists,  ///< 409 AlreadyExists, on create
    conflict,      ///< 409: somebody wrote in between, or a precondition (uid, resourceVersion) does not hold
    invalid,       ///< 400, 422: the object is wrong; trying again is of no use
    forbidden,     ///< 403
    unauthorized,  ///< 401
    gone,          ///< 410
    too_many,      ///< 429
    unavailable,   ///< 5xx, connection problems, timeouts: try again later
    cancelled,     ///< stop was requested
  } kind = Kind::unavailable;
  int http = 0;
  std::string reason{};   ///< of the Status object: "AlreadyExists"
  std::string message{};  ///< one sentence for people, with verb, kind and name
  std::optional<std::chrono::milliseconds> retry_after{};
  bool may_have_landed = false;  ///< a write whose answer got lost

  /// Worth trying again without a change.
  bool retriable() const;
};

template <typename T>
using Result = tl::expected<T, ApiError>;

/// For a response that is not ok. `what` names the call: "apply ReplicaSet default/web".
ApiError to_api_error(const Response& response, std::string_view what);

}  // namespace seraphim::kubernetes
