// apps/v1 ControllerRevision: a recorded revision. `data` is immutable, so the verdict stands in an
// annotation.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <tl/expected.hpp>

#include "api/revision.h"
#include "api/seraphim_deployment.h"
#include "kubernetes/object_meta.h"
#include "kubernetes/resource_type.h"

namespace seraphim::op {

struct ControllerRevision {
  kubernetes::ObjectMeta meta{};
  api::Revision revision{};
};

/// The whole object, ready to be created.
nlohmann::json encode_controller_revision(const api::SeraphimDeployment& owner,
                                          const api::Revision& revision);

}  // namespace seraphim::op

template <>
struct seraphim::kubernetes::Resource<seraphim::op::ControllerRevision> {
  static const ResourceType& type();
  static tl::expected<op::ControllerRevision, std::string> decode(const nlohmann::json& object);
};
