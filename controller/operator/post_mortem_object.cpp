#include "operator/post_mortem_object.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "kubernetes/child.h"
#include "kubernetes/json_read.h"

namespace seraphim::op {
namespace {

using kubernetes::ObjectMeta;
using Json = nlohmann::json;

std::string rolled_back_at(const ObjectMeta& meta) {
  const auto found = meta.annotations.find(report::kAnnotationRolledBackAt);
  return found == meta.annotations.end() ? std::string() : found->second;
}

}  // namespace

const kubernetes::ResourceType& config_map_type() {
  static const kubernetes::ResourceType type{"", "v1", "configmaps", "ConfigMap"};
  return type;
}

std::string post_mortem_selector(const api::SeraphimDeployment& owner) {
  return std::string(api::kLabelName) + "=" + owner.name + "," + report::kLabelDocument + "=" +
         report::kPostMortem;
}

std::string verification_word(const api::RollbackStatus& rollback) {
  return rollback.verification ? api::to_string(rollback.verification->result) : "None";
}

Json encode_post_mortem(const api::SeraphimDeployment& owner, std::int64_t number,
                        const report::PostMortem& document) {
  const api::RollbackStatus& rollback = *owner.status.last_rollback;
  return {
      {"apiVersion", config_map_type().api_version()},
      {"kind", config_map_type().kind},
      {"metadata",
       {{"name", report::document_name(rollback)},
        {"namespace", owner.namespace_},
        {"labels",
         {{api::kLabelName, owner.name},
          {api::kLabelRevision, rollback.from_revision},
          {report::kLabelDocument, report::kPostMortem}}},
        {"annotations",
         {{report::kAnnotationRolledBackAt, api::format_time(rollback.at)},
          {report::kAnnotationNumber, std::to_string(number)},
          {report::kAnnotationReason, rollback.reason},
          {report::kAnnotationVerification, verification_word(rollback)}}},
        {"ownerReferences",
         Json::array({kubernetes::owner_reference({api::kApiVersion, api::kKind, owner.name, owner.uid})})}}},
      {"data", {{report::kMarkdownKey, document.markdown}, {report::kChartKey, document.chart}}}};
}

Json verification_patch(const Json& config_map, const api::RollbackStatus& rollback) {
  const ObjectMeta meta = kubernetes::decode_meta(config_map);
  const std::string markdown =
      kubernetes::text_or(kubernetes::member(config_map, "data"), report::kMarkdownKey);
  return {{"metadata",
           {{"uid", meta.uid},
            {"resourceVersion", meta.resource_version},
            {"annotations", {{report::kAnnotationVerification, verification_word(rollback)}}}}},
          {"data", {{report::kMarkdownKey, report::with_verification(markdown, rollback.verification)}}}};
}

std::vector<ObjectMeta> beyond_history(const Json& list, const std::string& owner_uid) {
  std::vector<ObjectMeta> ours;
  for (const Json& item : kubernetes::elements(list, "items")) {
    ObjectMeta meta = kubernetes::decode_meta(item);
    if (!meta.deleting && kubernetes::is_child_of(meta, owner_uid)) ours.push_back(std::move(meta));
  }
  // RFC 3339 in UTC sorts as text, but for fractions: those of one second may change places.
  std::sort(ours.begin(), ours.end(), [](const ObjectMeta& left, const ObjectMeta& right) {
    return std::pair(rolled_back_at(left), left.key) > std::pair(rolled_back_at(right), right.key);
  });
  ours.erase(ours.begin(), ours.begin() + static_cast<std::ptrdiff_t>(std::min(ours.size(), report::kKept)));
  return ours;
}

}  // namespace seraphim::op
