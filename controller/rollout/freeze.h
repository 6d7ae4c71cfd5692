// What freezes do to a rollout: nothing new, no more traffic, no promotion; never anything to a rollback.
// Internal to rollout/.
#pragma once

#include <optional>
#include <string>

#include "rollout/planner.h"

namespace seraphim::rollout {

/// Reason of the condition Progressing while a freeze alone keeps the rollout from its next move.
inline constexpr const char* kWaitsForThaw = "Frozen";

/// Of the freezes in force the one that ends last; null when there is none, or a person overrides them.
const FreezeInForce* freeze_that_holds(const Planner& planner);

/// "<what> while the freeze weekend is in force until ... (who: "alice", why: "..."): ..."; nothing when no
/// freeze holds.
std::optional<Waiting> held_by_freeze(const Planner& planner, const std::string& what);

/// The condition Frozen.
struct FreezeView {
  bool in_force = false;
  std::string reason, message;
};
FreezeView view_of_freezes(const Planner& planner);

/// An Event when a freeze begins to hold the rollout.
void tell_of_hold(Planner& planner);

}  // namespace seraphim::rollout
