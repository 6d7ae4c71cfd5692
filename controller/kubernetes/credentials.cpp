#include "kubernetes/credentials.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace seraphim::kubernetes {
namespace {

constexpr std::size_t kMaxFile = 1u << 20;

tl::unexpected<std::string> fail(std::string reason) {
  return tl::unexpected<std::string>(std::move(reason));
}

tl::expected<std::string, std::string> content(const CredentialSource& source) {
  if (source.file.empty()) return source.text;
  auto text = read_small_file(source.file, kMaxFile);
  if (text && text->empty()) return fail(source.file.string() + " is empty");
  return text;
}

}  // namespace

std::string_view trim_token(std::string_view token) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = token.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return token.substr(first, token.find_last_not_of(kSpace) - first + 1);
}

bool is_header_safe(std::string_view token) {
  return std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7f'; });
}

tl::expected<std::string, std::string> read_small_file(const std::filesystem::path& path,
                                                       std::size_t max_bytes) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    return fail("cannot read " + path.string() + ": it is a folder");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail("cannot read " + path.string() + ": " + std::strerror(errno == 0 ? EIO : errno));
  std::string text(max_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return fail("cannot read " + path.string() + ": input/output error");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > max_bytes)
    return fail(path.string() + " is larger than " + std::to_string(max_bytes) + " bytes");
  return text;
}

FileCredentials::FileCredentials(CredentialSources sources, SteadyClock clock)
    : sources_(std::move(sources)), clock_(std::move(clock)) {}

std::string FileCredentials::bearer_token() {
  const std::unique_lock lock(mutex_);
  return fresh(lock).token;
}

TlsMaterial FileCredentials::tls() {
  const std::unique_lock lock(mutex_);
  return fresh(lock).tls;
}

void FileCredentials::on_unauthorized() {
  const std::lock_guard lock(mutex_);
  outdated_ = true;
}

const FileCredentials::Snapshot& FileCredentials::fresh(const std::unique_lock<std::mutex>&) {
  const auto now = clock_();
  if (snapshot_ && !outdated_ && now - snapshot_->read_at < kRereadAfter) return *snapshot_;
  auto next = read();
  if (!next && !snapshot_) throw std::runtime_error(next.error());
  if (next) snapshot_ = std::move(*next);
  snapshot_->read_at =
      now;  // also after a failed read: the next try comes with the next period, not with every call
  outdated_ = false;
  return *snapshot_;
}

tl::expected<FileCredentials::Snapshot, std::string> FileCredentials::read() const {
  Snapshot snapshot;
  snapshot.tls.server_name = sources_.server_name;
  const auto read_into = [](std::string& target, const CredentialSource& source) {
    return content(source).map([&](std::string text) { target = std::move(text); });
  };
  auto done = read_into(snapshot.token, sources_.token)
                  .and_then([&] { return read_into(snapshot.tls.ca_pem, sources_.ca); })
                  .and_then([&] { return read_into(snapshot.tls.certificate_pem, sources_.certificate); })
                  .and_then([&] { return read_into(snapshot.tls.private_key_pem, sources_.private_key); });
  if (!done) return fail(std::move(done.error()));
  snapshot.token = std::string(trim_token(snapshot.token));
  if (!is_header_safe(snapshot.token))
    return fail("the token " + sources_.token.file.string() + " holds white space");
  return snapshot;
}

}  // namespace seraphim::kubernetes
