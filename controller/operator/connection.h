// One accepted connection of the HTTP server: bounded in time and in what is read, by TLS or plain.
#pragma once

#include <openssl/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace seraphim::op {

/// A file descriptor that is closed with the object.
class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : value_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  int get() const { return value_; }
  int release();

 private:
  int value_;
};

/// For one thread. Everything fails once `deadline` has passed, `stop` is readable, or the peer is gone.
class Connection {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// The socket must not block. `tls` null: plain.
  Connection(Descriptor socket, int stop, TimePoint deadline, SSL_CTX* tls);
  ~Connection();

  /// Everything up to a blank line; what `most` bytes do not hold is cut off there. Nothing when no whole
  /// head came.
  std::optional<std::string> read_head(std::size_t most);
  bool write(std::string_view bytes);
  /// Lets the peer read what was written, though it may still be sending.
  void finish();

 private:
  bool wait(short events) const;
  bool shake_hands();
  /// The number of bytes, 0 at the end or on failure.
  std::size_t read_some(char* buffer, std::size_t size);
  /// What to do after `result` of a TLS call: true to try it once more.
  bool again(int result) const;

  const Descriptor socket_;
  const int stop_;
  const TimePoint deadline_;
  std::unique_ptr<SSL, void (*)(SSL*)> tls_;
  bool usable_ = true;
};

}  // namespace seraphim::op
