// How many calls may be under way at once. Waiting for a slot is bounded by the caller's own deadline.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stop_token>

namespace seraphim::kubernetes {

/// A counting semaphore that can be left by a stop request. Create with std::make_shared: a slot keeps it
/// alive.
class CallSlots : public std::enable_shared_from_this<CallSlots> {
 public:
  /// Giving the pointer up frees the slot.
  using Slot = std::shared_ptr<void>;

  explicit CallSlots(std::ptrdiff_t count) : free_(count) {}

  /// Null when the deadline passed or stop was requested first.
  Slot acquire(std::chrono::steady_clock::time_point deadline, const std::stop_token& stop);

 private:
  void release();

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::ptrdiff_t free_;
};

}  // namespace seraphim::kubernetes
