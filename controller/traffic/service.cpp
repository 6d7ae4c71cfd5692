#include "traffic/service.h"

#include <nlohmann/json.hpp>

#include "kubernetes/json_read.h"

namespace seraphim::kubernetes {

const ResourceType& Resource<traffic::Service>::type() {
  static const ResourceType type{"", "v1", "services", "Service"};
  return type;
}

tl::expected<traffic::Service, std::string> Resource<traffic::Service>::decode(const nlohmann::json& object) {
  traffic::Service service;
  service.meta = decode_meta(object);
  const auto& spec = member(object, "spec");
  service.selector = text_map(spec, "selector");
  if (const auto& ports = elements(spec, "ports"); !ports.empty()) {
    service.port = int32_or(ports.front(), "port", 0);
    service.target_port = int32_or(ports.front(), "targetPort", 0);
  }
  return service;
}

}  // namespace seraphim::kubernetes
