// The answers that a server has begun to give and not yet written out: a server that ends waits for them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace seraphim::demo {

/// Thread-safe.
class AnswersUnderWay {
 public:
  void begin();
  void end();
  int count() const;

  /// From here on every answer asks its client to use another connection.
  void start_ending();
  bool ending() const;

  /// Waits until none has been under way for `quiet`: a request may be on a connection and not read yet.
  /// False when that has not come within `patience`.
  bool wait_until_quiet(std::chrono::milliseconds quiet, std::chrono::milliseconds patience);

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
  bool ending_ = false;
};

}  // namespace seraphim::demo
