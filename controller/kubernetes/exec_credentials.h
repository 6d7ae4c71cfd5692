// Credentials that a helper program brings: client-go credential plugins, which the kubeconfigs of most
// clouds name (aws, gke-gcloud-auth-plugin, kubelogin). The program gets KUBERNETES_EXEC_INFO and prints an
// ExecCredential of client.authentication.k8s.io/v1 or v1beta1.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "kubernetes/clock.h"
#include "kubernetes/transport.h"

namespace seraphim::kubernetes {

/// users[].user.exec of a kubeconfig.
struct ExecPlugin {
  std::string api_version{};
  std::string command{};  ///< looked for in the PATH unless it holds a '/'
  std::vector<std::string> arguments{};
  std::vector<std::string> environment{};  ///< "NAME=value"
  std::string install_hint{};              ///< what to do when the program is not there
  std::string cluster{};                   ///< spec.cluster of the request, in JSON; empty: it is not told
  bool terminal = false;                   ///< it may ask whoever is there
};

/// An ExecCredential's status.
struct ExecCredential {
  std::string token{}, certificate_pem{}, private_key_pem{};
  std::optional<WallTime> expires{};
};

/// The error says what is wrong with the answer, and never repeats it.
tl::expected<ExecCredential, std::string> read_exec_credential(std::string_view text,
                                                               const std::string& api_version);

/// Thread-safe: one run of the program at a time, and whoever asks meanwhile waits for it. It is run at the
/// first question, again a little before the credential expires, and after a 401. Throws as Credentials does.
class ExecCredentials final : public Credentials {
 public:
  /// `beside`: who is trusted.
  ExecCredentials(ExecPlugin plugin, std::shared_ptr<Credentials> beside, std::chrono::milliseconds longest,
                  const Clock& clock);

  std::string bearer_token() override;
  TlsMaterial tls() override;
  void on_unauthorized() override;

 private:
  const ExecCredential& fresh(const std::unique_lock<std::mutex>& proof);
  ExecCredential run() const;

  const ExecPlugin plugin_;
  const std::shared_ptr<Credentials> beside_;
  const std::chrono::milliseconds longest_;
  const Clock& clock_;
  std::mutex mutex_;
  std::optional<ExecCredential> credential_;
};

}  // namespace seraphim::kubernetes
