// A SeraphimFreeze as the store keeps it.
#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "api/freeze_schedule.h"
#include "api/seraphim_freeze.h"
#include "kubernetes/object_meta.h"
#include "kubernetes/resource_type.h"

namespace seraphim::op {

struct FreezeObject {
  kubernetes::ObjectMeta meta{};
  api::SeraphimFreeze freeze{};
  std::optional<api::Zone> zone{};  ///< of its windows; nothing when it is not known
};

}  // namespace seraphim::op

template <>
struct seraphim::kubernetes::Resource<seraphim::op::FreezeObject> {
  static const ResourceType& type();
  static tl::expected<op::FreezeObject, std::string> decode(const nlohmann::json& object);
};
