#include "kubernetes/in_cluster.h"

#include <utility>

#include "kubernetes/tls_identity.h"

namespace seraphim::kubernetes {
namespace {

constexpr std::size_t kMaxMountedFile = 1u << 20;

tl::unexpected<std::string> absent(std::string reason) {
  return tl::unexpected<std::string>(std::move(reason));
}

std::string bracketed(const std::string& host) {
  return host.find(':') != std::string::npos && !host.starts_with('[') ? "[" + host + "]" : host;
}

std::string without_line_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return text;
}

tl::expected<std::string, std::string> mounted_file(const InClusterOptions& options, const char* name) {
  return read_small_file(options.directory / name, kMaxMountedFile)
      .map(without_line_end)
      .map_error([](const std::string& reason) {
        return reason + "; set automountServiceAccountToken: true on the pod, or pass --kubeconfig";
      })
      .and_then([&](std::string text) -> tl::expected<std::string, std::string> {
        if (text.empty()) return absent((options.directory / name).string() + " is empty");
        return text;
      });
}

}  // namespace

tl::expected<ClusterAccess, std::string> load_in_cluster(const InClusterOptions& options, SteadyClock clock) {
  if (options.host.empty() || options.port.empty()) {
    return absent(
        "not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; run in a pod or "
        "pass "
        "--kubeconfig");
  }
  const auto ca = mounted_file(options, "ca.crt");
  if (!ca) return absent(ca.error());
  if (const auto identity = TlsIdentity::parse({.ca_pem = *ca}); !identity) {
    return absent((options.directory / "ca.crt").string() + ": " + identity.error());
  }
  if (const auto token = mounted_file(options, "token"); !token) return absent(token.error());
  auto name_space = mounted_file(options, "namespace");
  if (!name_space) return absent(name_space.error());

  CredentialSources sources;
  sources.ca.file = options.directory / "ca.crt";
  sources.token.file = options.directory / "token";
  return ClusterAccess{.endpoint = {"https://" + bracketed(options.host) + ":" + options.port},
                       .credentials = std::make_shared<FileCredentials>(std::move(sources), std::move(clock)),
                       .default_namespace = std::move(*name_space),
                       .source = "service account in " + options.directory.string()};
}

}  // namespace seraphim::kubernetes
