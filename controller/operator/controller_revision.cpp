#include "operator/controller_revision.h"

#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "kubernetes/child.h"
#include "kubernetes/json_read.h"

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
namespace {

std::string annotation(const ObjectMeta& meta, const char* key) {
  const auto found = meta.annotations.find(key);
  return found == meta.annotations.end() ? std::string() : found->second;
}

}  // namespace

const ResourceType& Resource<op::ControllerRevision>::type() {
  static const ResourceType type{"apps", "v1", "controllerrevisions", "ControllerRevision"};
  return type;
}

tl::expected<op::ControllerRevision, std::string> Resource<op::ControllerRevision>::decode(
    const nlohmann::json& object) {
  op::ControllerRevision record;
  record.meta = decode_meta(object);
  auto workload = api::decode_workload(member(member(object, "data"), "workload"));
  if (!workload) return tl::unexpected("data.workload: " + workload.error());
  record.revision = {.name = record.meta.key.name,
                     .number = int64_or(object, "revision", 0),
                     .workload = std::move(*workload),
                     .verdict = api::parse_verdict(annotation(record.meta, api::kAnnotationVerdict)),
                     .verdict_reason = annotation(record.meta, api::kAnnotationVerdictReason)};
  return record;
}

}  // namespace seraphim::kubernetes
