// Access from inside a pod: the mounted service account and the two variables the kubelet sets.
#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>

#include "kubernetes/cluster_access.h"
#include "kubernetes/credentials.h"

namespace seraphim::kubernetes {

struct InClusterOptions {
  std::string
      host{};  ///< KUBERNETES_SERVICE_HOST; an IPv6 address without brackets, as the kubelet writes it
  std::string port{};  ///< KUBERNETES_SERVICE_PORT
  std::filesystem::path directory = "/var/run/secrets/kubernetes.io/serviceaccount";
};

/// Reads ca.crt, token and namespace once now, so that a missing mount is reported at start; the token
/// rotates later. The error is one sentence that names the variable or file and what to do.
tl::expected<ClusterAccess, std::string> load_in_cluster(const InClusterOptions& options, SteadyClock clock);

}  // namespace seraphim::kubernetes
