// HTTPRoutes in front of the platform's gateway, as pure functions: which backendRef forces which variant, by
// the request header that a filter of it sets.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rollout/observation.h"
#include "traffic/http_route.h"
#include "traffic/route_weights.h"

namespace seraphim::traffic {

/// What backendRefs are called in a route by variants.
BackendPair variant_pair();

/// The same route with its backendRefs called by the variant that they force (variant_pair), and all others
/// by nothing; `header` as the gateway reads it, in any case. Empty: nobody can tell which one, so that any
/// header with such a value counts; a rollback must not overlook traffic.
HttpRoute by_variant(const HttpRoute& route, const std::string& header);

/// What the route's author has to write, when the two variants are not both there, or more than once, or at
/// different Services.
std::optional<rollout::TrafficState::Problem> variant_problem(const HttpRoute& route,
                                                              const std::string& header);

}  // namespace seraphim::traffic
