#include "kubernetes/transport_cpprest.h"

#include <cpprest/http_client.h>
#include <pplx/threadpool.h>

#include <functional>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "kubernetes/body_buffer.h"
#include "kubernetes/call_slots.h"
#include "kubernetes/cpprest_failure.h"
#include "kubernetes/exchange.h"
#include "kubernetes/line_splitter.h"
#include "kubernetes/retry_after.h"
#include "kubernetes/tls_identity.h"

namespace seraphim::kubernetes {
namespace {

namespace http = web::http;
using http::client::http_client;
using namespace std::chrono_literals;
using TimePoint = Exchange::Clock::time_point;

// Only backstops: the library's timer counts waiting for a slow sink as well.
constexpr auto kUnaryInactivity = 5min;
constexpr auto kWatchInactivity = 30min;
constexpr auto kCancelGrace = 5s;  // measured: 39 ms at most; longer only when getaddrinfo() hangs
constexpr std::size_t kMaxErrorBody = 64u << 10;

std::optional<std::chrono::milliseconds> retry_after(const http::http_headers& headers) {
  std::string text, date;
  if (!headers.match("Retry-After", text)) return std::nullopt;
  headers.match("Date", date);
  const auto local_time = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return parse_retry_after(text, parse_http_date(date).value_or(local_time));
}

/// For the catch block of a continuation: no exception may leave one unobserved (docs/runtime.md, 1e).
void finish_with_current_exception(Exchange& exchange) noexcept {
  try {
    throw;
  } catch (const http::http_exception& error) {
    auto failure = classify_cpprest_failure(error.error_code().value(), error.what());
    exchange.finish(failure.error, std::move(failure.detail), !failure.before_sending);
  } catch (const std::exception& error) {
    exchange.finish(TransportError::protocol, error.what(), true);
  } catch (...) {
    exchange.finish(TransportError::protocol, "unknown exception", true);
  }
}

void on_body_end(const std::shared_ptr<Exchange>& exchange,
                 const pplx::task<http::http_response>& body) noexcept {
  try {
    body.get();
    exchange->finish(TransportError::none, {}, true);
  } catch (...) {
    finish_with_current_exception(*exchange);
  }
}

void on_head(const std::shared_ptr<Exchange>& exchange,
             const pplx::task<http::http_response>& head) noexcept {
  try {
    const http::http_response response = head.get();
    exchange->set_head(response.status_code(), retry_after(response.headers()));
    response.content_ready().then(
        [exchange](const pplx::task<http::http_response>& body) { on_body_end(exchange, body); });
  } catch (...) {
    finish_with_current_exception(*exchange);
  }
}

void start(http_client client, http::http_request message, const std::shared_ptr<Exchange>& exchange,
           const pplx::cancellation_token& cancel) {
  const auto body = std::make_shared<BodyBuffer>(exchange);
  message.set_response_stream(concurrency::streams::streambuf<std::uint8_t>(body).create_ostream());
  message.set_progress_handler([exchange](http::message_direction::direction direction, utility::size64_t) {
    if (direction == http::message_direction::upload) exchange->note_sent();
  });
  client.request(message, cancel).then([exchange](const pplx::task<http::http_response>& head) {
    on_head(exchange, head);
  });
}

/// By default the library decodes whatever a server says its body is, asked for or not, brotli included.
void decode_gzip_only(http::http_request& message) {
  namespace builtin = http::compression::builtin;
  message.set_decompress_factories({builtin::get_decompress_factory(builtin::algorithm::GZIP)});
}

/// Values are not repeated: one may be a secret.
void add_headers(http::http_headers& headers, const std::vector<Header>& more) {
  for (const Header& header : more) {
    if (!is_expressible(header))
      throw std::invalid_argument("a header is a name of letters, digits and '-', and a value on one line");
    if (headers.has(header.name))
      throw std::invalid_argument("the header " + header.name + " is the transport's own, or given twice");
    headers.add(header.name, header.value);
  }
}

http::http_request to_message(const Request& request, const std::string& token,
                              const std::string& server_name, const std::string& user_agent) {
  if (!request.target.starts_with('/'))
    throw std::invalid_argument("the target of a request starts with '/'");
  http::http_request message(request.method);
  message.set_request_uri(request.target);
  if (!request.body.empty()) message.set_body(request.body, request.content_type);
  auto& headers = message.headers();
  headers.add("Accept", request.accept);
  headers.add("Accept-Encoding",
              request.gzip ? "gzip" : "identity");  // before the library's own; the first one wins
  headers.add("User-Agent", user_agent);
  if (!token.empty()) headers.add("Authorization", "Bearer " + token);
  if (!server_name.empty())
    headers.add("Host", server_name);  // cpprest verifies the certificate against this name
  add_headers(headers, request.headers);
  return message;
}

/// cpprest resolves "[::1]" with its brackets and fails; without them it connects and verifies the IP.
web::uri to_base_uri(const std::string& url) {
  web::uri_builder builder{web::uri(url)};
  const std::string host = builder.host();
  const bool known_scheme = builder.scheme() == "https" || builder.scheme() == "http";
  if (!known_scheme || host.empty())
    throw std::invalid_argument("an endpoint is https://host:port or http://host:port");
  if (host.starts_with('[') && host.ends_with(']')) builder.set_host(host.substr(1, host.size() - 2));
  return builder.to_uri();
}

/// One thread, on which cancel_on_pool() closes sockets too: the library locks a socket only where it starts
/// an operation, not where Boost goes on with it, and a close in between is a crash (docs/runtime.md, 1e).
void start_thread_pool() {
  static std::once_flag once;
  std::call_once(once, [] { crossplat::threadpool::initialize_with_threads(1); });
}

void cancel_on_pool(const pplx::cancellation_token_source& cancel) {
  pplx::create_task([cancel] { cancel.cancel(); });  // tasks run on the pool
}

/// The clients for one state of the TLS files; new ones drop connections made with the old certificate.
struct Clients {
  TlsMaterial material;
  http_client unary, watch;
};

http::client::http_client_config client_config(const TlsIdentity& identity, std::chrono::seconds inactivity) {
  http::client::http_client_config config;
  config.set_timeout(inactivity);
  config.set_max_redirects(0);  // the default follows ten, with the Authorization header, to any host
  config.set_ssl_context_callback(
      [identity](boost::asio::ssl::context& context) { identity.install(context.native_handle()); });
  return config;
}

std::shared_ptr<const Clients> make_clients(const web::uri& base, const TlsMaterial& material,
                                            const TlsIdentity& identity) {
  auto unary = client_config(identity, kUnaryInactivity);
  unary.set_request_compressed_response(true);
  return std::make_shared<Clients>(Clients{material, http_client(base, unary),
                                           http_client(base, client_config(identity, kWatchInactivity))});
}

/// The answer of a consumer to some bytes: go on, or end the exchange for this reason.
struct Verdict {
  TransportError error = TransportError::none;
  std::string detail{};
};

/// How an exchange is read: until when to wait, how many bytes to wake up for, and who gets them.
struct Reader {
  std::function<TimePoint()> until;
  std::size_t at_least;
  std::function<Verdict(int http, std::string_view bytes)> consume;
};

/// Reads until the end or the first reason to stop; the verdict is none when the network side ended by
/// itself.
Verdict read_all(Exchange& exchange, const Reader& reader, const std::stop_token& stop) try {
  for (;;) {
    switch (exchange.wait(reader.until(), stop, reader.at_least)) {
      case Exchange::Wake::finished:
        return {};
      case Exchange::Wake::stopped:
        return {TransportError::cancelled, "stop requested"};
      case Exchange::Wake::timeout:
        return {TransportError::timeout, "the server did not answer in time"};
      case Exchange::Wake::data:
        break;
    }
    const std::string bytes = exchange.take();
    auto verdict = reader.consume(exchange.status().http, bytes);
    if (verdict.error != TransportError::none) return verdict;
  }
} catch (
    const std::exception& error) {  // the sink, or no memory: the exchange must still be cancelled and joined
  return {TransportError::protocol, std::string("the receiver failed: ") + error.what()};
}

CallStatus run(const http_client& client, const http::http_request& message,
               const std::shared_ptr<Exchange>& exchange, const Reader& reader, const std::stop_token& stop) {
  pplx::cancellation_token_source cancel;
  start(client, message, exchange, cancel.get_token());
  auto verdict = read_all(*exchange, reader, stop);
  if (verdict.error == TransportError::none) return exchange->status();

  exchange->discard();
  cancel_on_pool(cancel);
  const bool ended = exchange->wait_finished(Exchange::Clock::now() + kCancelGrace);
  CallStatus status = exchange->status();
  status.error = verdict.error;
  status.detail = std::move(verdict.detail);
  if (!ended) {
    status.sent = true;
    status.detail += "; the connection is still closing in the background";
  }
  return status;
}

class CpprestTransport final : public Transport {
 public:
  CpprestTransport(const Endpoint& endpoint, std::shared_ptr<Credentials> credentials, TransportLimits limits)
      : credentials_(std::move(credentials)),
        token_over_plain_http_(endpoint.token_over_plain_http),
        limits_(std::move(limits)),
        slots_(std::make_shared<CallSlots>(limits_.unary_calls)) {
    start_thread_pool();
    try {
      base_ = to_base_uri(endpoint.url);
    } catch (const std::exception& error) {
      bad_endpoint_ = "endpoint '" + endpoint.url + "': " + error.what();
    }
  }

  Response call(const Request& request, std::chrono::milliseconds timeout,
                std::stop_token stop) noexcept override {
    const TimePoint deadline = Exchange::Clock::now() + timeout;
    Response response;
    response.status = guarded(stop, [&]() -> CallStatus {
      const auto slot = slots_->acquire(deadline, stop);
      if (!slot && stop.stop_requested())
        return {.error = TransportError::cancelled, .detail = "stop requested"};
      if (!slot) return {.error = TransportError::timeout, .detail = "no call slot became free in time"};
      const auto exchange = std::make_shared<Exchange>(limits_.stream_buffer, slot);
      const Reader reader{
          [deadline] { return deadline; }, limits_.stream_buffer,
          [&](int, std::string_view bytes) { return append(response.body, bytes, request.max_body); }};
      const auto clients = current_clients();
      auto message = message_for(request, *clients);
      decode_gzip_only(message);
      return run(clients->unary, message, exchange, reader, stop);
    });
    return response;
  }

  CallStatus stream(const Request& request, std::chrono::seconds idle, std::stop_token stop,
                    LineSink& sink) noexcept override {
    LineSplitter splitter(limits_.max_line);
    std::string error_body;
    CallStatus status = guarded(stop, [&] {
      const Reader reader{[idle] { return Exchange::Clock::now() + idle; }, 1,
                          [&](int http, std::string_view bytes) {
                            if (http != http::status_codes::OK)
                              return append(error_body, bytes, kMaxErrorBody);
                            return deliver(splitter, bytes, sink);
                          }};
      const auto clients = current_clients();
      const auto exchange = std::make_shared<Exchange>(limits_.stream_buffer, nullptr);
      return run(clients->watch, message_for(request, *clients), exchange, reader, stop);
    });
    if (status.error != TransportError::none) return status;
    if (status.http != http::status_codes::OK) {
      status.detail = std::move(error_body);
    } else if (!splitter.rest().empty()) {
      status.error = TransportError::eof;
      status.detail = "the stream ended inside a line";
    }
    return status;
  }

 private:
  static Verdict append(std::string& body, std::string_view bytes, std::size_t limit) {
    if (body.size() + bytes.size() > limit) {
      return {TransportError::too_large, "the body is larger than " + std::to_string(limit) + " bytes"};
    }
    body.append(bytes);
    return {};
  }

  static Verdict deliver(LineSplitter& splitter, std::string_view bytes, LineSink& sink) {
    switch (splitter.feed(bytes, [&](std::string_view line) { return sink.on_line(line) == Flow::more; })) {
      case LineSplitter::Result::more:
        return {};
      case LineSplitter::Result::stopped:
        return {TransportError::cancelled, "stopped by the receiver"};
      case LineSplitter::Result::too_long:
        return {TransportError::too_large, "a line of the stream is too long"};
    }
    return {};
  }

  /// Everything that can fail before or around an exchange, as a status; and the reaction to a 401.
  template <typename Body>
  CallStatus guarded(const std::stop_token& stop, Body&& body) noexcept {
    if (stop.stop_requested()) return {.error = TransportError::cancelled, .detail = "stop requested"};
    if (!bad_endpoint_.empty()) return {.error = TransportError::protocol, .detail = bad_endpoint_};
    try {
      CallStatus status = body();
      if (status.http == http::status_codes::Unauthorized && credentials_) credentials_->on_unauthorized();
      return status;
    } catch (const UnreadableCredentials& error) {
      return {.error = TransportError::credentials, .detail = error.what()};
    } catch (const std::exception& error) {  // the request cannot be expressed; nothing was started
      return {.error = TransportError::protocol, .detail = error.what()};
    }
  }

  struct UnreadableCredentials : std::runtime_error {
    using runtime_error::runtime_error;
  };

  bool secure() const { return base_.scheme() == "https"; }

  http::http_request message_for(const Request& request, const Clients& clients) {
    std::string token;
    try {
      if (credentials_ && (secure() || token_over_plain_http_)) token = credentials_->bearer_token();
    } catch (const std::exception& error) {
      throw UnreadableCredentials(error.what());
    }
    return to_message(request, token, clients.material.server_name, limits_.user_agent);
  }

  /// Built anew when the TLS files changed; of a half-rotated pair the last good one stays until then.
  std::shared_ptr<const Clients> current_clients() {
    try {
      const TlsMaterial material = credentials_ && secure() ? credentials_->tls() : TlsMaterial{};
      const std::lock_guard lock(mutex_);
      if (clients_ && clients_->material == material) return clients_;
      const auto identity = TlsIdentity::parse(material);
      if (!identity && !clients_) throw UnreadableCredentials(identity.error());
      if (identity) clients_ = make_clients(base_, material, *identity);
      return clients_;
    } catch (const std::exception& error) {
      throw UnreadableCredentials(error.what());
    }
  }

  const std::shared_ptr<Credentials> credentials_;
  const bool token_over_plain_http_;
  const TransportLimits limits_;
  const std::shared_ptr<CallSlots> slots_;
  web::uri base_;
  std::string bad_endpoint_;
  std::mutex mutex_;  // guards clients_
  std::shared_ptr<const Clients> clients_;
};

}  // namespace

std::unique_ptr<Transport> make_cpprest_transport(const Endpoint& endpoint,
                                                  std::shared_ptr<Credentials> credentials,
                                                  TransportLimits limits) {
  return std::make_unique<CpprestTransport>(endpoint, std::move(credentials), std::move(limits));
}

}  // namespace seraphim::kubernetes
