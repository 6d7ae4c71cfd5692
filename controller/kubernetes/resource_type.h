// Which kind of object, and where the API server keeps it.
#pragma once

#include <string>
#include <string_view>

#include "kubernetes/object_meta.h"

namespace seraphim::kubernetes {

struct ResourceType {
  std::string group{};  ///< empty: the core group
  std::string version{}, plural{}, kind{};
  bool namespaced = true;

  /// "apps/v1", "v1"
  std::string api_version() const;
  bool operator==(const ResourceType&) const = default;
};

/// "/apis/apps/v1/namespaces/default/replicasets"; an empty namespace means all of them.
std::string collection_path(const ResourceType& type, std::string_view namespace_);
/// "/apis/apps/v1/namespaces/default/replicasets/web", with "/status" behind it when `subresource` is
/// "status".
std::string object_path(const ResourceType& type, const ObjectKey& key, std::string_view subresource = {});

/// Percent-encoding for one query value or path segment (RFC 3986: unreserved characters stay).
std::string percent_encode(std::string_view text);

/// A watched kind is a struct with an `ObjectMeta meta` member and a specialisation of this:
///
///   template <> struct Resource<ReplicaSet> {
///     static const ResourceType& type();
///     static tl::expected<ReplicaSet, std::string> decode(const nlohmann::json& object);
///   };
template <typename T>
struct Resource;

}  // namespace seraphim::kubernetes
