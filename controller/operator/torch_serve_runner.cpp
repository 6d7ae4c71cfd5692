#include "operator/torch_serve_runner.h"

#include <algorithm>
#include <utility>

namespace seraphim::op {
namespace {

// Models that are loaded at the same time; the others wait their turn.
constexpr std::size_t kMostJobs = 16;

}  // namespace

TorchServeRunner::TorchServeRunner(workload::TorchServes& torch_serves, kubernetes::WorkQueue& queue,
                                   const kubernetes::Clock& clock)
    : torch_serves_(torch_serves), queue_(queue), clock_(clock) {}

TorchServeRunner::~TorchServeRunner() {
  stop();
}

void TorchServeRunner::start() {
  asking_.start();
}

void TorchServeRunner::stop() {
  asking_.stop();
  for (Job& job : jobs_) job.thread.request_stop();
  jobs_.clear();
}

void TorchServeRunner::on_sooner(std::function<void()> wake) {
  wake_ = std::move(wake);
  torch_serves_.watch.on_sooner(wake_);
  torch_serves_.orders.on_sooner(wake_);
}

std::vector<kubernetes::ObjectKey> TorchServeRunner::step(const std::stop_token& stop) {
  begin_orders();
  return torch_serves_.watch.step(stop);
}

void TorchServeRunner::begin_orders() {
  std::erase_if(jobs_, [](const Job& job) { return job.ended.load(); });
  for (const auto& order : torch_serves_.orders.take_due(kMostJobs - jobs_.size())) {
    Job& job = jobs_.emplace_back();
    job.thread = std::jthread([this, order, &job](const std::stop_token& stop) {
      if (torch_serves_.orders.carry_out(order, stop)) queue_.add(order.by, clock_.steady());
      torch_serves_.watch.look_soon(order.what.on);
      job.ended = true;
      wake_();
    });
  }
}

std::optional<kubernetes::SteadyTime> TorchServeRunner::next_due() const {
  auto next = torch_serves_.watch.next_due();
  if (jobs_.size() >= kMostJobs) return next;  // the end of a job wakes
  const auto order = torch_serves_.orders.next_due();
  return next && order ? std::min(*next, *order) : (next ? next : order);
}

}  // namespace seraphim::op
