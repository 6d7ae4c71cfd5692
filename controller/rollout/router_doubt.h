// Whether the router does what its route asks for, where that is more than a weight.
#pragma once

#include <string>

#include "rollout/planner.h"

namespace seraphim::rollout {

/// The routes force a variant by a request header (traffic.seraphimGateway with routes). A router that does
/// not apply filters of backendRefs sends everything to the stable revision, whatever the weights are.
bool splits_by_header(const api::Spec& spec);

/// What to look at when the candidate gets none or too few of the requests; empty where no header splits.
std::string router_hint(const api::Spec& spec);

/// The share of the candidate is not the told one for sure, and a header splits.
std::optional<Waiting> router_doubt(const Planner& planner);

/// "the candidate got 0.02% of 5000 requests in this step and should get 5%"
std::string share_in_words(const Planner& planner);

}  // namespace seraphim::rollout
