// One HTTP exchange in flight: the network threads put bytes in, the thread of the caller takes them out.
// Bounded: put() asks the network side to wait once too much is unread, which throttles the socket
// (docs/runtime.md 1a). Shared by both sides through a shared_ptr, so that neither can outlive it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "kubernetes/transport.h"

namespace seraphim::kubernetes {

class Exchange {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Wake { data, finished, stopped, timeout };

  /// `capacity`: unread bytes above which put() makes the network wait. `guard` is freed with the exchange.
  Exchange(std::size_t capacity, std::shared_ptr<void> guard)
      : capacity_(capacity), guard_(std::move(guard)) {}

  // Network side. Never blocks.
  /// Keeps a copy. True: go on at once; false: go on when `resume` is called (exactly once, on the caller's
  /// thread).
  bool put(std::string_view bytes, std::function<void()> resume);
  /// The head of the request went out: from now on the server may have seen it, also when a replay fails to
  /// connect.
  void note_sent();
  void set_head(int http, std::optional<std::chrono::milliseconds> retry_after);
  /// The last word of the network side; `error` is none for a complete body. `sent` is or-ed with
  /// note_sent().
  void finish(TransportError error, std::string detail, bool sent);

  // Caller's side.
  /// Waits for `at_least` unread bytes (and the head), the end, a stop request, or `until`.
  Wake wait(Clock::time_point until, const std::stop_token& stop, std::size_t at_least);
  /// All unread bytes; lets the network go on.
  std::string take();
  /// From now on bytes are dropped on arrival: the network side must run to its end after a cancel.
  void discard();
  /// False when the network side did not end in time.
  bool wait_finished(Clock::time_point until);
  /// What is known so far.
  CallStatus status() const;

 private:
  void resume_network(std::unique_lock<std::mutex> lock);

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::string unread_;
  std::function<void()> resume_;  // set while the network side waits
  CallStatus status_;
  bool head_ = false, finished_ = false, discarding_ = false;
  std::shared_ptr<void> guard_;
};

}  // namespace seraphim::kubernetes
