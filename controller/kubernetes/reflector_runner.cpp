#include "kubernetes/reflector_runner.h"

#include <condition_variable>
#include <utility>

namespace seraphim::kubernetes {
namespace {

template <typename... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <typename... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

ReflectorRunner::ReflectorRunner(Transport& transport, ReflectorOptions options, ReflectorSink& sink,
                                 const Clock& clock, Random random,
                                 std::function<void(const std::string&)> report)
    : transport_(transport),
      clock_(clock),
      report_(std::move(report)),
      reflector_(std::move(options), sink, std::move(random)) {}

ReflectorRunner::~ReflectorRunner() {
  stop();
}

void ReflectorRunner::start() {
  if (thread_.joinable()) return;
  set_active(clock_.steady());
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void ReflectorRunner::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

ReflectorStats ReflectorRunner::stats() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

std::optional<SteadyTime> ReflectorRunner::last_active() const {
  const std::lock_guard lock(mutex_);
  return last_active_;
}

void ReflectorRunner::set_active(std::optional<SteadyTime> when) {
  const std::lock_guard lock(mutex_);
  last_active_ = when;
}

void ReflectorRunner::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const Reflector::Step step = reflector_.next(clock_.steady());
    publish();
    std::visit(Overloaded{
                   [&](const Reflector::Wait& pause) { wait(pause.until, stop); },
                   [&](const Reflector::List& list) {
                     const Response response = transport_.call(list.request, list.timeout, stop);
                     reflector_.on_list(response, clock_.steady());
                   },
                   [&](const Reflector::Watch& stream) { watch(stream, stop); },
               },
               step);
    publish();
  }
  set_active(std::nullopt);
}

void ReflectorRunner::wait(SteadyTime until, const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any stopped;
  stopped.wait_for(lock, stop, until - clock_.steady(), [] { return false; });
}

void ReflectorRunner::watch(const Reflector::Watch& watch, const std::stop_token& stop) {
  struct Lines final : LineSink {
    explicit Lines(ReflectorRunner& owner) : runner(owner) {}
    Flow on_line(std::string_view line) override {
      const Flow flow = runner.reflector_.on_line(line, runner.clock_.steady());
      runner.publish();
      return flow;
    }
    ReflectorRunner& runner;
  } lines(*this);
  const CallStatus status = transport_.stream(watch.request, watch.idle, stop, lines);
  reflector_.on_watch_end(status, clock_.steady());
}

/// For stats(); a new failure is told to people.
void ReflectorRunner::publish() {
  const ReflectorStats& now = reflector_.stats();
  bool failed = false;
  {
    const std::lock_guard lock(mutex_);
    failed = now.failures != published_.failures;
    published_ = now;
    last_active_ = clock_.steady();
  }
  if (failed && report_) report_(now.last_failure);
}

}  // namespace seraphim::kubernetes
