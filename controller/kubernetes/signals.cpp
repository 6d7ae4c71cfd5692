#include "kubernetes/signals.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <system_error>

#include "kubernetes/clock.h"

namespace seraphim::kubernetes {

namespace {

sigset_t shutdown_set(const std::vector<int>& others) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  for (const int number : others) sigaddset(&set, number);
  return set;
}

std::optional<int> read_signal(int fd) {
  signalfd_siginfo info{};
  if (read(fd, &info, sizeof info) != sizeof info) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

int poll_timeout(std::chrono::milliseconds time) {
  const std::chrono::milliseconds longest(std::numeric_limits<int>::max());
  return static_cast<int>(std::clamp(time, std::chrono::milliseconds(0), longest).count());
}

}  // namespace

ShutdownSignals::ShutdownSignals(const std::vector<int>& others) {
  const sigset_t set = shutdown_set(others);
  signal_fd_ = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (signal_fd_ < 0 || wake_fd_ < 0) {
    const int error = errno;
    if (signal_fd_ >= 0) close(signal_fd_);
    throw std::system_error(error, std::generic_category(), "cannot wait for signals");
  }
  pthread_sigmask(SIG_BLOCK, &set, &previous_);
  (void)signal(SIGPIPE, SIG_IGN);
}

ShutdownSignals::~ShutdownSignals() {
  while (read_signal(signal_fd_)) {
  }
  pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
  close(signal_fd_);
  close(wake_fd_);
}

std::optional<int> ShutdownSignals::wait_for(std::chrono::milliseconds time) {
  const SteadyTime start = system_clock().steady();
  std::array<pollfd, 2> watched{{{signal_fd_, POLLIN, 0}, {wake_fd_, POLLIN, 0}}};
  for (auto left = time;;) {
    const int ready = poll(watched.data(), watched.size(), poll_timeout(left));
    if (ready == 0) return std::nullopt;
    if (ready > 0) {
      if (const auto number = read_signal(signal_fd_)) return number;
      std::uint64_t wakes = 0;
      if (read(wake_fd_, &wakes, sizeof wakes) == sizeof wakes) return std::nullopt;
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "cannot wait for signals");
    }
    // Interrupted (a debugger, a stopped process), or another waiter was faster: wait for the rest.
    left = time - std::chrono::floor<std::chrono::milliseconds>(system_clock().steady() - start);
  }
}

void ShutdownSignals::interrupt() {
  const std::uint64_t one = 1;
  // It can fail only when a wakeup is waiting already, and that serves as well.
  [[maybe_unused]] const auto written = write(wake_fd_, &one, sizeof one);
}

}  // namespace seraphim::kubernetes
