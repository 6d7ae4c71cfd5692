// discovery.k8s.io/v1 EndpointSlice: which pods a Service really sends to.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "kubernetes/object_meta.h"
#include "kubernetes/resource_type.h"

namespace seraphim::traffic {

struct EndpointSlice {
  kubernetes::ObjectMeta meta{};          ///< its controller is the Service
  std::vector<std::string> ready_pods{};  ///< names; endpoints that are no pods are left out
  bool operator==(const EndpointSlice&) const = default;
};

}  // namespace seraphim::traffic

template <>
struct seraphim::kubernetes::Resource<seraphim::traffic::EndpointSlice> {
  static const ResourceType& type();
  static tl::expected<traffic::EndpointSlice, std::string> decode(const nlohmann::json& object);
};
