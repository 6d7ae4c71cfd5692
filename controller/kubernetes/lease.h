// The part of a Lease (coordination.k8s.io/v1) that leader election is about.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "kubernetes/resource_type.h"

namespace seraphim::kubernetes {

struct LeaseRecord {
  std::string holder{};  ///< empty: nobody
  std::int32_t duration_seconds = 0;
  std::string acquire_time{},
      renew_time{};  ///< MicroTime; texts, because they are never compared with a clock
  std::int32_t transitions = 0;
  bool operator==(const LeaseRecord&) const = default;
};

const ResourceType& lease_type();

/// Total: what is missing or of the wrong type is empty.
LeaseRecord decode_lease(const nlohmann::json& object);
/// `object` with this record; everything else in it stays.
nlohmann::json with_record(nlohmann::json object, const LeaseRecord& record);
/// For create().
nlohmann::json new_lease(const ObjectKey& key, const LeaseRecord& record);

}  // namespace seraphim::kubernetes
