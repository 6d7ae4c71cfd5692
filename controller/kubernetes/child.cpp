#include "kubernetes/child.h"

#include <nlohmann/json.hpp>

namespace seraphim::kubernetes {

using nlohmann::json;

json owner_reference(const ControllerReference& owner) {
  return {{"apiVersion", owner.api_version},
          {"kind", owner.kind},
          {"name", owner.name},
          {"uid", owner.uid},
          {"controller", true},
          {"blockOwnerDeletion", true}};
}

bool is_child_of(const ObjectMeta& meta, std::string_view owner_uid) {
  return meta.controller && meta.controller->uid == owner_uid;
}

ApiError not_ours(std::string_view kind, const ObjectKey& key) {
  return {.kind = ApiError::Kind::invalid,
          .reason = "NotOurs",
          .message = std::string(kind) + " " + to_string(key) +
                     " exists and is not controlled by this SeraphimDeployment; rename or delete it"};
}

Result<json> create_child(ApiClient& client, const ResourceType& type, const json& object,
                          std::string_view owner_uid, const std::stop_token& stop) {
  const ObjectMeta meta = decode_meta(object);
  auto created = client.create(type, meta.key.namespace_, object, stop);
  if (created || created.error().kind != ApiError::Kind::already_exists) return created;
  auto existing = client.get(type, meta.key, stop);
  if (existing && !is_child_of(decode_meta(*existing), owner_uid))
    return tl::unexpected(not_ours(type.kind, meta.key));
  return existing;
}

}  // namespace seraphim::kubernetes
