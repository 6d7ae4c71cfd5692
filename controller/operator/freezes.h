// Which freezes are in force for an object. No request is made.
#pragma once

#include <optional>
#include <vector>

#include "api/freeze_schedule.h"
#include "kubernetes/store.h"
#include "operator/deployment_object.h"
#include "operator/freeze_object.h"
#include "rollout/observation.h"

namespace seraphim::op {

/// In the same namespace, by the labels. A freeze that was not understood selects everything.
bool selects(const FreezeObject& freeze, const DeploymentObject& deployment);

struct FreezesOfObject {
  std::vector<rollout::FreezeInForce> in_force;  ///< by name
  std::optional<api::Time> change_at;            ///< when one that selects the object begins or ends next
};

/// `freezes` is null where the cluster does not know the kind: there are none. While they have not been
/// listed, one of no name is in force that says so: nobody can tell, and rolling back waits for none.
FreezesOfObject freezes_of(const kubernetes::Store<FreezeObject>* freezes, const DeploymentObject& deployment,
                           api::Time now);

}  // namespace seraphim::op
