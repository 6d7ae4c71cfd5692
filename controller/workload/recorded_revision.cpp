#include "workload/recorded_revision.h"

#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "api/seraphim_deployment.h"
#include "kubernetes/json_read.h"
#include "kubernetes/object_meta.h"

namespace seraphim::workload {

tl::expected<api::Revision, std::string> decode_revision(const nlohmann::json& controller_revision) {
  const auto meta = kubernetes::decode_meta(controller_revision);
  const auto annotation = [&meta](const char* key) {
    const auto found = meta.annotations.find(key);
    return found == meta.annotations.end() ? std::string() : found->second;
  };
  auto workload =
      api::decode_workload(kubernetes::member(kubernetes::member(controller_revision, "data"), "workload"));
  if (!workload) return tl::unexpected("data.workload: " + workload.error());
  return api::Revision{.name = meta.key.name,
                       .number = kubernetes::int64_or(controller_revision, "revision", 0),
                       .workload = *std::move(workload),
                       .verdict = api::parse_verdict(annotation(api::kAnnotationVerdict)),
                       .verdict_reason = annotation(api::kAnnotationVerdictReason)};
}

}  // namespace seraphim::workload
