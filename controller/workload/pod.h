// v1 Pod, reduced to why it does not come up. Readiness is the ReplicaSet's and the EndpointSlices' to tell.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "kubernetes/object_meta.h"
#include "kubernetes/resource_type.h"

namespace seraphim::workload {

struct Pod {
  kubernetes::ObjectMeta meta{};
  /// "CrashLoopBackOff: back-off 10s restarting failed container=model"; empty when nothing is wrong.
  std::string problem{};
  bool operator==(const Pod&) const = default;
};

}  // namespace seraphim::workload

template <>
struct seraphim::kubernetes::Resource<seraphim::workload::Pod> {
  static const ResourceType& type();
  static tl::expected<workload::Pod, std::string> decode(const nlohmann::json& object);
};
