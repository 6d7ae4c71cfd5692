#include "kubernetes/exec_credentials.h"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "kubernetes/helper_process.h"
#include "kubernetes/json_read.h"

namespace seraphim::kubernetes {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kEarly{10};  // a credential that expires under way is of no use

tl::unexpected<std::string> wrong(std::string why) {
  return tl::unexpected<std::string>(std::move(why));
}

/// RFC 3339: "2026-11-28T12:00:00Z", "...T12:00:00.5+01:00".
std::optional<WallTime> parse_expiry(const std::string& text) {
  std::tm fields{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &fields);
  if (rest == nullptr) return std::nullopt;
  if (*rest == '.') rest += 1 + std::strspn(rest + 1, "0123456789");
  std::tm zone{};
  rest = strptime(rest, "%z", &zone);
  if (rest == nullptr || *rest != '\0') return std::nullopt;
  return WallTime(std::chrono::seconds(timegm(&fields) - zone.tm_gmtoff));
}

bool is_one_word(const std::string& token) {
  return std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

tl::expected<ExecCredential, std::string> read_exec_credential(std::string_view text,
                                                               const std::string& api_version) {
  const json answer = json::parse(text, nullptr, false);
  if (!answer.is_object() || text_or(answer, "kind") != "ExecCredential")
    return wrong("did not print an ExecCredential in JSON");
  if (text_or(answer, "apiVersion") != api_version) {
    return wrong("printed another apiVersion than " + api_version +
                 "; write into the kubeconfig the one that the program speaks");
  }
  const json& status = member(answer, "status");
  ExecCredential credential{.token = text_or(status, "token"),
                            .certificate_pem = text_or(status, "clientCertificateData"),
                            .private_key_pem = text_or(status, "clientKeyData")};
  if (credential.certificate_pem.empty() != credential.private_key_pem.empty())
    return wrong("printed one of clientCertificateData and clientKeyData without the other");
  if (credential.token.empty() && credential.certificate_pem.empty())
    return wrong("printed neither a token nor a client certificate");
  if (!is_one_word(credential.token)) return wrong("printed a token with white space in it");
  const std::string expires = text_or(status, "expirationTimestamp");
  if (expires.empty()) return credential;
  credential.expires = parse_expiry(expires);
  if (!credential.expires)
    return wrong("printed an expirationTimestamp that is no time such as 2026-11-28T12:00:00Z");
  return credential;
}

ExecCredentials::ExecCredentials(ExecPlugin plugin, std::shared_ptr<Credentials> beside,
                                 std::chrono::milliseconds longest, const Clock& clock)
    : plugin_(std::move(plugin)), beside_(std::move(beside)), longest_(longest), clock_(clock) {}

std::string ExecCredentials::bearer_token() {
  const std::unique_lock lock(mutex_);
  return fresh(lock).token;
}

TlsMaterial ExecCredentials::tls() {
  TlsMaterial material = beside_->tls();
  const std::unique_lock lock(mutex_);
  const ExecCredential& credential = fresh(lock);
  material.certificate_pem = credential.certificate_pem;
  material.private_key_pem = credential.private_key_pem;
  return material;
}

void ExecCredentials::on_unauthorized() {
  const std::lock_guard lock(mutex_);
  credential_.reset();
}

const ExecCredential& ExecCredentials::fresh(const std::unique_lock<std::mutex>&) {
  const bool is_over = credential_ && credential_->expires && clock_.wall() + kEarly >= *credential_->expires;
  if (!credential_ || is_over) credential_ = run();
  return *credential_;
}

ExecCredential ExecCredentials::run() const {
  json request = {{"apiVersion", plugin_.api_version},
                  {"kind", "ExecCredential"},
                  {"spec", {{"interactive", plugin_.terminal}}}};
  if (!plugin_.cluster.empty()) request["spec"]["cluster"] = json::parse(plugin_.cluster);
  HelperProgram program{.command = plugin_.command,
                        .arguments = plugin_.arguments,
                        .environment = plugin_.environment,
                        .terminal = plugin_.terminal};
  program.environment.push_back("KUBERNETES_EXEC_INFO=" + request.dump());
  const auto text = output_of(program, longest_, clock_);
  if (!text) {
    throw std::runtime_error(text.error() +
                             (plugin_.install_hint.empty() ? "" : "; " + plugin_.install_hint));
  }
  auto credential = read_exec_credential(*text, plugin_.api_version);
  if (!credential) throw std::runtime_error("'" + plugin_.command + "' " + credential.error());
  return *std::move(credential);
}

}  // namespace seraphim::kubernetes
