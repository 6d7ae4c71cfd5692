// apps/v1 Deployment, as far as it concerns the platform's gateway: the variables that the operator sets, and
// how far its pods follow.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "kubernetes/object_meta.h"
#include "kubernetes/resource_type.h"

namespace seraphim::traffic {

inline constexpr const char* kCanaryPercent = "CANARY_PERCENT";
inline constexpr const char* kBaselineName = "MODEL_NAME_BASELINE";
inline constexpr const char* kBaselineVersion = "MODEL_VERSION_BASELINE";
inline constexpr const char* kCandidateName = "MODEL_NAME_CANDIDATE";
inline constexpr const char* kCandidateVersion = "MODEL_VERSION_CANDIDATE";
inline constexpr const char* kForceHeader = "CANARY_FORCE_HEADER";

struct GatewayVariable {
  std::size_t index = 0;        ///< in the container's env; the last one counts when a name is there twice
  std::string value{};          ///< as in the object; empty when there is none
  bool from_elsewhere = false;  ///< valueFrom: its value is not in the object
  bool operator==(const GatewayVariable&) const = default;
};

struct GatewayContainer {
  std::string name{};
  bool has_env = false;  ///< there is a list to add to
  /// Only those that mean something to the gateway; others may be secrets and are not kept.
  std::map<std::string, GatewayVariable> variables{};
  bool operator==(const GatewayContainer&) const = default;
};

struct GatewayDeployment {
  kubernetes::ObjectMeta meta{};
  std::vector<GatewayContainer> containers{};
  std::map<std::string, std::string> selector{};  ///< matchLabels
  bool paused = false;                            ///< changes of the template are not rolled out
  std::int64_t observed_generation = 0;
  std::int32_t existing = 0, updated = 0, ready = 0;  ///< pods; `updated` have the present template
  std::string stuck{};  ///< why the rollout of the template makes no progress, when the API says so
  bool operator==(const GatewayDeployment&) const = default;
};

/// Pods with an older template.
std::int32_t outdated_pods(const GatewayDeployment& deployment);
/// Ready pods with the present template, as far as the counts tell: old ones are taken to be ready.
std::int32_t current_pods(const GatewayDeployment& deployment);

}  // namespace seraphim::traffic

template <>
struct seraphim::kubernetes::Resource<seraphim::traffic::GatewayDeployment> {
  static const ResourceType& type();
  static tl::expected<traffic::GatewayDeployment, std::string> decode(const nlohmann::json& object);
};
