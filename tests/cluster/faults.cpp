#include "faults.h"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "audit_log.h"
#include "child_process.h"
#include "environment.h"
#include "kubernetes/clock.h"
#include "kubernetes/kubeconfig.h"
#include "kubernetes/transport_cpprest.h"

namespace seraphim::cluster {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

std::string base64_of(const std::filesystem::path& file) {
  return run({"base64", "-w", "0", file.string()}).text;
}

}  // namespace

PartGone::PartGone(std::string name) : name_(std::move(name)) {
  must_run({environment().cluster_tool.string(), "kill", name_});
}

PartGone::~PartGone() {
  try {
    back();
  } catch (const std::exception&) {  // the tests that come next will say so
  }
}

void PartGone::back(const std::vector<std::string>& flags) {
  if (!std::exchange(gone_, false)) return;
  std::vector<std::string> command{environment().cluster_tool.string(), "start", name_};
  command.insert(command.end(), flags.begin(), flags.end());
  must_run(command);
  if (name_ == "kube-apiserver") no_roles_between(since_, std::chrono::system_clock::now());
}

void compact_etcd() {
  const auto etcd = kubernetes::make_cpprest_transport({environment().etcd}, nullptr, {});
  const auto ask = [&](const std::string& target, const json& body) {
    const auto answer = etcd->call(
        {.method = "POST", .target = target, .content_type = "application/json", .body = body.dump()}, 10s,
        {});
    if (!answer.ok()) throw std::runtime_error("etcd " + target + ": " + answer.status.detail + answer.body);
    return json::parse(answer.body);
  };
  const json found = ask("/v3/kv/range", {{"key", "AA=="}});
  ask("/v3/kv/compaction", {{"revision", found.at("header").at("revision")}, {"physical", true}});
}

IsolatedNetwork::IsolatedNetwork() : name_("seraphim-test-" + std::to_string(getpid())) {
  const std::string outside = "sp-test0";
  must_run({"ip", "netns", "add", name_});
  try {
    must_run({"ip", "link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", name_});
    must_run({"ip", "addr", "add", "10.251.7.1/30", "dev", outside});
    must_run({"ip", "link", "set", outside, "up"});
    must_run({"ip", "-n", name_, "addr", "add", "10.251.7.2/30", "dev", "eth0"});
    must_run({"ip", "-n", name_, "link", "set", "lo", "up"});
    must_run({"ip", "-n", name_, "link", "set", "eth0", "up"});
    must_run({"ip", "-n", name_, "route", "add", "default", "via", "10.251.7.1"});
  } catch (const std::exception&) {
    (void)run({"ip", "netns", "delete", name_});
    throw;
  }
}

IsolatedNetwork::~IsolatedNetwork() {
  (void)run({"ip", "netns", "delete", name_});  // the link goes with it
}

void IsolatedNetwork::cut() {
  must_run({"ip", "netns", "exec", name_, "nft", "-f", "-"},
           "table inet cut {\n"
           " chain in { type filter hook input priority 0; policy drop; }\n"
           " chain out { type filter hook output priority 0; policy drop; }\n"
           "}\n");
}

void IsolatedNetwork::heal() {
  must_run({"ip", "netns", "exec", name_, "nft", "delete", "table", "inet", "cut"});
}

FileKubeconfig::FileKubeconfig(std::filesystem::path folder, bool expired)
    : folder_(std::move(folder)), path_(folder_ / "kubeconfig") {
  std::filesystem::create_directories(folder_);
  issue(expired ? 0 : 1);
  const auto access = kubernetes::load_kubeconfig(environment().operator_kubeconfig, "",
                                                  [] { return kubernetes::system_clock().steady(); });
  if (!access) throw std::runtime_error(access.error());
  std::ofstream(path_)
      << "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
      << "clusters: [{name: c, cluster: {server: \"" << access->endpoint.url
      << "\", certificate-authority-data: " << base64_of(environment().state / "pki/ca.crt") << "}}]\n"
      << "contexts: [{name: c, context: {cluster: c, user: u}}]\n"
      << "users: [{name: u, user: {client-certificate: client.crt, client-key: client.key}}]\n";
}

void FileKubeconfig::renew() {
  issue(1);
}

void FileKubeconfig::issue(int days) {
  const auto pki = environment().state / "pki";
  const auto file = [&](const char* name) { return (folder_ / name).string(); };
  must_run({"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-subj",
            "/CN=seraphim-operator", "-keyout", file("new.key"), "-out", file("new.csr")});
  must_run({"openssl", "x509", "-req", "-in", file("new.csr"), "-CA", (pki / "ca.crt").string(), "-CAkey",
            (pki / "ca.key").string(), "-days", std::to_string(days), "-extfile", "/dev/stdin", "-out",
            file("new.crt")},
           "keyUsage=digitalSignature\nextendedKeyUsage=clientAuth\n");
  std::filesystem::rename(file("new.key"), file("client.key"));
  std::filesystem::rename(file("new.crt"), file("client.crt"));
}

}  // namespace seraphim::cluster
