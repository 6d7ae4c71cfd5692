// The operator as a pod: what the chart renders for one namespace, with the chart's rights and its image. The
// pod is made without its Deployment, so that one that is killed stays dead.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "running_program.h"

namespace seraphim::cluster {

class OperatorPod final : public RunningProgram {
 public:
  /// Starts it and waits until its container runs. `arguments` come after the chart's own; `values` are more
  /// of the chart's, as `--set` takes them.
  OperatorPod(std::string namespace_, const std::string& identity, const std::vector<std::string>& arguments,
              std::filesystem::path log, const std::string& values = {});
  ~OperatorPod() override;
  OperatorPod(const OperatorPod&) = delete;

  pid_t pid() const override { return pid_; }
  void signal(int number) const override;
  std::optional<int> wait(std::chrono::milliseconds limit) override;
  int kill_and_wait() override;
  void collect_log() const override;

 private:
  int exit_code() const;

  const std::string namespace_, name_;
  const std::filesystem::path log_;
  pid_t pid_ = -1;
  std::optional<ProcessEnd> end_;
  std::optional<int> code_;
};

/// Whether operators under test run as pods: SERAPHIM_OPERATOR_IN_POD is set.
bool operators_run_in_pods();

}  // namespace seraphim::cluster
