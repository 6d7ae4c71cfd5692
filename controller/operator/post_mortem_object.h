// A post-mortem as it is kept: a ConfigMap that belongs to the SeraphimDeployment.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "api/seraphim_deployment.h"
#include "kubernetes/object_meta.h"
#include "kubernetes/resource_type.h"
#include "report/post_mortem.h"

namespace seraphim::op {

const kubernetes::ResourceType& config_map_type();

/// Selects the post-mortems of the object.
std::string post_mortem_selector(const api::SeraphimDeployment& owner);

/// "Pending", or "None" as long as nothing verifies: what the document says about the verification.
std::string verification_word(const api::RollbackStatus& rollback);

/// The whole object, ready to be created. `owner.status.last_rollback` is the one that it is about;
/// `number` is 0 where no record tells the revision's number.
nlohmann::json encode_post_mortem(const api::SeraphimDeployment& owner, std::int64_t number,
                                  const report::PostMortem& document);

/// A merge patch of an existing one: the present result of the verification. Guarded by uid and resource
/// version.
nlohmann::json verification_patch(const nlohmann::json& config_map, const api::RollbackStatus& rollback);

/// Those that are beyond the history of `owner_uid`, oldest last; nobody else's.
std::vector<kubernetes::ObjectMeta> beyond_history(const nlohmann::json& list, const std::string& owner_uid);

}  // namespace seraphim::op
