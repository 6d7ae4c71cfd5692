#include "kubernetes/workers.h"

#include <exception>
#include <utility>

namespace seraphim::kubernetes {

namespace {

using Report = std::function<void(const ObjectKey&, const std::string& why)>;

ReconcileOutcome guarded(const Reconcile& reconcile, const ObjectKey& key, const std::stop_token& stop) {
  try {
    return reconcile(key, stop);
  } catch (const std::exception& error) {
    return ReconcileAgain{.why = error.what()};
  } catch (...) {
    return ReconcileAgain{.why = "an exception of an unknown type"};
  }
}

void tell(const Report& report, const ObjectKey& key, const std::string& why) {
  if (!report) return;
  try {
    report(key, why);
  } catch (...) {  // a log line is not worth a worker
  }
}

void look(WorkQueue& queue, const ObjectKey& key, const Reconcile& reconcile, const Clock& clock,
          const std::stop_token& stop, const Report& report) {
  const ReconcileOutcome outcome = guarded(reconcile, key, stop);
  const SteadyTime now = clock.steady();
  if (const auto* success = std::get_if<ReconcileDone>(&outcome)) {
    queue.forget(key);
    if (success->look_again) queue.add_after(key, *success->look_again, now);
  } else {
    const auto& again = std::get<ReconcileAgain>(outcome);
    tell(report, key, again.why);
    queue.add_rate_limited(key, now, again.at_least);
  }
  queue.done(key, now);
}

}  // namespace

bool work_once(WorkQueue& queue, const Reconcile& reconcile, const Clock& clock, const std::stop_token& stop,
               const Report& report) {
  const auto key = queue.try_take(clock.steady());
  if (!key) return false;
  look(queue, *key, reconcile, clock, stop, report);
  return true;
}

Workers::Workers(WorkQueue& queue, Reconcile reconcile, const Clock& clock, Report report)
    : queue_(queue), reconcile_(std::move(reconcile)), clock_(clock), report_(std::move(report)) {}

Workers::~Workers() {
  stop({});
}

void Workers::start(int threads) {
  const std::lock_guard lock(mutex_);
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { run(); });
    ++running_;
  }
}

void Workers::run() {
  while (const auto key = queue_.take(clock_, hurry_.get_token())) {
    look(queue_, *key, reconcile_, clock_, hurry_.get_token(), report_);
  }
  const std::lock_guard lock(mutex_);
  --running_;
  ended_.notify_all();
}

void Workers::stop(std::chrono::milliseconds drain) {
  queue_.close();
  std::vector<std::jthread> leaving;
  {
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, drain, [this] { return running_ == 0; });
    leaving.swap(threads_);
  }
  hurry_.request_stop();
  leaving.clear();  // joins
}

}  // namespace seraphim::kubernetes
