// Rollbacks by hand: the spec went back, by kubectl-seraphim or by Git. They say nothing about the revision
// that was left: it may be asked for again at any time.
#pragma once

#include "api/status.h"

namespace seraphim::api {

// Reasons of RollbackStatus.
inline constexpr const char* kCancelled = "Cancelled";  ///< a candidate gave its traffic back
inline constexpr const char* kTakenBack = "TakenBack";  ///< a promoted revision did, during its bake
inline constexpr const char* kReverted = "Reverted";    ///< an earlier revision was promoted once more

/// The operator's word for the failure of a revision in whose place somebody put an earlier one, past the
/// spec: helm rollback, kubectl rollout undo. It is not tried again by itself.
inline constexpr const char* kRolledBackOutOfBand = "RolledBackOutOfBand";

/// False when the operator rolled back, for a failure.
bool is_by_hand(const RollbackStatus& rollback);

/// The last rollback took `revision` back for a failure.
bool rolled_back_as_failed(const Status& status, const std::string& revision);

}  // namespace seraphim::api
