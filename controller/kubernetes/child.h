// Objects that belong to another one: owner references, and creating without taking over a stranger's object.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>
#include <string_view>

#include "kubernetes/api_client.h"
#include "kubernetes/object_meta.h"

namespace seraphim::kubernetes {

/// An entry of metadata.ownerReferences with controller=true and blockOwnerDeletion=true.
nlohmann::json owner_reference(const ControllerReference& owner);

bool is_child_of(const ObjectMeta& meta, std::string_view owner_uid);

/// "ReplicaSet default/web exists and belongs to nobody or to somebody else; rename or delete it"
ApiError not_ours(std::string_view kind, const ObjectKey& key);

/// Creates the object; when one of that name is there already, returns it if it is a child of `owner_uid`
/// (an earlier try landed, or the cache lags), and not_ours() otherwise.
Result<nlohmann::json> create_child(ApiClient& client, const ResourceType& type, const nlohmann::json& object,
                                    std::string_view owner_uid, const std::stop_token& stop);

}  // namespace seraphim::kubernetes
