#include "traffic/endpoint_slice.h"

#include <nlohmann/json.hpp>

#include "kubernetes/json_read.h"

namespace seraphim::kubernetes {

const ResourceType& Resource<traffic::EndpointSlice>::type() {
  static const ResourceType type{"discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"};
  return type;
}

tl::expected<traffic::EndpointSlice, std::string> Resource<traffic::EndpointSlice>::decode(
    const nlohmann::json& object) {
  traffic::EndpointSlice slice;
  slice.meta = decode_meta(object);
  for (const auto& endpoint : elements(object, "endpoints")) {
    // An unset `ready` means ready (discovery.k8s.io/v1, EndpointConditions).
    const auto& target = member(endpoint, "targetRef");
    if (!bool_or(member(endpoint, "conditions"), "ready", true) || text_or(target, "kind") != "Pod") continue;
    slice.ready_pods.push_back(text_or(target, "name"));
  }
  return slice;
}

}  // namespace seraphim::kubernetes
