#include "operator/freezes.h"

#include <algorithm>
#include <chrono>

namespace seraphim::op {
namespace {

using namespace std::chrono_literals;

constexpr auto kTryAgain = 10s;  // nothing tells of a first list that holds no freeze

FreezesOfObject not_known_yet(api::Time now) {
  return {
      .in_force = {{.name = "",
                    .reason = "nobody can tell whether a freeze is in force: SeraphimFreezes could not be "
                              "listed yet; see the operator's /readyz for why",
                    .who = "",
                    .until = std::nullopt}},
      .change_at = now + kTryAgain};
}

}  // namespace

bool selects(const FreezeObject& freeze, const DeploymentObject& deployment) {
  if (freeze.meta.key.namespace_ != deployment.meta.key.namespace_) return false;
  if (!freeze.freeze.problems.empty() || !freeze.freeze.spec.selector) return true;
  return api::selects(*freeze.freeze.spec.selector, deployment.meta.labels);
}

FreezesOfObject freezes_of(const kubernetes::Store<FreezeObject>* freezes, const DeploymentObject& deployment,
                           api::Time now) {
  if (freezes == nullptr) return {};
  if (!freezes->synced()) return not_known_yet(now);
  FreezesOfObject found;
  for (const auto& freeze : freezes->list()) {
    if (!selects(*freeze, deployment)) continue;
    const api::FreezeState state = api::state_at(freeze->freeze, freeze->zone, now);
    if (state.next_change) {
      found.change_at = std::min(found.change_at.value_or(*state.next_change), *state.next_change);
    }
    const api::FreezeSpec& spec = freeze->freeze.spec;
    if (state.active)
      found.in_force.push_back({freeze->meta.key.name, spec.reason, spec.who, state.next_change});
  }
  return found;
}

}  // namespace seraphim::op
