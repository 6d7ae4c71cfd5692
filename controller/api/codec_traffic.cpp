// spec.traffic: exactly one provider.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/codec_parts.h"
#include "api/names.h"
#include "api/quote.h"
#include "api/raw_json.h"

namespace seraphim::api {
namespace {

using nlohmann::json;

constexpr std::size_t kMostEntries = 16;

/// Calls `read` with each entry and its path; complains when `list` is no list of 1 to kMostEntries entries.
template <typename Read>
void for_each_entry(const json* list, const std::string& path, const char* example, Problems& problems,
                    Read read) {
  if (list == nullptr) return;
  if (!list->is_array() || list->empty() || list->size() > kMostEntries) {
    problems.add(path, "there must be 1 to " + std::to_string(kMostEntries) +
                           " entries; write a list such as " + example);
    return;
  }
  for (std::size_t i = 0; i < list->size(); ++i) read((*list)[i], path + "[" + std::to_string(i) + "]");
}

RouteReference read_route(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"name"}, problems);
  RouteReference route;
  if (fields.require("name", "the name of an HTTPRoute in the same namespace") != nullptr) {
    fields.read("name", route.name, is_object_name, "the name of an HTTPRoute in the same namespace");
  }
  return route;
}

std::vector<RouteReference> read_routes(const json* list, const std::string& path, Problems& problems) {
  std::vector<RouteReference> routes;
  for_each_entry(list, path, "[{name: my-route}]", problems, [&](const json& entry, const std::string& at) {
    RouteReference route = read_route(entry, at, problems);
    if (!route.name.empty() && std::find(routes.begin(), routes.end(), route) != routes.end())
      problems.add(at + ".name", quote(route.name) + " is listed twice; write it once");
    routes.push_back(std::move(route));
  });
  return routes;
}

/// The fields of Gateway API's ParentReference; they are checked and passed on as they are.
RawJson read_parent(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"group", "kind", "namespace", "name", "sectionName", "port"}, problems);
  std::string text;
  if (fields.require("name", "the name of a Gateway") != nullptr) {
    fields.read("name", text, is_object_name, "the name of a Gateway");
  }
  fields.read("namespace", text, is_object_name, "the Gateway's namespace, or leave it out for the same one");
  fields.read("sectionName", text, is_object_name, "the name of a listener of the Gateway, or leave it out");
  fields.read("kind", text, is_text, "Gateway, or leave it out");
  // An empty group is the core group, so any text will do.
  fields.read(
      "group", text, [](std::string_view) { return true; }, "gateway.networking.k8s.io, or leave it out");
  std::int32_t port = 0;
  fields.read("port", port, {1, 65535});
  const auto raw = canonical(value);
  return raw ? *raw : RawJson{};  // too deep: then a field of it was complained about
}

GatewayApiTraffic read_gateway_api(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"routes", "parentRefs", "hostnames"}, problems);
  GatewayApiTraffic traffic;
  const json* routes = fields.find("routes");
  const json* parents = fields.find("parentRefs");
  const json* hostnames = fields.find("hostnames");
  if (value.is_object() && (routes == nullptr) == (parents == nullptr)) {
    problems.add(
        path,
        "exactly one of routes and parentRefs is needed; write routes to use HTTPRoutes of your own, or "
        "parentRefs to let the operator make one");
  }
  if (hostnames != nullptr && parents == nullptr) {
    problems.add(fields.path("hostnames"),
                 "routes of your own have their own hostnames; remove it, or write parentRefs in "
                 "place of routes");
  }
  traffic.routes = read_routes(routes, fields.path("routes"), problems);
  for_each_entry(parents, fields.path("parentRefs"), "[{name: my-gateway}]", problems,
                 [&](const json& entry, const std::string& at) {
                   traffic.parent_refs.push_back(read_parent(entry, at, problems));
                 });
  for_each_entry(hostnames, fields.path("hostnames"), "[model.example.com]", problems,
                 [&](const json& entry, const std::string& at) {
                   if (!entry.is_string() || !is_hostname(entry.get_ref<const std::string&>())) {
                     problems.add(
                         at, describe(entry) + " is not a hostname; write one such as model.example.com");
                     return;
                   }
                   traffic.hostnames.push_back(entry.get<std::string>());
                 });
  return traffic;
}

SeraphimGatewayTraffic read_seraphim_gateway(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"deployment", "container", "port", "settle", "routes"}, problems);
  SeraphimGatewayTraffic traffic;
  fields.read("deployment", traffic.deployment, is_object_name,
              "the name of the gateway's Deployment in the same namespace");
  fields.read("container", traffic.container, is_object_name, "the name of the gateway's container");
  fields.read("port", traffic.port, {1, 65'535});
  fields.read("settle", traffic.settle, {Duration::zero(), std::chrono::hours(1)});
  traffic.routes = read_routes(fields.find("routes"), fields.path("routes"), problems);
  return traffic;
}

}  // namespace

Traffic read_traffic(const json& value, const std::string& path, Problems& problems) {
  const Fields fields(value, path, {"gatewayAPI", "replicas", "seraphimGateway"}, problems);
  const json* gateway_api = fields.find("gatewayAPI");
  const json* replicas = fields.find("replicas");
  const json* gateway = fields.find("seraphimGateway");
  const int providers = (gateway_api != nullptr) + (replicas != nullptr) + (gateway != nullptr);
  if (value.is_object() && providers != 1) {
    problems.add(path,
                 std::string(providers == 0   ? "no provider"
                             : providers == 2 ? "two providers"
                                              : "three providers") +
                     "; write exactly one of gatewayAPI (weights of HTTPRoutes), replicas: {} (share by "
                     "number of pods) and seraphimGateway (the platform's gateway)");
  }
  if (replicas != nullptr) const Fields none(*replicas, fields.path("replicas"), {}, problems);
  if (gateway_api != nullptr) return read_gateway_api(*gateway_api, fields.path("gatewayAPI"), problems);
  if (gateway != nullptr) return read_seraphim_gateway(*gateway, fields.path("seraphimGateway"), problems);
  return ReplicasTraffic{};
}

}  // namespace seraphim::api
