#include "kubernetes/helper_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

namespace seraphim::kubernetes {
namespace {

constexpr std::size_t kMostOutput = 1u << 20;

using Text = tl::expected<std::string, std::string>;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  void reset(int fd = -1) {
    if (fd_ >= 0) close(fd_);
    fd_ = fd;
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

/// Killed and reaped, at the latest when this goes.
class Spawned {
 public:
  explicit Spawned(pid_t pid) : pid_(pid), end_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {}
  ~Spawned() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
  }
  Spawned(const Spawned&) = delete;

  /// How it has ended; nothing when it still runs after the time.
  std::optional<int> wait(std::chrono::milliseconds longest) {
    pollfd ended{.fd = end_.get(), .events = POLLIN, .revents = 0};
    while (poll(&ended, 1, static_cast<int>(longest.count())) < 0 && errno == EINTR) continue;
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_;
  const Descriptor end_;
};

class SpawnActions {
 public:
  SpawnActions() { posix_spawn_file_actions_init(&actions_); }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

std::string_view name_of(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

/// This process' variables, less those that are given anew.
std::vector<std::string> whole_environment(const std::vector<std::string>& more) {
  std::vector<std::string> all = more;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const auto same = [&](const std::string& given) { return name_of(given) == name_of(*variable); };
    if (std::ranges::none_of(more, same)) all.emplace_back(*variable);
  }
  return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

tl::expected<pid_t, std::string> spawn(const HelperProgram& program, int output) {
  SpawnActions actions;
  posix_spawn_file_actions_adddup2(actions.get(), output, STDOUT_FILENO);
  if (!program.terminal)
    posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  std::vector<std::string> words{program.command};
  words.insert(words.end(), program.arguments.begin(), program.arguments.end());
  auto environment = whole_environment(program.environment);
  pid_t pid = -1;
  const int failed = posix_spawnp(&pid, program.command.c_str(), actions.get(), nullptr,
                                  pointers_to(words).data(), pointers_to(environment).data());
  if (failed != 0) return tl::unexpected("cannot run '" + program.command + "': " + std::strerror(failed));
  return pid;
}

class Deadline {
 public:
  Deadline(std::chrono::milliseconds longest, const Clock& clock)
      : clock_(clock), end_(clock.steady() + longest) {}
  int left() const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - clock_.steady());
    return static_cast<int>(std::max<std::int64_t>(0, left.count()));
  }

 private:
  const Clock& clock_;
  const SteadyTime end_;
};

/// Everything up to the end of the output; the error is why it was given up.
Text read_all_of(int fd, const Deadline& deadline) {
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    pollfd readable{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = poll(&readable, 1, deadline.left());
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return tl::unexpected(std::string("gave no answer in time"));
    const ssize_t got = read(fd, part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
    if (text.size() > kMostOutput) return tl::unexpected(std::string("wrote more than a megabyte"));
  }
}

}  // namespace

Text output_of(const HelperProgram& program, std::chrono::milliseconds longest, const Clock& clock) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return tl::unexpected(std::string("cannot make a pipe: ") + std::strerror(errno));
  const Descriptor from(ends[0]);
  Descriptor to(ends[1]);
  const auto pid = spawn(program, to.get());
  if (!pid) return tl::unexpected(pid.error());
  Spawned spawned(*pid);
  to.reset();  // else the end of its output would never be seen
  const Deadline deadline(longest, clock);
  const std::string who = "'" + program.command + "' ";
  auto text = read_all_of(from.get(), deadline);
  if (!text) return tl::unexpected(who + text.error());
  const auto status = spawned.wait(std::chrono::milliseconds(deadline.left()));
  if (!status) return tl::unexpected(who + "did not end in time");
  if (WIFSIGNALED(*status))
    return tl::unexpected(who + "was ended by signal " + std::to_string(WTERMSIG(*status)));
  if (WEXITSTATUS(*status) != 0)
    return tl::unexpected(who + "ended with exit code " + std::to_string(WEXITSTATUS(*status)));
  return text;
}

}  // namespace seraphim::kubernetes
