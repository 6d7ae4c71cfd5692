#include "playbook_run.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "environment.h"

namespace seraphim::cluster {
namespace {

using cli::testing::PageCommand;
using namespace std::chrono_literals;

constexpr std::chrono::minutes kLongestCommand{2};
constexpr const char* kWatchLog = "watch.log";

std::filesystem::path page_path(const std::string& page) {
  return SERAPHIM_SOURCE_DIR "/docs/playbooks/" + page + ".md";
}

/// Lines of the file that are commands for a shell to whoever looks at it; counted by other means than those
/// of the reader.
std::size_t commands_in(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::size_t count = 0;
  for (std::string line; std::getline(file, line);) {
    const std::string text = line.substr(std::min(line.size(), line.find_first_not_of(' ')));
    for (const char* program : {"kubectl ", "kubectl-seraphim ", "curl ", "helm ", "jq "})
      count += text.starts_with(program) ? 1 : 0;
  }
  return count;
}

/// True when there was something to replace.
bool replace_all(std::string& text, const std::string& from, const std::string& to) {
  bool found = false;
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
    found = true;
  }
  return found;
}

}  // namespace

PlaybookRun::PlaybookRun(const std::string& page, const std::string& namespace_name,
                         std::vector<std::string> environment)
    : page_(cli::testing::read_page(page_path(page))),
      namespace_(namespace_name),
      environment_(std::move(environment)) {
  std::filesystem::create_directory(folder_.path() / "bin");
  std::filesystem::create_symlink(cluster::environment().kubectl, folder_.path() / "bin/kubectl");
  std::filesystem::create_symlink(cluster::environment().kubectl_seraphim,
                                  folder_.path() / "bin/kubectl-seraphim");
}

void PlaybookRun::call(const std::string& on_the_page, const std::string& here) {
  names_.push_back({on_the_page, here});
}

std::vector<std::string> PlaybookRun::command_for(const std::string& line) const {
  const char* path = std::getenv("PATH");
  std::vector<std::string> words{"/usr/bin/env", "--chdir=" + folder_.path().string(),
                                 "PATH=" + (folder_.path() / "bin").string() + ":" + (path ? path : ""),
                                 "KUBECONFIG=" + cluster::environment().admin_kubeconfig.string()};
  words.insert(words.end(), environment_.begin(), environment_.end());
  words.insert(words.end(), {"bash", "-c", line});
  return words;
}

Output PlaybookRun::shell(const std::string& line) const {
  return cluster::run(command_for(line), {}, kLongestCommand);
}

std::string PlaybookRun::with_names(std::string text) {
  replace_all(text, "-n models", "-n " + namespace_);
  replace_all(text, "models/", namespace_ + "/");
  for (auto& name : names_) name.used |= replace_all(text, name.on_the_page, name.here);
  return text;
}

const PlaybookRun::Twist* PlaybookRun::twist_for(std::size_t index) {
  for (auto& [twist, used] : twists_) {
    int seen = 0;
    for (std::size_t i = 0; i <= index; ++i)
      seen += page_.commands[i].text.starts_with(twist.command) ? 1 : 0;
    if (seen != twist.occurrence || !page_.commands[index].text.starts_with(twist.command)) continue;
    used = true;
    return &twist;
  }
  return nullptr;
}

void PlaybookRun::run() {
  EXPECT_EQ(page_.commands.size(), commands_in(page_path(page_.name))) << "commands outside of sh blocks";
  EXPECT_FALSE(page_.commands.empty());
  for (std::size_t i = 0; i < page_.commands.size(); ++i) {
    if (watch_ && page_.commands[i].section != watched_.section) end_watch();
    run_one(i);
  }
  if (watch_) end_watch();
  for (const auto& name : names_) EXPECT_TRUE(name.used) << "no command names " << name.on_the_page;
  for (const auto& [twist, used] : twists_) EXPECT_TRUE(used) << "there is no command " << twist.command;
}

void PlaybookRun::run_one(std::size_t index) {
  const PageCommand& command = page_.commands[index];
  const Twist* twist = twist_for(index);
  if (twist != nullptr && twist->before) twist->before();
  const std::string line = with_names(command.text);
  if (line.find(" --watch") != std::string::npos) return watch(command, line);
  expect_as_on_page(command, twist == nullptr ? 0 : twist->code, shell(line));
}

void PlaybookRun::watch(const PageCommand& command, const std::string& line) {
  watch_ = std::make_unique<ChildProcess>(command_for(line), folder_.path() / kWatchLog);
  watched_ = command;
}

void PlaybookRun::end_watch() {
  const auto code = watch_->wait(kLongestCommand);
  expect_as_on_page(watched_, 0, {code.value_or(-1), read_file(folder_.path() / kWatchLog)});
  watch_.reset();
}

void PlaybookRun::expect_as_on_page(const PageCommand& command, int code, const Output& output) {
  std::vector<std::string> expected;
  for (const auto& line : command.expected) expected.push_back(with_names(line));
  const std::string where = page_.name + ", " + command.section + ": " + command.text + "\n";
  EXPECT_EQ(output.code, code) << where << output.text;
  EXPECT_EQ(cli::testing::missing_line(expected, output.text), "") << where << output.text;
}

}  // namespace seraphim::cluster
