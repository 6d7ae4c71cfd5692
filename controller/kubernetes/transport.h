// HTTP as the operator needs it: one bounded call, or one stream of lines. Synchronous on purpose: the caller
// owns the thread, so cancelling is a std::stop_token and joining is a std::jthread. Nothing of the HTTP
// library shows here.
//
//   auto transport = make_cpprest_transport({"https://10.0.0.1:443"}, credentials, {});       //
//   transport_cpprest.h auto answer = transport->call({.method = "GET", .target = "/version"}, 10s, stop); if
//   (!answer.ok()) log(answer.status.detail);
//
// Rules (docs/runtime.md sections 1 and 3): a transport never retries, never follows redirects, always
// verifies TLS. The library below it may replay a request on its own when a kept-alive connection breaks, so
// *every write is at least once*: write idempotently.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace seraphim::kubernetes {

/// Why an exchange did not complete. An HTTP status such as 409 or 500 is *not* an error here: see
/// CallStatus::http.
enum class TransportError {
  none,         ///< the response arrived completely (for streams: a clean end)
  connect,      ///< name not resolved, refused, unreachable
  tls,          ///< handshake or certificate check failed
  timeout,      ///< the deadline of a call, or the idle time of a stream, is over
  cancelled,    ///< stop was requested, or the sink said Flow::stop
  eof,          ///< the peer closed before the response was complete
  reset,        ///< the peer broke the connection (RST, broken pipe)
  protocol,     ///< not HTTP as we speak it, or a request that cannot be expressed
  too_large,    ///< body above Request::max_body, or a line above TransportLimits::max_line
  credentials,  ///< a token or certificate could not be read; nothing was sent
};

std::string_view to_string(TransportError error);

/// How an exchange ended.
struct CallStatus {
  TransportError error = TransportError::none;
  int http = 0;       ///< status code, 0 when no status line arrived
  bool sent = false;  ///< false only when it is certain that the server saw nothing of the request
  std::optional<std::chrono::milliseconds> retry_after{};  ///< the server's Retry-After, as a delay from now
  std::string
      detail{};  ///< for people; for a stream with http != 200 the start of the body (a Status in JSON)
};

/// A header field of a request.
struct Header {
  std::string name{};   ///< a token as HTTP has it: letters, digits, '-'
  std::string value{};  ///< visible characters, blanks and tabs
};

/// A line break in a value, say, would begin a header of its own.
bool is_expressible(const Header& header);

struct Request {
  std::string method = "GET";
  std::string target{};  ///< path and query, percent-encoded, starting with '/'; put behind the prefix of the
                         ///< endpoint
  std::string content_type{};
  std::string body{};
  std::string accept = "application/json";
  /// Besides those that the transport sets itself. One that cannot be expressed, or that is set already, is
  /// TransportError::protocol; nothing is sent.
  std::vector<Header> headers{};
  bool gzip = false;                 ///< ask for a compressed body; unary only; the body arrives decoded
  std::size_t max_body = 64u << 20;  ///< bytes, decoded; more is TransportError::too_large
};

struct Response {
  CallStatus status{};
  std::string body{};  ///< also present for http >= 400; incomplete when status.error is not none

  bool ok() const { return status.error == TransportError::none && status.http / 100 == 2; }
};

enum class Flow { more, stop };

/// Receives the lines of a stream.
class LineSink {
 public:
  virtual ~LineSink() = default;
  /// One whole line without its '\n', never empty, valid during the call only. Runs on the thread that called
  /// stream(). A slow sink slows the server down (back-pressure); it does not count as idle time.
  virtual Flow on_line(std::string_view line) = 0;
};

/// Thread-safe: any number of threads may call at the same time. Must outlive every call made on it.
class Transport {
 public:
  virtual ~Transport() = default;

  /// One request and its whole response. `timeout` is a total deadline: it counts waiting for a free slot,
  /// connecting and the last byte of the body. Returns at the latest a short grace after it.
  virtual Response call(const Request& request, std::chrono::milliseconds timeout,
                        std::stop_token stop) noexcept = 0;

  /// One request whose response is a long stream of lines. Lines are delivered only when http is 200.
  /// `idle` bounds the silence of the peer (also before the first byte); there is no total deadline.
  /// Returns with error none at a clean end of the stream; a server that ends a watch is normal, not a fault.
  /// An exception from the sink ends the stream and is reported as TransportError::protocol.
  virtual CallStatus stream(const Request& request, std::chrono::seconds idle, std::stop_token stop,
                            LineSink& sink) noexcept = 0;
};

/// PEM texts; empty means "not given".
struct TlsMaterial {
  std::string ca_pem{};           ///< only these are trusted; when empty the system store is
  std::string certificate_pem{};  ///< client certificate, leaf first, then its chain
  std::string private_key_pem{};
  std::string
      server_name{};  ///< name to verify instead of the host of the endpoint (kubeconfig tls-server-name)

  bool operator==(const TlsMaterial&) const = default;
};

/// Who we are and whom we trust. Thread-safe. The transport asks before every exchange, so answers should
/// come from memory; rotation is the implementation's business (files are re-read at the latest after 60 s,
/// and after a 401).
class Credentials {
 public:
  virtual ~Credentials() = default;
  /// Empty when there is none. Throws std::runtime_error, naming file and reason, when it cannot be read.
  virtual std::string bearer_token() = 0;
  /// Throws as above.
  virtual TlsMaterial tls() = 0;
  /// The server answered 401 to the last token: read it again at the next question.
  virtual void on_unauthorized() {}
};

struct Endpoint {
  std::string url{};  ///< https://host:port[/prefix]; http:// works too, without a token; IPv6 in brackets
  /// Sends the token by http:// as well, where everybody on the way can read it. Never for an API server.
  bool token_over_plain_http = false;
};

struct TransportLimits {
  std::ptrdiff_t unary_calls = 8;          ///< at the same time; further callers wait within their deadline
  std::size_t max_line = 64u << 20;        ///< bytes in one line of a stream
  std::size_t stream_buffer = 256u << 10;  ///< bytes read ahead of a slow sink before the socket is throttled
  std::string user_agent = "seraphim-operator";
};

}  // namespace seraphim::kubernetes
