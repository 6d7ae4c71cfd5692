// v1 Service, as far as the operator looks at it: which revision it selects.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

#include "kubernetes/object_meta.h"
#include "kubernetes/resource_type.h"

namespace seraphim::traffic {

struct Service {
  kubernetes::ObjectMeta meta{};
  std::map<std::string, std::string> selector{};
  std::int32_t port = 0, target_port = 0;  ///< of the first port; 0 when it is a name
  bool operator==(const Service&) const = default;
};

}  // namespace seraphim::traffic

template <>
struct seraphim::kubernetes::Resource<seraphim::traffic::Service> {
  static const ResourceType& type();
  static tl::expected<traffic::Service, std::string> decode(const nlohmann::json& object);
};
