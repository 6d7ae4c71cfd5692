// The load generator's books: totals, the current second, and one window for each stretch that a test has
// named.
#pragma once

#include <deque>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "window.h"

namespace seraphim::demo {

/// Example: `const auto id = tally.sent(); ... tally.done(id, result);`. Safe to use from several threads.
class Tally {
 public:
  /// Names the window that a request was sent in.
  using WindowId = std::size_t;

  /// Begins with a window named "start".
  explicit Tally(EpochMs now);

  WindowId sent();
  void done(WindowId window, const Result& result);
  void missed(Missed reason);

  /// Ends the current window and begins another; false, and nothing changes, when the name is taken or empty.
  bool mark(const std::string& name, EpochMs now);

  /// Counts since the last call, and the first failures by version since the very start.
  nlohmann::json take_second(EpochMs now);

  /// Totals, and `windows`: all of them, in order.
  nlohmann::json full() const;

  std::uint64_t missed_total() const;

 private:
  mutable std::mutex mutex_;
  Window total_;
  Window second_;
  std::deque<Window> windows_;
};

}  // namespace seraphim::demo
