// Signals as something to wait for (runtime rule 34).
#pragma once

#include <chrono>
#include <csignal>
#include <optional>
#include <vector>

namespace seraphim::kubernetes {

/// Blocks SIGTERM, SIGINT and `others` for this thread and those it starts; make one before any other thread
/// exists, and only one. The destructor, on the same thread, gives this thread its signals back; one that
/// nobody waited for is swallowed. SIGPIPE is ignored from the first one on, for the whole process and for
/// good: a peer that closes a connection is an error of that write and nobody's end. No handler ever runs.
class ShutdownSignals {
 public:
  /// Throws std::system_error when the system is out of descriptors.
  explicit ShutdownSignals(const std::vector<int>& others = {});
  ~ShutdownSignals();
  ShutdownSignals(const ShutdownSignals&) = delete;
  ShutdownSignals& operator=(const ShutdownSignals&) = delete;

  /// The signal's number when one arrives within the time; nothing otherwise. Each arrival is told once: ask
  /// again for the second one.
  std::optional<int> wait_for(std::chrono::milliseconds time);
  /// Another thread may end a wait_for() early; it then returns nothing. One that is not waiting yet ends at
  /// once.
  void interrupt();

 private:
  sigset_t previous_{};
  int signal_fd_ = -1, wake_fd_ = -1;
};

}  // namespace seraphim::kubernetes
