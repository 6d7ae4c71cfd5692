#include "operator_pod.h"

#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "chart.h"
#include "environment.h"

namespace seraphim::cluster {
namespace {

using namespace std::chrono_literals;

std::string kubectl(const Words& words, const std::string& input = {}) {
  Words command{environment().kubectl.string()};
  command.insert(command.end(), words.begin(), words.end());
  return must_run(command, input);
}

std::string rendered_for(const std::string& namespace_, const std::string& values) {
  const Output rendered =
      render({"--namespace", namespace_, "--set",
              "replicas=1,crds.install=false,image.pullPolicy=Never,watchNamespace=" + namespace_ +
                  (values.empty() ? "" : "," + values)});
  if (rendered.code != 0) throw std::runtime_error(rendered.text);
  return rendered.text;
}

/// The Deployment's pod, by this name. Liveness is not asked: a test that stops the program for a while
/// decides itself when it ends.
YAML::Node pod_of(const YAML::Node& deployment, const std::string& namespace_, const std::string& name,
                  const Words& arguments) {
  YAML::Node pod = YAML::Clone(deployment["spec"]["template"]);
  pod["apiVersion"] = "v1";
  pod["kind"] = "Pod";
  pod["metadata"]["name"] = name;
  pod["metadata"]["namespace"] = namespace_;
  pod["spec"]["restartPolicy"] = "Never";
  YAML::Node container = pod["spec"]["containers"][0];
  container.remove("livenessProbe");
  container.remove("startupProbe");
  for (const std::string& word : arguments) {
    container["args"].push_back(word);
    container["args"][container["args"].size() - 1].SetTag("!");  // a string, whatever it looks like
  }
  return pod;
}

/// The process that is named so and has this host name: a pod's is its name.
pid_t process_in(const std::string& pod) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string folder = entry.path().string();
    if (read_file(folder + "/comm") != environment().operator_binary.filename().string().substr(0, 15) + "\n")
      continue;
    const std::string variables = '\0' + read_file(folder + "/environ");
    if (variables.find(std::string(1, '\0') + "HOSTNAME=" + pod + '\0') != std::string::npos)
      return static_cast<pid_t>(std::stol(entry.path().filename().string()));
  }
  throw std::runtime_error("no process of pod " + pod + " on this host");
}

std::string unique_pod(const std::string& identity) {
  static std::atomic<int> count = 0;
  return "operator-" + identity + "-" + std::to_string(++count) + "-" + std::to_string(getpid());
}

}  // namespace

bool operators_run_in_pods() {
  const char* wanted = std::getenv("SERAPHIM_OPERATOR_IN_POD");
  return wanted != nullptr && *wanted != '\0';
}

OperatorPod::OperatorPod(std::string where, const std::string& identity, const Words& arguments,
                         std::filesystem::path log, const std::string& values)
    : namespace_(std::move(where)), name_(unique_pod(identity)), log_(std::move(log)) {
  YAML::Emitter objects;
  for (const YAML::Node& object : YAML::LoadAll(rendered_for(namespace_, values))) {
    if (!object.IsMap()) continue;
    const bool deployment = object["kind"].as<std::string>() == "Deployment";
    objects << YAML::BeginDoc << (deployment ? pod_of(object, namespace_, name_, arguments) : object);
  }
  kubectl({"apply", "--server-side", "--force-conflicts", "--filename", "-"}, objects.c_str());
  kubectl({"wait", "--namespace", namespace_, "pod/" + name_, "--timeout=60s",
           "--for=jsonpath={.status.containerStatuses[0].started}=true"});
  pid_ = process_in(name_);
  end_.emplace(pid_);
}

OperatorPod::~OperatorPod() {
  if (!code_) signal(SIGKILL);
  collect_log();
  (void)run({environment().kubectl.string(), "delete", "pod", name_, "--namespace", namespace_, "--force",
             "--grace-period=0", "--wait=false"});
}

void OperatorPod::signal(int number) const {
  if (!code_) kill(pid_, number);
}

std::optional<int> OperatorPod::wait(std::chrono::milliseconds limit) {
  if (code_) return code_;
  if (!end_->comes_within(limit)) return std::nullopt;
  code_ = exit_code();
  return code_;
}

int OperatorPod::exit_code() const {
  const std::string terminated = ".status.containerStatuses[0].state.terminated.exitCode";
  kubectl({"wait", "--namespace", namespace_, "pod/" + name_, "--timeout=60s",
           "--for=jsonpath={" + terminated + "}"});
  return std::stoi(
      kubectl({"get", "pod", name_, "--namespace", namespace_, "--output", "jsonpath={" + terminated + "}"}));
}

int OperatorPod::kill_and_wait() {
  signal(SIGKILL);
  return wait(10s).value_or(-1);
}

void OperatorPod::collect_log() const {
  std::ofstream(log_) << run({environment().kubectl.string(), "logs", name_, "--namespace", namespace_}).text;
}

}  // namespace seraphim::cluster
