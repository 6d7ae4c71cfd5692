// What the API server answered to an own write goes into the store, so that the next look sees it
// (docs/runtime.md, 15).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <utility>

#include "kubernetes/api_error.h"
#include "kubernetes/resource_type.h"
#include "kubernetes/store.h"

namespace seraphim::kubernetes {

/// Passes on why the write failed. Include <nlohmann/json.hpp> where this is called.
template <typename T>
Result<void> keep_written(Store<T>& store, const Result<nlohmann::json>& written) {
  if (!written) return tl::unexpected(written.error());
  auto decoded = Resource<T>::decode(*written);
  if (!decoded) {
    return tl::unexpected(ApiError{.kind = ApiError::Kind::unavailable,
                                   .message = Resource<T>::type().kind + ": " + decoded.error()});
  }
  store.note_written(std::move(*decoded));
  return {};
}

}  // namespace seraphim::kubernetes
