#include "kubernetes/kubeconfig.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "kubernetes/base64.h"
#include "kubernetes/kubeconfig_section.h"
#include "kubernetes/tls_identity.h"

namespace seraphim::kubernetes {
namespace {

namespace fs = std::filesystem;

// yaml-cpp needs about 140 times the text in memory, and aliases may multiply nodes (docs/runtime.md 4).
constexpr std::size_t kMaxFile = 1u << 20;
constexpr std::size_t kMaxNodes = 50'000;
constexpr std::size_t kMaxDepth = 64;  // an anchor may contain its own alias

void count_nodes(const YAML::Node& node, std::size_t& count, std::size_t depth = 0) {
  if (++count > kMaxNodes)
    throw Refused("the document has more than " + std::to_string(kMaxNodes) + " nodes");
  if (depth > kMaxDepth)
    throw Refused("the document is nested deeper than " + std::to_string(kMaxDepth) + " levels");
  for (const auto& child : node) {
    if (node.IsMap()) {
      count_nodes(child.second, count, depth + 1);
    } else {
      count_nodes(child, count, depth + 1);
    }
  }
}

/// lists such as "users: [{name: a, user: {...}}]"
Section named_entry(const Section& root, const std::string& list, const std::string& key,
                    const std::string& name) {
  const auto entries = root.find(list);
  if (entries && !entries->IsSequence())
    throw Refused(list + " is not a list; write '- name: ...' entries below it");
  if (entries) {
    for (const YAML::Node& node : *entries) {
      const Section entry{node, list + "[" + name + "]"};
      if (!node.IsMap() || entry.text("name") != name) continue;
      const auto value = entry.find(key);
      if (!value) throw Refused(entry.where + " has no '" + key + "'; write one");
      return {*value, entry.where + "." + key};
    }
  }
  throw Refused(list + " has no entry named '" + name + "'; add it or name another one");
}

std::string decoded(const Section& section, const std::string& key, const std::string& text) {
  auto bytes = decode_base64(text);
  if (!bytes || bytes->empty()) {
    throw Refused(section.where + "." + key + ": not base64; write the output of 'base64 -w0 <file>'");
  }
  return std::move(*bytes);
}

CredentialSource from_file(const Section& section, const std::string& key, const fs::path& folder) {
  const std::string name = section.text(key);
  if (name.empty()) return {};
  // Put into the wrong field, a token would be told as the name of a file that is not there.
  if (name.starts_with("eyJ"))
    throw Refused(section.where + "." + key + ": that is a token and not a path; write it as token");
  CredentialSource source{.file = folder / name};  // an absolute name replaces the folder
  const auto content = read_small_file(source.file, kMaxFile);
  if (!content)
    throw Refused(section.where + "." + key + ": " + content.error() + "; write the path of a readable file");
  if (content->empty()) throw Refused(section.where + "." + key + ": " + source.file.string() + " is empty");
  return source;
}

/// `<key>-data` wins over `<key>`, as in kubectl.
CredentialSource certificate_source(const Section& section, const std::string& key, const fs::path& folder) {
  const std::string data = section.text(key + "-data");
  if (!data.empty()) return {.text = decoded(section, key + "-data", data)};
  return from_file(section, key, folder);
}

void refuse_unsafe(const Section& cluster) {
  if (cluster.is_true("insecure-skip-tls-verify")) {
    throw Refused(cluster.where +
                  ".insecure-skip-tls-verify: refused, the operator always verifies the API server; write "
                  "certificate-authority-data, and tls-server-name when the name differs");
  }
  cluster.refuse("proxy-url", "proxies are not supported; write a server that is reached directly");
}

void refuse_unsafe_user(const Section& user) {
  const std::string& advice = other_credentials();
  user.refuse("auth-provider", "auth providers were removed from Kubernetes" + advice);
  user.refuse("username", "basic authentication was removed from Kubernetes" + advice);
  user.refuse("password", "basic authentication was removed from Kubernetes" + advice);
  user.refuse("as", "impersonation is not supported; use the identity itself");
}

std::string server_url(const Section& cluster) {
  std::string server = cluster.text("server");
  if (server.find('@') != std::string::npos) {  // not repeated: it may hold a password
    throw Refused(cluster.where + ".server: an address with a user or a password is not supported; write " +
                  "https://host:port, and the user's credentials under users");
  }
  const bool known_scheme = server.starts_with("https://") || server.starts_with("http://");
  if (!known_scheme)
    throw Refused(cluster.where + ".server: '" + server + "' is not a URL; write https://host:port");
  return server;
}

void add_user(CredentialSources& sources, const Section& user, const fs::path& folder) {
  refuse_unsafe_user(user);
  sources.certificate = certificate_source(user, "client-certificate", folder);
  sources.private_key = certificate_source(user, "client-key", folder);
  sources.token =
      from_file(user, "tokenFile", folder);  // rotates, therefore before the text, as in client-go
  if (!sources.token.given()) sources.token.text = user.text("token");
}

std::shared_ptr<Credentials> checked(std::shared_ptr<Credentials> credentials, const std::string& where) {
  TlsMaterial material;
  try {
    material = credentials->tls();
  } catch (const std::runtime_error& error) {
    throw Refused(where + ": " + error.what());
  }
  const auto identity = TlsIdentity::parse(material);
  if (!identity) throw Refused(where + ": " + identity.error() + "; write PEM texts that belong together");
  return credentials;
}

ClusterAccess read_access(const Section& root, const fs::path& file, std::string context_name,
                          SteadyClock clock, const HelperRules& helpers) {
  if (context_name.empty()) context_name = root.text("current-context");
  if (context_name.empty()) throw Refused("current-context is not set; write one, or pass --context");
  const Section context = named_entry(root, "contexts", "context", context_name);
  const Section cluster = named_entry(root, "clusters", "cluster", context.text("cluster"));
  refuse_unsafe(cluster);

  const std::string url = server_url(cluster);
  const std::string user_name = context.text("user");
  const fs::path folder = file.parent_path();
  std::string where = cluster.where;
  CredentialSources sources{.server_name = cluster.text("tls-server-name")};
  std::optional<Section> user;
  if (url.starts_with("https://")) {
    sources.ca = certificate_source(cluster, "certificate-authority", folder);
    if (!user_name.empty()) {
      user = named_entry(root, "users", "user", user_name);
      add_user(sources, *user, folder);
      where += " and " + user->where;
    }
  }
  // Before the aggregate: GCC 12 destroys its first members twice when a later one throws.
  std::shared_ptr<Credentials> credentials =
      checked(std::make_shared<FileCredentials>(std::move(sources), std::move(clock)), where);
  if (user) {
    if (const auto helper = helper_credentials(*user, cluster, credentials, folder, helpers))
      credentials = checked(helper, user->where + ".exec");
  }
  const std::string name_space = context.text("namespace");
  return {.endpoint = {url},
          .credentials = std::move(credentials),
          .default_namespace = name_space.empty() ? "default" : name_space,
          .source = "kubeconfig " + file.string() + ", context " + context_name};
}

}  // namespace

tl::expected<fs::path, std::string> find_kubeconfig(std::string_view kubeconfig_env, const fs::path& home) {
  if (kubeconfig_env.empty()) {
    const fs::path file = home / ".kube" / "config";
    std::error_code error;
    if (fs::exists(file, error)) return file;
    return tl::unexpected("no kubeconfig: KUBECONFIG is not set and " + file.string() + " does not exist");
  }
  for (std::string_view rest = kubeconfig_env; !rest.empty();) {
    const std::string_view name = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    std::error_code error;
    if (!name.empty() && fs::exists(name, error)) return fs::path(name);
  }
  return tl::unexpected("no kubeconfig: none of the files in KUBECONFIG=" + std::string(kubeconfig_env) +
                        " exists");
}

tl::expected<ClusterAccess, std::string> load_kubeconfig(const fs::path& file, std::string_view context,
                                                         SteadyClock clock, const HelperRules& helpers) {
  const auto text = read_small_file(file, kMaxFile);
  if (!text) return tl::unexpected("kubeconfig: " + text.error());
  try {
    const Section root{YAML::Load(*text), "the document"};
    std::size_t nodes = 0;
    count_nodes(root.node, nodes);
    return read_access(root, file, std::string(context), std::move(clock), helpers);
  } catch (const YAML::Exception& error) {
    return tl::unexpected(file.string() + ": not YAML, line " + std::to_string(error.mark.line + 1) + ": " +
                          error.msg);
  } catch (const std::runtime_error& error) {
    return tl::unexpected(file.string() + ": " + error.what());
  }
}

}  // namespace seraphim::kubernetes
