// Reads kubeconfig files. What would be unsafe (insecure-skip-tls-verify, auth-provider, basic auth,
// proxy-url, impersonation) is refused with a sentence, never ignored; and so is a helper program (exec),
// unless the caller runs them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "kubernetes/clock.h"
#include "kubernetes/cluster_access.h"
#include "kubernetes/credentials.h"

namespace seraphim::kubernetes {

/// The file to use: the first existing one of the colon-separated `kubeconfig_env` (files are not merged,
/// unlike kubectl), or <home>/.kube/config when the variable is empty. The error names every place that was
/// tried.
tl::expected<std::filesystem::path, std::string> find_kubeconfig(std::string_view kubeconfig_env,
                                                                 const std::filesystem::path& home);

/// How helper programs are run.
struct HelperRules {
  const Clock* clock = nullptr;  ///< null: they are not run, and a kubeconfig that needs one is refused
  std::chrono::milliseconds longest{};  ///< for each run
  bool terminal = false;                ///< somebody is there to be asked
};

/// `context` empty means current-context. Relative paths inside are relative to the folder of the kubeconfig.
/// Certificates and tokens are read, and a helper program is run, once now, so that a mistake is reported at
/// start. The error is one
/// sentence:
/// "<file>: <field>: <what is wrong>; <what to write>". An http:// server is accepted (kubectl proxy),
/// without credentials.
tl::expected<ClusterAccess, std::string> load_kubeconfig(const std::filesystem::path& file,
                                                         std::string_view context, SteadyClock clock,
                                                         const HelperRules& helpers = {});

}  // namespace seraphim::kubernetes
