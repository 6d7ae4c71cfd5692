// Credentials made of texts and files. Files rotate under a running operator (projected tokens,
// cert-manager), so they are read again when they are older than kRereadAfter, and after a 401
// (docs/runtime.md 1b).
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "kubernetes/transport.h"

namespace seraphim::kubernetes {

/// Where the time comes from; monotonic. In production std::chrono::steady_clock::now.
using SteadyClock = std::function<std::chrono::steady_clock::time_point()>;

/// At most one of the two is set; none means "not given".
struct CredentialSource {
  std::string text{};
  std::filesystem::path file{};

  bool given() const { return !text.empty() || !file.empty(); }
};

struct CredentialSources {
  CredentialSource ca{}, certificate{}, private_key{}, token{};
  std::string server_name{};  ///< see TlsMaterial::server_name
};

inline constexpr std::chrono::seconds kRereadAfter{
    30};  ///< rotation is seen within this time; must stay <= 60 s

/// Thread-safe. When a file cannot be read again, the last good content stays in use; when it never could be
/// read, the functions throw std::runtime_error with the path and the reason. Contents are never part of a
/// message.
class FileCredentials final : public Credentials {
 public:
  FileCredentials(CredentialSources sources, SteadyClock clock);

  std::string bearer_token() override;
  TlsMaterial tls() override;
  void on_unauthorized() override;

 private:
  /// What was read together, and when. The pair of certificate and key is always read at the same time.
  struct Snapshot {
    std::string token{};
    TlsMaterial tls{};
    std::chrono::steady_clock::time_point read_at{};
  };

  const Snapshot& fresh(const std::unique_lock<std::mutex>& proof);
  tl::expected<Snapshot, std::string> read() const;

  const CredentialSources sources_;
  const SteadyClock clock_;
  std::mutex mutex_;
  std::optional<Snapshot> snapshot_;
  bool outdated_ = true;
};

/// The text of a small file. The error names the path and the reason.
tl::expected<std::string, std::string> read_small_file(const std::filesystem::path& path,
                                                       std::size_t max_bytes);

/// Without the white space around it, as files and Secrets often end with a line break.
std::string_view trim_token(std::string_view token);
/// Whether it can stand in a header: a line break inside would let whoever wrote it add headers of their own.
bool is_header_safe(std::string_view token);

}  // namespace seraphim::kubernetes
