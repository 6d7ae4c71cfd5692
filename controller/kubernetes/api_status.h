// The Status object with which the API server explains a failure: in the body of an answer, or in a watch
// event.
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace seraphim::kubernetes {

struct ApiStatus {
  int code = 0;                                            ///< 0 when it was not a Status
  std::string reason{};                                    ///< "AlreadyExists"
  std::string message{};                                   ///< one line
  std::optional<std::chrono::milliseconds> retry_after{};  ///< details.retryAfterSeconds
  bool names_causes = false;       ///< details.causes says what is wrong, field by field
  bool version_too_large = false;  ///< the server has not seen this resourceVersion yet
};

/// Total: what is missing or of the wrong type is empty.
ApiStatus decode_api_status(const nlohmann::json& object);
/// Total: a body that is no JSON gives an empty one.
ApiStatus parse_api_status(std::string_view body);

}  // namespace seraphim::kubernetes
