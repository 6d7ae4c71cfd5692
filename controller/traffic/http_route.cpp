#include "traffic/http_route.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/ascii.h"
#include "kubernetes/json_read.h"

namespace seraphim::traffic {

using nlohmann::json;

std::string canonical_parent_ref(const json& parent_ref) {
  json complete = parent_ref.is_object() ? parent_ref : json::object();
  complete.emplace("group", "gateway.networking.k8s.io");
  complete.emplace("kind", "Gateway");
  return complete.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace seraphim::traffic

namespace seraphim::kubernetes {
namespace {

using nlohmann::json;

std::map<std::string, std::string> headers_set_by(const json& reference) {
  std::map<std::string, std::string> headers;
  for (const json& filter : elements(reference, "filters")) {
    if (text_or(filter, "type") != "RequestHeaderModifier") continue;
    for (const json& header : elements(member(filter, "requestHeaderModifier"), "set"))
      headers.emplace(api::lower_case(text_or(header, "name")), text_or(header, "value"));
    break;
  }
  return headers;
}

traffic::BackendReference backend(const json& reference, const std::string& namespace_) {
  const bool is_service = text_or(reference, "kind", "Service") == "Service" &&
                          text_or(reference, "group").empty() &&
                          text_or(reference, "namespace", namespace_) == namespace_;
  return {.name = is_service ? text_or(reference, "name") : std::string(),
          .weight = int64_or(reference, "weight", 1),
          .sets = headers_set_by(reference)};
}

std::string refusal(const json& status, std::int64_t generation) {
  for (const json& parent : elements(status, "parents")) {
    for (const json& condition : elements(parent, "conditions")) {
      if (text_or(condition, "type") == "Accepted" && text_or(condition, "status") == "False" &&
          int64_or(condition, "observedGeneration", generation) >= generation) {
        return text_or(condition, "reason") + ": " + text_or(condition, "message");
      }
    }
  }
  return {};
}

}  // namespace

const ResourceType& Resource<traffic::HttpRoute>::type() {
  static const ResourceType type{"gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute"};
  return type;
}

tl::expected<traffic::HttpRoute, std::string> Resource<traffic::HttpRoute>::decode(const json& object) {
  traffic::HttpRoute route;
  route.meta = decode_meta(object);
  const json& spec = member(object, "spec");
  for (const json& rule : elements(spec, "rules")) {
    auto& backends = route.rules.emplace_back();
    for (const json& reference : elements(rule, "backendRefs")) {
      backends.push_back(backend(reference, route.meta.key.namespace_));
    }
  }
  for (const json& parent : elements(spec, "parentRefs")) {
    route.parent_refs.push_back(traffic::canonical_parent_ref(parent));
  }
  for (const json& name : elements(spec, "hostnames")) {
    if (name.is_string()) route.hostnames.push_back(name.get<std::string>());
  }
  route.refusal = refusal(member(object, "status"), route.meta.generation);
  return route;
}

}  // namespace seraphim::kubernetes
