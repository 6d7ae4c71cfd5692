#include "kubernetes/misbehaving_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <sstream>
#include <stdexcept>

namespace seraphim::kubernetes::testing {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kSlice{20};        // how quickly a blocked connection notices the end of the test
constexpr milliseconds kForEver{60'000};  // no script waits longer than this

std::shared_ptr<BIO> reader(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free};
}

std::shared_ptr<X509> certificate_of(const std::string& pem) {
  return {PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr), X509_free};
}

std::shared_ptr<SSL_CTX> make_context(const ServerOptions& options) {
  if (!options.identity) return nullptr;
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  const std::shared_ptr<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(reader(options.identity->private_key_pem).get(), nullptr, nullptr, nullptr),
      EVP_PKEY_free);
  SSL_CTX_use_certificate(context.get(), certificate_of(options.identity->certificate_pem).get());
  SSL_CTX_use_PrivateKey(context.get(), key.get());
  if (!options.client_ca_pem.empty()) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), certificate_of(options.client_ca_pem).get());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

std::string common_name_of_peer(SSL* ssl) {
  const std::shared_ptr<X509> peer(SSL_get1_peer_certificate(ssl), X509_free);
  if (!peer) return {};
  std::array<char, 128> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(peer.get()), NID_commonName, name.data(), name.size());
  return name.data();
}

SeenRequest parse_head(const std::string& head) {
  SeenRequest request;
  std::istringstream lines(head);
  std::string line;
  lines >> request.method >> request.target;
  std::getline(lines, line);
  while (std::getline(lines, line) && line != "\r") {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    std::string name = line.substr(0, colon);
    std::ranges::transform(name, name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string value = line.substr(colon + 1);
    while (!value.empty() && std::isspace(static_cast<unsigned char>(value.back()))) value.pop_back();
    value.erase(0, value.find_first_not_of(' '));
    request.headers.emplace(std::move(name), std::move(value));
  }
  return request;
}

}  // namespace

Connection::Connection(MisbehavingServer& server, int socket, int index)
    : server_(server), socket_(socket), index_(index) {
  fcntl(socket_, F_SETFL, O_NONBLOCK);
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Connection::~Connection() {
  cut();
}

Connection::Ready Connection::poll_for(short events, milliseconds limit) const {
  const auto until = std::chrono::steady_clock::now() + limit;
  do {
    if (server_.stopping_) return Ready::stopped;
    pollfd item{.fd = socket_, .events = events, .revents = 0};
    if (::poll(&item, 1, static_cast<int>(std::min(limit, kSlice).count())) > 0) return Ready::yes;
  } while (std::chrono::steady_clock::now() < until);
  return Ready::no;
}

bool Connection::shake_hands() {
  if (!server_.context_) return true;
  ssl_.reset(SSL_new(server_.context_.get()), SSL_free);
  SSL_set_fd(ssl_.get(), socket_);
  for (;;) {
    const int result = SSL_accept(ssl_.get());
    if (result == 1) return true;
    const int error = SSL_get_error(ssl_.get(), result);
    ERR_clear_error();
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return false;
    if (poll_for(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, kForEver) != Ready::yes) return false;
  }
}

/// 0: the peer closed; -1: nothing came in time.
long Connection::read_some(char* buffer, std::size_t size, milliseconds limit) {
  for (;;) {
    if (socket_ < 0) return 0;
    const long got =
        ssl_ ? SSL_read(ssl_.get(), buffer, static_cast<int>(size)) : ::recv(socket_, buffer, size, 0);
    if (got > 0) return got;
    const bool again = ssl_ ? SSL_get_error(ssl_.get(), static_cast<int>(got)) == SSL_ERROR_WANT_READ
                            : got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    ERR_clear_error();
    if (!again) return 0;
    const auto ready = poll_for(POLLIN, limit);
    if (ready == Ready::stopped) return 0;
    if (ready == Ready::no) return -1;
  }
}

std::optional<SeenRequest> Connection::read_request() {
  std::array<char, 16384> buffer{};
  const auto read_more = [&] {
    const long got = read_some(buffer.data(), buffer.size(), kForEver);
    if (got > 0) unread_.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
  };
  std::size_t end = 0;
  while ((end = unread_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return std::nullopt;
  }
  SeenRequest request = parse_head(unread_.substr(0, end + 2));
  unread_.erase(0, end + 4);
  const auto length = request.headers.find("content-length");
  const std::size_t size = length == request.headers.end() ? 0 : std::stoul(length->second);
  while (unread_.size() < size) {
    if (!read_more()) return std::nullopt;
  }
  request.body = unread_.substr(0, size);
  unread_.erase(0, size);
  request.connection = index_;
  if (ssl_) request.client_common_name = common_name_of_peer(ssl_.get());
  server_.note(request);
  return request;
}

bool Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (socket_ < 0) return false;
    const auto piece = bytes.substr(0, 16384);
    const long sent = ssl_ ? SSL_write(ssl_.get(), piece.data(), static_cast<int>(piece.size()))
                           : ::send(socket_, piece.data(), piece.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      server_.bytes_sent_ += static_cast<std::uint64_t>(sent);
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    const bool again = ssl_ ? SSL_get_error(ssl_.get(), static_cast<int>(sent)) == SSL_ERROR_WANT_WRITE
                            : errno == EAGAIN || errno == EWOULDBLOCK;
    ERR_clear_error();
    if (!again) return false;
    if (poll_for(POLLOUT, MisbehavingServer::kStall) == Ready::no) server_.note_stalled();
    if (server_.stopping_) return false;
  }
  return true;
}

bool Connection::respond(int status, std::string_view body, std::string_view headers) {
  std::ostringstream text;
  text << "HTTP/1.1 " << status << " Status\r\nContent-Length: " << body.size() << "\r\n"
       << headers << "\r\n"
       << body;
  return send(text.str());
}

bool Connection::chunk(std::string_view bytes) {
  std::ostringstream text;
  text << std::hex << bytes.size() << "\r\n" << bytes << "\r\n";
  return send(text.str());
}

bool Connection::wait_for_peer_close(milliseconds limit) {
  std::array<char, 4096> buffer{};
  for (;;) {
    const long got = read_some(buffer.data(), buffer.size(), limit);
    if (got <= 0) return got == 0;
  }
}

void Connection::signal_server() {
  server_.signal();
}

void Connection::cut() {
  ssl_.reset();
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

void Connection::reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  if (socket_ >= 0) setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  cut();
}

MisbehavingServer::MisbehavingServer(ServerOptions options, Script script)
    : options_(std::move(options)), script_(std::move(script)), context_(make_context(options_)) {
  (void)std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  sockaddr_storage storage{};
  socklen_t size = options_.ipv6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (options_.ipv6) {
    reinterpret_cast<sockaddr_in6*>(address)->sin6_addr = in6addr_loopback;
  } else {
    if (inet_pton(AF_INET, options_.address.c_str(), &reinterpret_cast<sockaddr_in*>(address)->sin_addr) != 1)
      throw std::runtime_error("not an IPv4 address: " + options_.address);
  }
  storage.ss_family = options_.ipv6 ? AF_INET6 : AF_INET;
  listener_ = ::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(listener_, address, size) != 0 || ::listen(listener_, 64) != 0)
    throw std::runtime_error("cannot listen");
  ::getsockname(listener_, address, &size);
  port_ = ntohs(options_.ipv6 ? reinterpret_cast<sockaddr_in6*>(address)->sin6_port
                              : reinterpret_cast<sockaddr_in*>(address)->sin_port);
  acceptor_ = std::jthread([this](const std::stop_token& stop) { accept_loop(stop); });
}

MisbehavingServer::~MisbehavingServer() {
  stopping_ = true;
  acceptor_.request_stop();
  acceptor_.join();
  workers_.clear();
}

std::string MisbehavingServer::url(const std::string& host) const {
  return (context_ ? "https://" : "http://") + (host.empty() ? options_.address : host) + ":" +
         std::to_string(port_);
}

void MisbehavingServer::accept_loop(const std::stop_token& stop) {
  while (!stop.stop_requested() && !refusing_) {
    pollfd item{.fd = listener_, .events = POLLIN, .revents = 0};
    if (::poll(&item, 1, static_cast<int>(kSlice.count())) <= 0) continue;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const int index = ++connections_;
    workers_.emplace_back([this, socket, index] {
      Connection connection(*this, socket, index);
      if (!options_.handshake) {
        signal();
        connection.wait_for_peer_close(kForEver);
      } else if (connection.shake_hands()) {
        script_(connection);
      }
    });
  }
  ::close(listener_);
  const std::lock_guard lock(mutex_);
  listener_ = -1;
  changed_.notify_all();
}

void MisbehavingServer::stop_listening() {
  refusing_ = true;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return listener_ < 0; });
}

std::vector<SeenRequest> MisbehavingServer::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

void MisbehavingServer::note(SeenRequest request) {
  const std::lock_guard lock(mutex_);
  seen_.push_back(std::move(request));
  changed_.notify_all();
}

void MisbehavingServer::note_stalled() {
  const std::lock_guard lock(mutex_);
  stalled_ = true;
  changed_.notify_all();
}

bool MisbehavingServer::wait_until_stalled(milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return stalled_; });
}

void MisbehavingServer::signal() {
  const std::lock_guard lock(mutex_);
  ++signals_;
  changed_.notify_all();
}

bool MisbehavingServer::wait_for_signals(int count, milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [&] { return signals_ >= count; });
}

}  // namespace seraphim::kubernetes::testing
