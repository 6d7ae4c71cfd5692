// A program started by a test: its output goes to a file or is read back; it never outlives the object.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace seraphim::cluster {

/// Any process of this host, to be waited for.
class ProcessEnd {
 public:
  explicit ProcessEnd(pid_t pid);
  ~ProcessEnd();
  ProcessEnd(const ProcessEnd&) = delete;
  /// True when it ends within the time, or has ended.
  bool comes_within(std::chrono::milliseconds limit) const;

 private:
  const int fd_;
};

class ChildProcess {
 public:
  /// `environment` holds "NAME=value" in addition to this process' own. Output of both kinds is appended to
  /// `log`.
  ChildProcess(const std::vector<std::string>& command, const std::filesystem::path& log,
               const std::vector<std::string>& environment = {});
  /// SIGKILL when it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  /// The exit code, or 128 + the signal that ended it; nothing when it still runs after the time.
  std::optional<int> wait(std::chrono::milliseconds limit);
  int kill_and_wait();

 private:
  pid_t pid_ = -1;
  std::optional<ProcessEnd> end_;
  std::optional<int> code_;
};

struct Output {
  int code = 0;
  std::string text;  ///< stdout and stderr
};

/// Runs to the end; the time limit is an error in the output.
Output run(const std::vector<std::string>& command, const std::string& input = {},
           std::chrono::milliseconds limit = std::chrono::seconds(60));

/// The same; throws with the output when it fails.
std::string must_run(const std::vector<std::string>& command, const std::string& input = {});

std::string read_file(const std::filesystem::path& path);

}  // namespace seraphim::cluster
