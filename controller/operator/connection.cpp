#include "operator/connection.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace seraphim::op {
namespace {

constexpr std::size_t kChunk = 4096;
constexpr std::size_t kMostThrownAway = 64u << 10;

}  // namespace

Descriptor::~Descriptor() {
  if (value_ >= 0) close(value_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this == &other) return *this;
  if (value_ >= 0) close(value_);
  value_ = other.release();
  return *this;
}

int Descriptor::release() {
  return std::exchange(value_, -1);
}

Connection::Connection(Descriptor socket, int stop, TimePoint deadline, SSL_CTX* tls)
    : socket_(std::move(socket)),
      stop_(stop),
      deadline_(deadline),
      tls_(tls == nullptr ? nullptr : SSL_new(tls), &SSL_free) {
  if (tls == nullptr) return;
  usable_ = tls_ != nullptr && SSL_set_fd(tls_.get(), socket_.get()) == 1 && shake_hands();
}

Connection::~Connection() = default;

bool Connection::wait(short events) const {
  std::array<pollfd, 2> watched{{{socket_.get(), events, 0}, {stop_, POLLIN, 0}}};
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    const int ready = poll(watched.data(), watched.size(), static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    return ready > 0 && watched[1].revents == 0;
  }
}

bool Connection::again(int result) const {
  const int error = SSL_get_error(tls_.get(), result);
  if (error == SSL_ERROR_WANT_READ) return wait(POLLIN);
  return error == SSL_ERROR_WANT_WRITE && wait(POLLOUT);
}

bool Connection::shake_hands() {
  for (;;) {
    ERR_clear_error();
    const int result = SSL_accept(tls_.get());
    if (result == 1) return true;
    if (!again(result)) return false;
  }
}

std::size_t Connection::read_some(char* buffer, std::size_t size) {
  while (usable_) {
    if (tls_) {
      ERR_clear_error();
      std::size_t count = 0;
      const int result = SSL_read_ex(tls_.get(), buffer, size, &count);
      if (result == 1) return count;
      if (!again(result)) break;
    } else {
      const auto count = recv(socket_.get(), buffer, size, 0);
      if (count > 0) return static_cast<std::size_t>(count);
      const bool later = count < 0 && (errno == EAGAIN || errno == EINTR);
      if (!later || !wait(POLLIN)) break;
    }
  }
  usable_ = false;
  return 0;
}

std::optional<std::string> Connection::read_head(std::size_t most) {
  std::string head;
  std::array<char, kChunk> buffer{};
  while (head.size() < most) {
    const auto count = read_some(buffer.data(), std::min(buffer.size(), most - head.size()));
    if (count == 0) return std::nullopt;
    head.append(buffer.data(), count);
    if (head.find("\r\n\r\n") != std::string::npos || head.find("\n\n") != std::string::npos) return head;
  }
  return head;
}

bool Connection::write(std::string_view bytes) {
  while (usable_ && !bytes.empty()) {
    std::size_t count = 0;
    if (tls_) {
      ERR_clear_error();
      const int result = SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &count);
      if (result != 1 && !again(result)) usable_ = false;
    } else {
      const auto sent = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      const bool later = sent < 0 && (errno == EAGAIN || errno == EINTR);
      if (sent > 0) count = static_cast<std::size_t>(sent);
      if (sent <= 0 && (!later || !wait(POLLOUT))) usable_ = false;
    }
    bytes.remove_prefix(count);
  }
  return usable_;
}

void Connection::finish() {
  if (!usable_) return;
  if (tls_) SSL_shutdown(tls_.get());
  // Closing with bytes unread would take back the answer (RST).
  shutdown(socket_.get(), SHUT_WR);
  std::array<char, kChunk> buffer{};
  std::size_t thrown_away = 0;
  while (thrown_away < kMostThrownAway) {
    const auto count = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (count > 0) {
      thrown_away += static_cast<std::size_t>(count);
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR) || !wait(POLLIN)) {
      return;
    }
  }
}

}  // namespace seraphim::op
