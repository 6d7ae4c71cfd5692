#include "operator/freeze_object.h"

#include <nlohmann/json.hpp>

#include "api/freeze_codec.h"
#include "api/seraphim_deployment.h"
#include "operator/time_zones.h"

namespace seraphim::kubernetes {

const ResourceType& Resource<op::FreezeObject>::type() {
  static const ResourceType type{api::kGroup, api::kVersion, api::kFreezePlural, api::kFreezeKind};
  return type;
}

tl::expected<op::FreezeObject, std::string> Resource<op::FreezeObject>::decode(const nlohmann::json& object) {
  op::FreezeObject freeze{.meta = decode_meta(object), .freeze = api::decode_freeze(object)};
  freeze.zone = op::find_zone(freeze.freeze.spec.time_zone);
  return freeze;
}

}  // namespace seraphim::kubernetes
