// Which cluster a command works on, and the way there.
#pragma once

#include <memory>
#include <string>

#include "kubernetes/transport.h"

namespace seraphim::cli {

/// As given on the command line; empty: not given.
struct ClusterChoice {
  std::string kubeconfig, context;
  std::string namespace_;
};

struct ClusterLink {
  std::shared_ptr<kubernetes::Transport> transport{};
  std::string default_namespace{};  ///< of the context, or of the pod
};

}  // namespace seraphim::cli
