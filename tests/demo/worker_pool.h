// Threads that each own one connection; the one that was free last is asked first.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace seraphim::demo {

/// One request to be sent.
struct Ticket {
  std::chrono::steady_clock::time_point due;
};

/// Last-in, first-out on purpose: few connections stay hot and are never idle for long, and there are no more
/// of them than the latency needs. Workers are created when first needed.
class WorkerPool {
 public:
  using Send = std::function<void(const Ticket&)>;

  /// `make_send` is called once in each worker's thread; what it returns is used by that thread only.
  WorkerPool(std::size_t limit, std::function<Send()> make_send);
  /// Waits for every ticket handed out.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Hands the ticket to a worker; false when all of them are busy and there may be no more.
  bool dispatch(const Ticket& ticket);

  /// Workers created so far: the most that were ever busy at once.
  std::size_t size() const;

 private:
  struct Worker {
    std::optional<Ticket> ticket;
    std::condition_variable wake;
    std::thread thread;
  };

  void run(Worker& self);
  void add_worker(const Ticket& first);

  const std::size_t limit_;
  const std::function<Send()> make_send_;
  mutable std::mutex mutex_;
  bool stopping_ = false;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<Worker*> idle_;  ///< a stack
};

}  // namespace seraphim::demo
