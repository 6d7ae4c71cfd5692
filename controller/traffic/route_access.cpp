#include "traffic/route_access.h"

#include <nlohmann/json.hpp>

#include "kubernetes/keep_written.h"

namespace seraphim::traffic {

using kubernetes::ApiError;
using kubernetes::Resource;
using kubernetes::Result;

Result<void> refresh_route(kubernetes::Store<HttpRoute>& routes, kubernetes::ApiClient& client,
                           const kubernetes::ObjectKey& key, const std::stop_token& stop) {
  auto read = client.get(Resource<HttpRoute>::type(), key, stop);
  if (read) return kubernetes::keep_written(routes, read);
  if (read.error().kind != ApiError::Kind::not_found) return tl::unexpected(read.error());
  if (const auto known = routes.get(key)) routes.note_deleted(key, known->meta.uid);
  return {};
}

Result<void> patch_route(kubernetes::Store<HttpRoute>& routes, kubernetes::ApiClient& client,
                         const kubernetes::ObjectKey& key, const nlohmann::json& patch,
                         const std::stop_token& stop) {
  if (patch.empty()) return {};
  auto written =
      kubernetes::keep_written(routes, client.json_patch(Resource<HttpRoute>::type(), key, patch, {}, stop));
  if (!written && written.error().kind == ApiError::Kind::conflict)
    (void)refresh_route(routes, client, key, stop);
  return written;
}

bool takes_away(const api::SeraphimDeployment& object, const rollout::SetWeight& action) {
  if (action.weight == api::kNothing) return true;
  // A rollback from the bake: the earlier revision is back in the candidate's place.
  return action.weight == api::kEverything && action.candidate != object.status.candidate_revision;
}

Result<void> patch_routes(const RoutesToPatch& wanted,
                          const std::function<nlohmann::json(const HttpRoute&)>& patch,
                          const std::function<std::string(const kubernetes::ObjectKey&)>& absence,
                          const std::stop_token& stop) {
  const auto write = [&](const kubernetes::ObjectKey& key) -> Result<void> {
    const ApiError absent{.kind = ApiError::Kind::not_found, .message = absence(key)};
    if (wanted.routes == nullptr) return tl::unexpected(absent);
    if (wanted.takes_away && !wanted.routes->get(key)) {
      // Perhaps only the cache lags.
      if (auto fresh = refresh_route(*wanted.routes, wanted.client, key, stop); !fresh) return fresh;
      if (!wanted.routes->get(key)) return {};
    }
    const auto route = wanted.routes->get(key);
    if (!route) return tl::unexpected(absent);
    return patch_route(*wanted.routes, wanted.client, key, patch(*route), stop);
  };
  Result<void> all;
  for (const auto& key : wanted.keys) {
    auto written = write(key);
    // Somebody wrote in between.
    if (!written && wanted.takes_away && written.error().kind == ApiError::Kind::conflict)
      written = write(key);
    if (!written && all) all = written;
  }
  return all;
}

}  // namespace seraphim::traffic
