#include "stop_signal.h"

#include <pthread.h>

#include <csignal>
#include <ctime>

namespace seraphim::demo {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void hold_stop_signals() {
  const auto set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  (void)std::signal(SIGPIPE, SIG_IGN);  // a peer that went away is an error of that one write
}

void wait_for_stop_signal() {
  const auto set = stop_signals();
  int signal = 0;
  while (sigwait(&set, &signal) != 0) {
  }
}

bool wait_for_stop_signal_until(std::chrono::steady_clock::time_point deadline) {
  using namespace std::chrono;
  const auto set = stop_signals();
  while (true) {
    const auto left = duration_cast<nanoseconds>(deadline - steady_clock::now());
    if (left <= nanoseconds{0}) return false;
    const auto whole = duration_cast<seconds>(left);
    const timespec wait{static_cast<time_t>(whole.count()), static_cast<long>((left - whole).count())};
    if (sigtimedwait(&set, nullptr, &wait) > 0) return true;
  }
}

}  // namespace seraphim::demo
