// The operator under test: on this host with its own user, or (SERAPHIM_OPERATOR_IN_POD) as the chart's pod.
#include <csignal>

#include "chart.h"
#include "environment.h"
#include "operator_pod.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

/// What only a process of this host can have: a network, an address, credentials or a log file of a test's
/// own.
bool needs_this_host(const Operator::Settings& settings) {
  return !settings.under.empty() || !settings.kubeconfig.empty() || !settings.log.empty() ||
         !settings.metrics_address.empty();
}

Words flags_of(const World& world, const Operator::Settings& settings) {
  Words flags{"--namespace", world.name(),      "--lease-namespace", world.name(),
              "--identity",  settings.identity, "--log-level",       "debug"};
  flags.insert(flags.end(), settings.more_flags.begin(), settings.more_flags.end());
  return flags;
}

std::unique_ptr<RunningProgram> start_on_host(const World& world, const Operator::Settings& settings,
                                              const std::filesystem::path& log) {
  const auto& kubeconfig =
      settings.kubeconfig.empty() ? environment().operator_kubeconfig : settings.kubeconfig;
  Words command = settings.under;
  for (const std::string& word :
       {environment().operator_binary.string(), std::string("--kubeconfig"), kubeconfig.string(),
        std::string("--metrics-address"), settings.metrics_address})
    command.push_back(word);
  const Words flags = flags_of(world, settings);
  command.insert(command.end(), flags.begin(), flags.end());
  return std::make_unique<HostProgram>(command, log);
}

}  // namespace

Operator::Operator(const World& world, const Settings& settings)
    : log_file_(settings.log.empty()
                    ? environment().artifacts / (world.name() + "-operator-" + settings.identity + ".log")
                    : settings.log) {
  if (operators_run_in_pods() && !needs_this_host(settings)) {
    program_ = std::make_unique<OperatorPod>(world.name(), settings.identity, flags_of(world, settings),
                                             log_file_, settings.chart_values);
  } else {
    program_ = start_on_host(world, settings, log_file_);
  }
}

Operator::~Operator() {
  if (ended_) return;
  const auto code = terminate();
  EXPECT_EQ(code, 0) << log();
}

void Operator::kill() {
  program_->kill_and_wait();
  ended_ = true;
}

std::optional<int> Operator::end(std::chrono::seconds limit) {
  const auto code = program_->wait(limit);
  ended_ = code.has_value();
  return code;
}

std::optional<int> Operator::terminate(std::chrono::seconds limit) {
  program_->signal(SIGTERM);
  const auto code = program_->wait(limit);
  ended_ = true;
  return code;
}

std::string Operator::log() const {
  return read_file(log_file());
}

const std::filesystem::path& Operator::log_file() const {
  program_->collect_log();
  return log_file_;
}

}  // namespace seraphim::cluster
