// A program under test that runs: a process of this test's, or one in a pod.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "child_process.h"

namespace seraphim::cluster {

class RunningProgram {
 public:
  virtual ~RunningProgram() = default;
  virtual pid_t pid() const = 0;  ///< on this host
  virtual void signal(int number) const = 0;
  /// The exit code, or 128 + the signal that ended it; nothing when it still runs after the time.
  virtual std::optional<int> wait(std::chrono::milliseconds limit) = 0;
  virtual int kill_and_wait() = 0;
  /// Brings what it has said so far into its log file.
  virtual void collect_log() const = 0;
};

class HostProgram final : public RunningProgram {
 public:
  HostProgram(const std::vector<std::string>& command, const std::filesystem::path& log)
      : process_(command, log) {}
  pid_t pid() const override { return process_.pid(); }
  void signal(int number) const override { process_.signal(number); }
  std::optional<int> wait(std::chrono::milliseconds limit) override { return process_.wait(limit); }
  int kill_and_wait() override { return process_.kill_and_wait(); }
  void collect_log() const override {}

 private:
  ChildProcess process_;
};

}  // namespace seraphim::cluster
