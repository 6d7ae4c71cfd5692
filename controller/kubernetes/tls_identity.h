// PEM texts turned into OpenSSL objects once, so that every new connection only takes references.
// Parsing happens on the caller's thread, where a mistake can become a sentence instead of a failed
// handshake.
#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "kubernetes/transport.h"

struct ssl_ctx_st;  // SSL_CTX

namespace seraphim::kubernetes {

/// Immutable and thread-safe.
class TlsIdentity {
 public:
  /// The error says which part is wrong ("ca", "certificate", "private key") and never quotes it.
  static tl::expected<TlsIdentity, std::string> parse(const TlsMaterial& material);

  /// Trust, client certificate and TLS >= 1.2 for a fresh context. With a CA given only that CA is trusted;
  /// without one the system store the context came with stays. On an OpenSSL failure nothing is trusted, so
  /// the handshake fails.
  void install(ssl_ctx_st* context) const noexcept;

 private:
  struct Parts;
  explicit TlsIdentity(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}

  std::shared_ptr<const Parts> parts_;
};

}  // namespace seraphim::kubernetes
