// What the operator must know of a cluster before it can start.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "kubernetes/transport.h"

namespace seraphim::op {

struct ClusterFacts {
  bool gateway_api = false;  ///< HTTPRoute v1 is served
  bool freezes = false;      ///< SeraphimFreezes are: an older installation has none
};

struct StartFailure {
  int exit_code = 1;      ///< one of exit_code.h
  std::string message{};  ///< what is so, and what to do
};

/// Asks the API server; without the kind SeraphimDeployment the operator cannot start.
tl::expected<ClusterFacts, StartFailure> look_at_cluster(kubernetes::Transport& transport);

}  // namespace seraphim::op
