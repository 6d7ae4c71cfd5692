#include "operator/http_server.h"

#include <httplib.h>
#include <openssl/ssl.h>

#include <atomic>
#include <charconv>
#include <thread>

namespace seraphim::op {
namespace {

// Probes must get through beside a scrape, and beside a peer that says nothing until it is timed out.
constexpr std::size_t kThreads = 4;
constexpr time_t kReadSeconds = 2;

struct Address {
  std::string host;
  int port = 0;
};

std::optional<Address> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  int port = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port < 0 || port > 65535)
    return std::nullopt;
  return Address{host.empty() ? "0.0.0.0" : std::string(host), port};
}

/// Both files into the context of a server (SSL_CTX) or of one connection (SSL).
bool use_files(SSL& connection, const TlsFiles& files) {
  return SSL_use_certificate_chain_file(&connection, files.certificate.c_str()) == 1 &&
         SSL_use_PrivateKey_file(&connection, files.key.c_str(), SSL_FILETYPE_PEM) == 1 &&
         SSL_check_private_key(&connection) == 1;
}

int on_certificate_wanted(SSL* connection, void* files) {
  return use_files(*connection, *static_cast<const TlsFiles*>(files)) ? 1 : 0;
}

/// `files` must outlive the context.
bool set_up_tls(SSL_CTX& context, const TlsFiles& files) {
  SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION);
  SSL_CTX_set_cert_cb(&context, on_certificate_wanted, const_cast<TlsFiles*>(&files));
  const std::unique_ptr<SSL, decltype(&SSL_free)> trial(SSL_new(&context), &SSL_free);
  return trial != nullptr && use_files(*trial, files);
}

const HttpServer::Pages::value_type* find_page(const HttpServer::Pages& pages, const std::string& path) {
  for (const auto& page : pages) {
    if (path == page.first || path.starts_with(page.first + "/")) return &page;
  }
  return nullptr;
}

void answer(const HttpServer::Pages& pages, const httplib::Request& request, httplib::Response& response) {
  if (request.method != "GET" && request.method != "HEAD") {
    response.status = 405;
    response.set_header("Allow", "GET, HEAD");
    return;
  }
  const auto* page = find_page(pages, request.path);
  if (page == nullptr) {
    response.status = 404;
    response.set_content("not found\n", "text/plain; charset=utf-8");
    return;
  }
  HttpAnswer said = page->second({.path = request.path, .verbose = request.has_param("verbose")});
  response.status = said.status;
  response.set_content(std::move(said.body), said.type.c_str());
}

}  // namespace

struct HttpServer::Running {
  std::unique_ptr<httplib::Server> server;
  std::atomic<bool> ended = false;
  std::thread thread{};
};

HttpServer::HttpServer(Pages pages, std::optional<TlsFiles> tls)
    : pages_(std::move(pages)), tls_(std::move(tls)) {}

HttpServer::~HttpServer() {
  stop();
}

tl::expected<int, std::string> HttpServer::start(const std::string& address) {
  const auto where = parse_address(address);
  if (!where)
    return tl::unexpected("'" + address + "' is no address to serve on; write host:port, such as :9800");
  auto server = tls_ ? std::make_unique<httplib::SSLServer>(
                           [this](SSL_CTX& context) { return set_up_tls(context, *tls_); })
                     : std::make_unique<httplib::Server>();
  if (!server->is_valid()) {
    return tl::unexpected("the certificate " + tls_->certificate.string() + " and the key " +
                          tls_->key.string() +
                          " cannot be used; write PEM files that can be read and belong together");
  }
  server->new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server->set_keep_alive_max_count(1);  // a scraper that keeps its connection would keep a thread
  server->set_read_timeout(kReadSeconds);
  server->set_write_timeout(kReadSeconds);
  server->set_tcp_nodelay(true);
  // Its default, SO_REUSEPORT, would let two operators share a port unseen.
  server->set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  // Before a body is read, whatever the method.
  server->set_pre_routing_handler([this](const auto& request, auto& response) {
    answer(pages_, request, response);
    return httplib::Server::HandlerResponse::Handled;
  });
  const int port = where->port != 0 ? (server->bind_to_port(where->host, where->port) ? where->port : -1)
                                    : server->bind_to_any_port(where->host);
  if (port < 0) return tl::unexpected("cannot serve on " + address + "; is the port in use?");
  running_ = std::make_unique<Running>();
  running_->server = std::move(server);
  running_->thread = std::thread([running = running_.get()] {
    running->server->listen_after_bind();
    running->ended = true;
  });
  // Only a server that runs can be stopped.
  while (!running_->server->is_running() && !running_->ended) std::this_thread::yield();
  return port;
}

void HttpServer::stop() {
  if (!running_) return;
  running_->server->stop();
  running_->thread.join();
  running_.reset();
}

}  // namespace seraphim::op
