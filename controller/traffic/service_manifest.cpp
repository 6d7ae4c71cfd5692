#include "traffic/service_manifest.h"

#include <nlohmann/json.hpp>

#include "kubernetes/child.h"
#include "traffic/service.h"

namespace seraphim::traffic {

using nlohmann::json;

json service_manifest(const api::SeraphimDeployment& object, const std::string& name,
                      const std::string& revision) {
  const auto& type = kubernetes::Resource<Service>::type();
  const auto* pods = std::get_if<api::PodsWorkload>(&object.spec.workload);
  const std::int32_t port = pods == nullptr ? 0 : pods->port;
  json selector = {{api::kLabelName, object.name}};
  if (!revision.empty()) selector[api::kLabelRevision] = revision;
  const json owner = kubernetes::owner_reference({api::kApiVersion, api::kKind, object.name, object.uid});
  const json http = {{"name", "http"}, {"protocol", "TCP"}, {"port", port}, {"targetPort", port}};
  return {{"apiVersion", type.api_version()},
          {"kind", type.kind},
          {"metadata",
           {{"name", name},
            {"namespace", object.namespace_},
            {"labels", {{api::kLabelName, object.name}}},
            {"ownerReferences", json::array({owner})}}},
          {"spec", {{"selector", selector}, {"ports", json::array({http})}}}};
}

}  // namespace seraphim::traffic
