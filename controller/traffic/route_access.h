// HTTPRoutes in the API server: read afresh, and given other weights.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <stop_token>

#include "kubernetes/api_client.h"
#include "kubernetes/store.h"
#include "traffic/http_route.h"

namespace seraphim::traffic {

/// The store learns what the API server has now, also that there is no such route any more.
kubernetes::Result<void> refresh_route(kubernetes::Store<HttpRoute>& routes, kubernetes::ApiClient& client,
                                       const kubernetes::ObjectKey& key, const std::stop_token& stop);

/// Writes a patch of route_weights.h; nothing when it is empty. When somebody wrote in between (a conflict),
/// the route is read afresh, so that the next look begins with the newest.
kubernetes::Result<void> patch_route(kubernetes::Store<HttpRoute>& routes, kubernetes::ApiClient& client,
                                     const kubernetes::ObjectKey& key, const nlohmann::json& patch,
                                     const std::stop_token& stop);

}  // namespace seraphim::traffic
