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

}  // namespace seraphim::traffic
