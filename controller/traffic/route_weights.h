// Weights of HTTPRoutes, as pure functions: what a set of routes says about a pair of backends, and the patch
// that makes it say something else. Rules that do not name the pair are nobody's business here.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "api/percent.h"
#include "rollout/observation.h"
#include "traffic/http_route.h"

namespace seraphim::traffic {

/// Of backendRefs: whole percents have a sum of 100, others one of 10000.
struct Weights {
  std::int64_t stable, candidate;
};
Weights weights_for(api::Percent candidate);

struct BackendPair {
  std::string stable{}, candidate{};  ///< Service names
};

/// The candidate's share in the rules that name both. Where they disagree, the share that is farthest from
/// `wanted`, so that it is put right; nothing when there is no such rule.
std::optional<api::Percent> candidate_share(const std::vector<HttpRoute>& routes, const BackendPair& pair,
                                            api::Percent wanted);

/// What the route's author has to write, when a rule names one of the two only, or none names them.
std::optional<rollout::TrafficState::Problem> pair_problem(const HttpRoute& route, const BackendPair& pair);

/// A gateway that the route names does not take it.
std::optional<rollout::TrafficState::Problem> refusal_problem(const HttpRoute& route);

/// A JSON patch that sets the weights of the pair in every rule that names both, guarded by the route's
/// resourceVersion because `rules` is an atomic list; empty when nothing differs. Whole percents are written
/// with a sum of 100, others with a sum of 10000; what a rule names a second time gets 0.
nlohmann::json weight_patch(const HttpRoute& route, const BackendPair& pair, api::Percent candidate);

}  // namespace seraphim::traffic
