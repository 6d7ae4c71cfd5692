// HTTPRoutes in the API server: read afresh, and given other weights.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "api/seraphim_deployment.h"
#include "kubernetes/api_client.h"
#include "kubernetes/store.h"
#include "rollout/plan.h"
#include "traffic/http_route.h"

namespace seraphim::traffic {

/// The store learns what the API server has now, also that there is no such route any more.
kubernetes::Result<void> refresh_route(kubernetes::Store<HttpRoute>& routes, kubernetes::ApiClient& client,
                                       const kubernetes::ObjectKey& key, const std::stop_token& stop);

/// All traffic goes to the other backend than the one that loses it, which waits for nothing; anything else
/// is a raise or a step, and decided anew after somebody's change.
bool takes_away(const api::SeraphimDeployment& object, const rollout::SetWeight& action);

struct RoutesToPatch {
  kubernetes::Store<HttpRoute>* routes;  ///< null when the cluster has no Gateway API
  kubernetes::ApiClient& client;
  std::vector<kubernetes::ObjectKey> keys;
  bool takes_away;
};

/// Writes the patch of each route, whatever becomes of the others; the first error is told. What takes
/// traffic away is tried once more after a conflict, and has nothing to take from a route that is not there.
kubernetes::Result<void> patch_routes(const RoutesToPatch& wanted,
                                      const std::function<nlohmann::json(const HttpRoute&)>& patch,
                                      const std::function<std::string(const kubernetes::ObjectKey&)>& absence,
                                      const std::stop_token& stop);

/// Writes a patch of route_weights.h; nothing when it is empty. When somebody wrote in between (a conflict),
/// the route is read afresh, so that the next look begins with the newest.
kubernetes::Result<void> patch_route(kubernetes::Store<HttpRoute>& routes, kubernetes::ApiClient& client,
                                     const kubernetes::ObjectKey& key, const nlohmann::json& patch,
                                     const std::stop_token& stop);

}  // namespace seraphim::traffic
