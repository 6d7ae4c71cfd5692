#include "workload/replica_set.h"

#include <nlohmann/json.hpp>

#include "kubernetes/json_read.h"

namespace seraphim::kubernetes {

using nlohmann::json;

const ResourceType& Resource<workload::ReplicaSet>::type() {
  static const ResourceType type{"apps", "v1", "replicasets", "ReplicaSet"};
  return type;
}

tl::expected<workload::ReplicaSet, std::string> Resource<workload::ReplicaSet>::decode(const json& object) {
  workload::ReplicaSet set;
  set.meta = decode_meta(object);
  const json& status = member(object, "status");
  set.desired = int32_or(member(object, "spec"), "replicas", 1);
  set.existing = int32_or(status, "replicas", 0);
  set.ready = int32_or(status, "readyReplicas", 0);
  set.available = int32_or(status, "availableReplicas", 0);
  set.observed_generation = int64_or(status, "observedGeneration", 0);
  for (const json& condition : elements(status, "conditions")) {
    if (text_or(condition, "type") == "ReplicaFailure" && text_or(condition, "status") == "True") {
      set.failure = text_or(condition, "message");
    }
  }
  return set;
}

}  // namespace seraphim::kubernetes
