// What the environment of the platform's gateway says, and the patch that makes it say something else, as
// pure functions. The gateway's own defaults apply: a variable that is not there has a meaning too.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "traffic/gateway_deployment.h"

namespace seraphim::traffic {

/// A model version as the gateway names it; an empty version lets TorchServe choose its default.
struct GatewayModel {
  std::string name{}, version{};
  bool operator==(const GatewayModel&) const = default;
};

struct GatewayEnvironment {
  std::string canary_percent{};  ///< as written
  GatewayModel baseline{}, candidate{};
  bool operator==(const GatewayEnvironment&) const = default;
};

GatewayEnvironment read_environment(const GatewayContainer& container);

/// The request header by which a variant is forced; empty when it cannot be told.
std::string force_header(const GatewayContainer& container);

/// A JSON patch of the container with this index: it sets every variable of `wanted` that is not written out
/// with that value, and touches no other; empty when nothing differs. It holds only while all of them are as
/// they were read, so that no change by anybody is overwritten unseen.
nlohmann::json environment_patch(const GatewayDeployment& deployment, std::size_t container,
                                 const GatewayEnvironment& wanted);

}  // namespace seraphim::traffic
