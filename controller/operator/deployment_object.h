// A SeraphimDeployment as the store keeps it.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "api/seraphim_deployment.h"
#include "kubernetes/object_meta.h"
#include "kubernetes/resource_type.h"

namespace seraphim::op {

struct DeploymentObject {
  kubernetes::ObjectMeta meta{};
  api::SeraphimDeployment object{};
};

}  // namespace seraphim::op

template <>
struct seraphim::kubernetes::Resource<seraphim::op::DeploymentObject> {
  static const ResourceType& type();
  static tl::expected<op::DeploymentObject, std::string> decode(const nlohmann::json& object);
};
