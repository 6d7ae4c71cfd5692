#include "rollout/router_doubt.h"

#include <cmath>

namespace seraphim::rollout {

bool splits_by_header(const api::Spec& spec) {
  const auto* gateway = std::get_if<api::SeraphimGatewayTraffic>(&spec.traffic);
  return gateway != nullptr && !gateway->routes.empty();
}

std::string router_hint(const api::Spec& spec) {
  if (!splits_by_header(spec)) return {};
  return "does the router apply filters of backendRefs (HTTPRouteBackendRequestHeaderModification), and do "
         "all "
         "requests pass it?";
}

std::string share_in_words(const Planner& planner) {
  const analysis::TrafficShare& share = planner.in.assessment->share;
  const auto observed = planner.status.weight.observed.value_or(api::kNothing);
  return "the candidate got " + api::format_percent(observed) + " of " +
         std::to_string(std::llround(share.all)) + " requests in this step and should get " +
         api::format_percent(planner.status.weight.applied);
}

std::optional<Waiting> router_doubt(const Planner& planner) {
  if (!splits_by_header(planner.spec) || !planner.in.assessment || !planner.status.weight.observed)
    return std::nullopt;
  if (!analysis::is_off_target(planner.in.assessment->share, planner.status.weight.applied.fraction()))
    return std::nullopt;
  return Waiting{"RouterDiffers", share_in_words(planner) + ": " + router_hint(planner.spec)};
}

}  // namespace seraphim::rollout
