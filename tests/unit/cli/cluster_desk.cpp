#include "cluster_desk.h"

#include "api/codec.h"

namespace seraphim::cli::testing {

void ClusterDesk::add_record(int number, const std::string& image, const std::string& verdict) {
  const json workload = workload_json(image);
  const std::string name = api::revision_name("web", *api::decode_workload(workload));
  names_[number] = name;
  json record = {{"apiVersion", "apps/v1"},
                 {"kind", "ControllerRevision"},
                 {"metadata",
                  {{"name", name},
                   {"namespace", "shop"},
                   {"labels", {{api::kLabelName, "web"}}},
                   {"ownerReferences", json::array({{{"apiVersion", api::kApiVersion},
                                                     {"kind", api::kKind},
                                                     {"name", "web"},
                                                     {"uid", "u-1"},
                                                     {"controller", true}}})}}},
                 {"revision", number},
                 {"data", {{"workload", workload}}}};
  if (!verdict.empty()) {
    record["metadata"]["annotations"] = {{api::kAnnotationVerdict, verdict},
                                         {api::kAnnotationVerdictReason, verdict + " because"}};
  }
  cluster->objects["/apis/apps/v1/namespaces/shop/controllerrevisions/" + name] = record;
}

}  // namespace seraphim::cli::testing
