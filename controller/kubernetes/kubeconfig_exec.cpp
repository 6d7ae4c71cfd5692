// users[].user.exec of a kubeconfig: a credential helper program.
#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

#include "kubernetes/base64.h"
#include "kubernetes/exec_credentials.h"
#include "kubernetes/kubeconfig_section.h"

namespace seraphim::kubernetes {
namespace {

namespace fs = std::filesystem;

/// The list below the key: texts, or what `read` makes of each entry.
std::vector<std::string> texts_of(const Section& section, const std::string& key,
                                  const std::function<std::string(const Section&)>& read = {}) {
  std::vector<std::string> texts;
  const auto list = section.find(key);
  if (!list) return texts;
  const std::string where = section.where + "." + key;
  if (!list->IsSequence()) throw Refused(where + " is not a list; write '- ' entries below it");
  for (const YAML::Node& node : *list) {
    if (!read && !node.IsScalar()) throw Refused(where + " has an entry that is not a text");
    texts.push_back(read ? read({node, where}) : node.Scalar());
  }
  return texts;
}

std::string on_one_line(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' '; }, ' ');
  return text;
}

bool may_ask(const Section& exec, const HelperRules& helpers) {
  const std::string mode = exec.text("interactiveMode");
  if (mode == "Never") return false;
  if (mode == "Always" && !helpers.terminal)
    throw Refused(exec.where + ": '" + exec.text("command") +
                  "' wants to ask you something; run this in a terminal");
  return helpers.terminal;
}

/// What the program is told about the cluster, when the kubeconfig says so.
std::string told_cluster(const Section& exec, const Section& cluster, const TlsMaterial& trusted) {
  if (!exec.is_true("provideClusterInfo")) return {};
  nlohmann::json told = {{"server", cluster.text("server")}};
  if (!trusted.ca_pem.empty()) told["certificate-authority-data"] = encode_base64(trusted.ca_pem);
  if (!trusted.server_name.empty()) told["tls-server-name"] = trusted.server_name;
  return told.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

ExecPlugin read_plugin(const Section& exec, const fs::path& folder, const HelperRules& helpers) {
  ExecPlugin plugin{.api_version = exec.text("apiVersion"),
                    .command = exec.text("command"),
                    .arguments = texts_of(exec, "args"),
                    .install_hint = on_one_line(exec.text("installHint")),
                    .terminal = may_ask(exec, helpers)};
  if (plugin.api_version != "client.authentication.k8s.io/v1" &&
      plugin.api_version != "client.authentication.k8s.io/v1beta1")
    throw Refused(
        exec.where + ".apiVersion: '" + plugin.api_version +
        "' is not supported; write client.authentication.k8s.io/v1, or v1beta1 where the program speaks "
        "that");
  if (plugin.command.empty()) throw Refused(exec.where + ".command is missing; write the program to run");
  if (plugin.command.find('/') != std::string::npos) plugin.command = (folder / plugin.command).string();
  plugin.environment = texts_of(exec, "env", [](const Section& variable) {
    const std::string name = variable.text("name");
    if (name.empty() || name.find('=') != std::string::npos)
      throw Refused(variable.where + " has an entry without a name; write name and value");
    return name + "=" + variable.text("value");
  });
  return plugin;
}

}  // namespace

std::shared_ptr<Credentials> helper_credentials(const Section& user, const Section& cluster,
                                                const std::shared_ptr<Credentials>& beside,
                                                const fs::path& folder, const HelperRules& helpers) {
  const auto node = user.find("exec");
  if (!node) return nullptr;
  const Section exec{*node, user.where + ".exec"};
  if (helpers.clock == nullptr)
    throw Refused(exec.where + ": credential helper programs are not run" + other_credentials());
  const TlsMaterial trusted = beside->tls();
  if (!trusted.certificate_pem.empty() || !beside->bearer_token().empty())
    return nullptr;  // as kubectl does: what stands in the file comes first
  auto plugin = read_plugin(exec, folder, helpers);
  plugin.cluster = told_cluster(exec, cluster, trusted);
  return std::make_shared<ExecCredentials>(std::move(plugin), beside, helpers.longest, *helpers.clock);
}

}  // namespace seraphim::kubernetes
