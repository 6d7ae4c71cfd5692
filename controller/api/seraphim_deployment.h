// The custom resource, whole: metadata that the operator uses, spec, status.
#pragma once

#include <map>
#include <string>

#include "api/spec.h"
#include "api/status.h"

namespace seraphim::api {

inline constexpr const char* kGroup = "serving.seraphim.io";
inline constexpr const char* kVersion = "v1alpha1";
inline constexpr const char* kApiVersion = "serving.seraphim.io/v1alpha1";
inline constexpr const char* kKind = "SeraphimDeployment";
inline constexpr const char* kPlural = "seraphimdeployments";

// Labels that the operator puts on what it owns. The revision label is what Services select by and what
// Prometheus keeps on every series.
inline constexpr const char* kLabelName = "serving.seraphim.io/name";
inline constexpr const char* kLabelRevision = "serving.seraphim.io/revision";

// Annotations on the SeraphimDeployment: a person's words to the operator.
inline constexpr const char* kAnnotationRetry = "serving.seraphim.io/retry";  ///< any new value: try again
inline constexpr const char* kAnnotationApprove = "serving.seraphim.io/approve";  ///< "<revision>/<step>"
inline constexpr const char* kAnnotationOverrideFreeze =
    "serving.seraphim.io/override-freeze";  ///< why this object goes on in spite of a freeze
// Annotations on the ControllerRevision: its verdict, for good.
inline constexpr const char* kAnnotationVerdict = "serving.seraphim.io/verdict";
inline constexpr const char* kAnnotationVerdictReason = "serving.seraphim.io/verdict-reason";

struct SeraphimDeployment {
  std::string name, namespace_, uid, resource_version;
  std::int64_t generation = 0;
  bool deleting = false;
  std::map<std::string, std::string> annotations;
  Spec spec;
  Status status;
  /// Set when the spec could not be understood: one sentence per problem. `spec` is then not to be acted
  /// upon.
  std::vector<std::string> problems;
};

}  // namespace seraphim::api
