#include "operator/http_server.h"

#include <openssl/ssl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

#include "kubernetes/http_request.h"
#include "operator/listen.h"

namespace seraphim::op {
namespace {

// Probes must get through beside a scrape, and beside peers that say nothing until their time is over.
constexpr int kThreads = 4;
constexpr std::size_t kLongestHead = 8u << 10;

bool use_files(SSL& connection, const TlsFiles& files) {
  return SSL_use_certificate_chain_file(&connection, files.certificate.c_str()) == 1 &&
         SSL_use_PrivateKey_file(&connection, files.key.c_str(), SSL_FILETYPE_PEM) == 1 &&
         SSL_check_private_key(&connection) == 1;
}

int on_certificate_wanted(SSL* connection, void* files) {
  return use_files(*connection, *static_cast<const TlsFiles*>(files)) ? 1 : 0;
}

const char* reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Internal Server Error";
  }
}

HttpAnswer refusal(int status) {
  return {.status = status, .body = std::string(reason_of(status)) + "\n"};
}

std::string bytes_of(const HttpAnswer& answer, bool with_body) {
  std::string bytes = "HTTP/1.1 " + std::to_string(answer.status) + " " + reason_of(answer.status) +
                      "\r\nContent-Type: " + answer.type +
                      "\r\nContent-Length: " + std::to_string(answer.body.size()) +
                      (answer.status == 405 ? "\r\nAllow: GET, HEAD" : "") + "\r\nConnection: close\r\n\r\n";
  return with_body ? bytes + answer.body : bytes;
}

bool has_word(std::string_view query, std::string_view word) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto part = query.substr(0, end);
    if (part.substr(0, part.find('=')) == word) return true;
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
  }
  return false;
}

}  // namespace

HttpServer::HttpServer(Pages pages, std::optional<TlsFiles> tls, std::chrono::milliseconds patience)
    : pages_(std::move(pages)), tls_(std::move(tls)), patience_(patience), context_(nullptr, &SSL_CTX_free) {}

HttpServer::~HttpServer() {
  stop();
}

bool HttpServer::set_up_tls() {
  context_.reset(SSL_CTX_new(TLS_server_method()));
  if (!context_) return false;
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_cert_cb(context_.get(), on_certificate_wanted, const_cast<TlsFiles*>(&*tls_));
  const std::unique_ptr<SSL, void (*)(SSL*)> trial(SSL_new(context_.get()), &SSL_free);
  return trial != nullptr && use_files(*trial, *tls_);
}

tl::expected<int, std::string> HttpServer::start(const std::string& address) {
  if (tls_ && !set_up_tls()) {
    return tl::unexpected("the certificate " + tls_->certificate.string() + " and the key " +
                          tls_->key.string() +
                          " cannot be used; write PEM files that can be read and belong together");
  }
  auto listening = listen_on(address);
  if (!listening) return tl::unexpected(listening.error());
  stop_ = Descriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (stop_.get() < 0) return tl::unexpected(std::string("the system is out of descriptors"));
  listening_ = std::move(listening->socket);
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { run(); });
  return listening->port;
}

void HttpServer::stop() {
  if (threads_.empty()) return;
  eventfd_write(stop_.get(), 1);
  threads_.clear();  // joins
  listening_ = Descriptor();
  stop_ = Descriptor();
}

void HttpServer::run() const {
  // A peer that is gone is an error of that write; libssl's cannot be told so call by call.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  std::array<pollfd, 2> watched{{{stop_.get(), POLLIN, 0}, {listening_.get(), POLLIN, 0}}};
  for (;;) {
    if (poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
    if (watched[0].revents != 0) return;
    Descriptor socket(accept4(listening_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.get() >= 0) {
      serve(std::move(socket));
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
      poll(watched.data(), 1, 100);  // the connection waits; asking again at once would be of no use
    }
  }
}

void HttpServer::serve(Descriptor socket) const {
  Connection connection(std::move(socket), stop_.get(), std::chrono::steady_clock::now() + patience_,
                        context_.get());
  const auto head = connection.read_head(kLongestHead);
  if (!head) return;
  bool with_body = true;
  const HttpAnswer said = answer(*head, with_body);
  if (connection.write(bytes_of(said, with_body))) connection.finish();
}

HttpAnswer HttpServer::answer(const std::string& head, bool& with_body) const {
  if (head.size() >= kLongestHead) return refusal(431);
  const auto request = kubernetes::parse_http_request(head);
  if (!request) return refusal(request.error());
  with_body = request->method != "HEAD";
  if (with_body && request->method != "GET") return refusal(405);
  for (const auto& [path, page] : pages_) {
    if (request->path != path && !request->path.starts_with(path + "/")) continue;
    try {
      return page({.path = request->path, .verbose = has_word(request->query, "verbose")});
    } catch (const std::exception&) {
      return refusal(500);
    }
  }
  return refusal(404);
}

}  // namespace seraphim::op
