#include "worker_pool.h"

#include <utility>

namespace seraphim::demo {

WorkerPool::WorkerPool(std::size_t limit, std::function<Send()> make_send)
    : limit_(limit), make_send_(std::move(make_send)) {}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (auto& worker : workers_) worker->wake.notify_one();
  }
  for (auto& worker : workers_) worker->thread.join();
}

bool WorkerPool::dispatch(const Ticket& ticket) {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) {
    if (workers_.size() == limit_) return false;
    add_worker(ticket);
    return true;
  }
  Worker* worker = idle_.back();
  idle_.pop_back();
  worker->ticket = ticket;
  worker->wake.notify_one();
  return true;
}

std::size_t WorkerPool::size() const {
  const std::lock_guard lock(mutex_);
  return workers_.size();
}

void WorkerPool::add_worker(const Ticket& first) {
  auto& worker = *workers_.emplace_back(std::make_unique<Worker>());
  worker.ticket = first;
  worker.thread = std::thread([this, &worker] { run(worker); });
}

void WorkerPool::run(Worker& self) {
  const Send send = make_send_();
  std::unique_lock lock(mutex_);
  while (true) {
    self.wake.wait(lock, [&] { return self.ticket.has_value() || stopping_; });
    if (!self.ticket) return;
    const Ticket ticket = *std::exchange(self.ticket, std::nullopt);
    lock.unlock();
    send(ticket);
    lock.lock();
    idle_.push_back(&self);
  }
}

}  // namespace seraphim::demo
