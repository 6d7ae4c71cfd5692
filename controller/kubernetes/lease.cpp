#include "kubernetes/lease.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "kubernetes/json_read.h"

namespace seraphim::kubernetes {

using nlohmann::json;

const ResourceType& lease_type() {
  static const ResourceType type{.group = "coordination.k8s.io",
                                 .version = "v1",
                                 .plural = "leases",
                                 .kind = "Lease",
                                 .namespaced = true};
  return type;
}

LeaseRecord decode_lease(const json& object) {
  const json& spec = member(object, "spec");
  return {.holder = text_or(spec, "holderIdentity"),
          .duration_seconds = int32_or(spec, "leaseDurationSeconds", 0),
          .acquire_time = text_or(spec, "acquireTime"),
          .renew_time = text_or(spec, "renewTime"),
          .transitions = int32_or(spec, "leaseTransitions", 0)};
}

json with_record(json object, const LeaseRecord& record) {
  json& spec = object["spec"];
  if (!spec.is_object()) spec = json::object();
  spec["holderIdentity"] = record.holder;
  spec["leaseDurationSeconds"] = record.duration_seconds;
  spec["acquireTime"] = record.acquire_time;
  spec["renewTime"] = record.renew_time;
  spec["leaseTransitions"] = record.transitions;
  return object;
}

json new_lease(const ObjectKey& key, const LeaseRecord& record) {
  return with_record({{"apiVersion", lease_type().api_version()},
                      {"kind", lease_type().kind},
                      {"metadata", {{"name", key.name}, {"namespace", key.namespace_}}}},
                     record);
}

}  // namespace seraphim::kubernetes
