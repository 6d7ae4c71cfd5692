#include "operator/deployment_object.h"

#include <nlohmann/json.hpp>

#include "api/codec.h"

namespace seraphim::kubernetes {

const ResourceType& Resource<op::DeploymentObject>::type() {
  static const ResourceType type{api::kGroup, api::kVersion, api::kPlural, api::kKind};
  return type;
}

tl::expected<op::DeploymentObject, std::string> Resource<op::DeploymentObject>::decode(
    const nlohmann::json& object) {
  op::DeploymentObject deployment{.meta = decode_meta(object), .object = api::decode_deployment(object)};
  // Kept once, in `object`.
  deployment.meta.annotations.clear();
  return deployment;
}

}  // namespace seraphim::kubernetes
