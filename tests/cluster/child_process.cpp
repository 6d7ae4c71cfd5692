#include "child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace seraphim::cluster {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (auto& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

[[noreturn]] void become(std::vector<std::string> command, std::vector<std::string> environment, int input,
                         int output) {
  // The test may be killed: nothing that it started may stay.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  for (auto& variable : environment) putenv(variable.data());
  const auto arguments = pointers(command);
  execvp(arguments.front(), arguments.data());
  _exit(127);
}

}  // namespace

ProcessEnd::ProcessEnd(pid_t pid) : fd_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))) {}

ProcessEnd::~ProcessEnd() {
  if (fd_ >= 0) close(fd_);
}

bool ProcessEnd::comes_within(std::chrono::milliseconds limit) const {
  pollfd ended{.fd = fd_, .events = POLLIN, .revents = 0};
  return poll(&ended, 1, static_cast<int>(limit.count())) > 0;
}

ChildProcess::ChildProcess(const std::vector<std::string>& command, const std::filesystem::path& log,
                           const std::vector<std::string>& environment) {
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (output < 0 || input < 0) throw std::runtime_error("cannot write " + log.string());
  pid_ = fork();
  if (pid_ == 0) become(command, environment, input, output);
  close(output);
  close(input);
  if (pid_ < 0) throw std::runtime_error("fork failed");
  end_.emplace(pid_);
}

ChildProcess::~ChildProcess() {
  if (!code_) kill_and_wait();
}

void ChildProcess::signal(int number) const {
  if (!code_) kill(pid_, number);
}

std::optional<int> ChildProcess::wait(std::chrono::milliseconds limit) {
  if (code_) return code_;
  if (!end_->comes_within(limit)) return std::nullopt;
  int status = 0;
  waitpid(pid_, &status, 0);
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return code_;
}

int ChildProcess::kill_and_wait() {
  signal(SIGKILL);
  return wait(std::chrono::seconds(10)).value_or(-1);
}

Output run(const std::vector<std::string>& command, const std::string& input,
           std::chrono::milliseconds limit) {
  std::string name = "/tmp/seraphim-test-XXXXXX";
  const int file = mkstemp(name.data());
  if (file < 0) throw std::runtime_error("mkstemp failed");
  close(file);
  Output output;
  {
    std::vector<std::string> whole = command;
    const std::string input_file = name + ".in";
    if (!input.empty()) {
      std::ofstream(input_file) << input;
      whole = {"/bin/sh", "-c", R"(input=$1; shift; exec "$@" < "$input")", "sh", input_file};
      whole.insert(whole.end(), command.begin(), command.end());
    }
    ChildProcess child(whole, name);
    const auto code = child.wait(limit);
    output.code = code ? *code : child.kill_and_wait();
    output.text = read_file(name);
    if (!code) output.text += "\n(did not end in time)";
    unlink(input_file.c_str());
  }
  unlink(name.c_str());
  return output;
}

std::string must_run(const std::vector<std::string>& command, const std::string& input) {
  Output output = run(command, input, std::chrono::seconds(120));
  if (output.code != 0) throw std::runtime_error(command.at(0) + " " + command.at(1) + ": " + output.text);
  return std::move(output.text);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace seraphim::cluster
