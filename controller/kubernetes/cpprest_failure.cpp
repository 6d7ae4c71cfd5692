#include "kubernetes/cpprest_failure.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace seraphim::kubernetes {
namespace {

using namespace std::string_view_literals;

// From http_client_asio.cpp of 2.10.18. An unknown text counts as sent, which is the careful side.
constexpr std::array kConnecting{"Failed to connect to any resolved endpoint"sv, "Error resolving address"sv,
                                 "Failed to resolve address"sv};
constexpr auto kHandshake = "Error in SSL handshake"sv;

constexpr long kEof = 1;  // boost::asio::error::eof and ssl stream_truncated, not EPERM
constexpr long kFirstOpenSslCode = 1L << 23;

TransportError cause(long code) {
  if (code >= kFirstOpenSslCode) return TransportError::tls;
  switch (code) {
    case kEof:
      return TransportError::eof;
    case ETIMEDOUT:
      return TransportError::timeout;
    case ECANCELED:
      return TransportError::cancelled;
    case EPIPE:
    case ECONNRESET:
    case ECONNABORTED:
    case EBADF:         // the socket was closed under the request
    case EHOSTUNREACH:  // a broken pipe while writing the head is reported so
      return TransportError::reset;
    default:
      return TransportError::protocol;
  }
}

std::string detail(long code, std::string_view text) {
  const char* reason =
      code >= kFirstOpenSslCode ? ERR_reason_error_string(static_cast<unsigned long>(code)) : nullptr;
  return reason == nullptr ? std::string(text) : std::string(text) + ": " + reason;
}

}  // namespace

CpprestFailure classify_cpprest_failure(long code, std::string_view text) {
  const bool connecting =
      std::ranges::any_of(kConnecting, [&](auto start) { return text.starts_with(start); });
  const bool handshake = text.starts_with(kHandshake);
  const TransportError reason = cause(code);
  const bool own_reason = reason == TransportError::timeout || reason == TransportError::cancelled;
  if (connecting && !own_reason) return {TransportError::connect, true, detail(code, text)};
  if (handshake && !own_reason) return {TransportError::tls, true, detail(code, text)};
  return {reason, connecting || handshake, detail(code, text)};
}

}  // namespace seraphim::kubernetes
