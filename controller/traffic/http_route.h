// gateway.networking.k8s.io/v1 HTTPRoute: who gets which weight. Everything else of a route is its author's.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "kubernetes/object_meta.h"
#include "kubernetes/resource_type.h"

namespace seraphim::traffic {

struct BackendReference {
  std::string name{};       ///< of a Service in the route's namespace; empty for any other kind of backend
  std::int64_t weight = 1;  ///< 1 when not given (Gateway API)
  /// Request headers that a filter of this backend sets, by name in lower case; later filters of one type do
  /// not count (Gateway API).
  std::map<std::string, std::string> sets{};
  bool operator==(const BackendReference&) const = default;
};

struct HttpRoute {
  kubernetes::ObjectMeta meta{};
  std::vector<std::vector<BackendReference>> rules{};  ///< backendRefs of each rule, in order
  /// Canonical texts (sorted keys, the API's defaults filled in), for comparing with a wanted route.
  std::vector<std::string> parent_refs{}, hostnames{};
  std::string
      refusal{};  ///< what a gateway said when it did not accept this generation; empty when none refused
  bool operator==(const HttpRoute&) const = default;
};

/// The canonical text of a parentRef as a user may write it.
std::string canonical_parent_ref(const nlohmann::json& parent_ref);

}  // namespace seraphim::traffic

template <>
struct seraphim::kubernetes::Resource<seraphim::traffic::HttpRoute> {
  static const ResourceType& type();
  static tl::expected<traffic::HttpRoute, std::string> decode(const nlohmann::json& object);
};
