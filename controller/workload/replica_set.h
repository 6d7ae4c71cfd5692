// apps/v1 ReplicaSet, as far as the operator looks at it.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

#include "kubernetes/object_meta.h"
#include "kubernetes/resource_type.h"

namespace seraphim::workload {

struct ReplicaSet {
  kubernetes::ObjectMeta meta{};
  std::int32_t desired = 0;
  std::int32_t existing = 0, ready = 0, available = 0;
  /// status belongs to this generation; older counts are not to be trusted for a new spec.
  std::int64_t observed_generation = 0;
  std::string failure{};  ///< why pods cannot be created (condition ReplicaFailure): quota, admission
  bool operator==(const ReplicaSet&) const = default;
};

}  // namespace seraphim::workload

template <>
struct seraphim::kubernetes::Resource<seraphim::workload::ReplicaSet> {
  static const ResourceType& type();
  static tl::expected<workload::ReplicaSet, std::string> decode(const nlohmann::json& object);
};
