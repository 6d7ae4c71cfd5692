#include "operator/controller_revision.h"

#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "kubernetes/child.h"
#include "workload/recorded_revision.h"

namespace seraphim::op {

using Json = nlohmann::json;

Json encode_controller_revision(const api::SeraphimDeployment& owner, const api::Revision& revision) {
  const auto& type = kubernetes::Resource<ControllerRevision>::type();
  return {
      {"apiVersion", type.api_version()},
      {"kind", type.kind},
      {"metadata",
       {{"name", revision.name},
        {"namespace", owner.namespace_},
        {"labels", {{api::kLabelName, owner.name}, {api::kLabelRevision, revision.name}}},
        {"ownerReferences",
         Json::array({kubernetes::owner_reference({api::kApiVersion, api::kKind, owner.name, owner.uid})})}}},
      {"revision", revision.number},
      {"data", {{"workload", api::encode_workload(revision.workload)}}}};
}

}  // namespace seraphim::op

namespace seraphim::kubernetes {

const ResourceType& Resource<op::ControllerRevision>::type() {
  static const ResourceType type{"apps", "v1", "controllerrevisions", "ControllerRevision"};
  return type;
}

tl::expected<op::ControllerRevision, std::string> Resource<op::ControllerRevision>::decode(
    const nlohmann::json& object) {
  auto revision = workload::decode_revision(object);
  if (!revision) return tl::unexpected(revision.error());
  return op::ControllerRevision{decode_meta(object), *std::move(revision)};
}

}  // namespace seraphim::kubernetes
