#include "operator/torch_serve_runner.h"

#include <algorithm>

namespace seraphim::op {
namespace {

// Models that are loaded at the same time; the others wait their turn.
constexpr std::size_t kMostJobs = 16;

}  // namespace

TorchServeRunner::TorchServeRunner(workload::TorchServes& torch_serves, kubernetes::WorkQueue& queue,
                                   const kubernetes::Clock& clock)
    : torch_serves_(torch_serves), queue_(queue), clock_(clock) {
  torch_serves_.watch.on_sooner([this] { wake_up(); });
  torch_serves_.orders.on_sooner([this] { wake_up(); });
}

TorchServeRunner::~TorchServeRunner() {
  stop();
}

void TorchServeRunner::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void TorchServeRunner::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  for (Job& job : jobs_) job.thread.request_stop();
  jobs_.clear();
}

void TorchServeRunner::wake_up() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_one();
}

void TorchServeRunner::begin_orders() {
  std::erase_if(jobs_, [](const Job& job) { return job.ended.load(); });
  for (const auto& order : torch_serves_.orders.take_due(kMostJobs - jobs_.size())) {
    Job& job = jobs_.emplace_back();
    job.thread = std::jthread([this, order, &job](const std::stop_token& stop) {
      if (torch_serves_.orders.carry_out(order, stop)) queue_.add(order.by, clock_.steady());
      torch_serves_.watch.look_soon(order.what.on);
      job.ended = true;
      wake_up();
    });
  }
}

std::optional<kubernetes::SteadyTime> TorchServeRunner::next_due() const {
  auto next = torch_serves_.watch.next_due();
  if (jobs_.size() >= kMostJobs) return next;  // the end of a job wakes
  const auto order = torch_serves_.orders.next_due();
  return next && order ? std::min(*next, *order) : (next ? next : order);
}

void TorchServeRunner::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    begin_orders();
    for (const auto& key : torch_serves_.watch.step(stop)) queue_.add(key, clock_.steady());
    std::unique_lock lock(mutex_);
    const auto woken = [this] { return woken_; };
    if (const auto due = next_due()) {
      wake_.wait_until(lock, stop, *due, woken);
    } else {
      wake_.wait(lock, stop, woken);
    }
    woken_ = false;
  }
}

}  // namespace seraphim::op
