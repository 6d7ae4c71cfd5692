// Everything needed to talk to one cluster as one identity. Made by load_kubeconfig() or load_in_cluster().
#pragma once

#include <memory>
#include <string>

#include "kubernetes/transport.h"

namespace seraphim::kubernetes {

struct ClusterAccess {
  Endpoint endpoint{};
  std::shared_ptr<Credentials> credentials{};
  std::string default_namespace{};  ///< of the context, or of the pod
  std::string source{};             ///< for people: "kubeconfig /home/me/.kube/config, context dev"
};

}  // namespace seraphim::kubernetes
