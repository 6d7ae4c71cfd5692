// Runs the commands of a playbook in the order of its page, as a person in a shell would, and looks at exit
// codes and at what they say.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "child_process.h"
#include "cli/playbook_pages.h"
#include "kubernetes/temporary_folder.h"

namespace seraphim::cluster {

class PlaybookRun {
 public:
  /// What one command of the page meets that is not usual.
  struct Twist {
    std::string command{};           ///< how it begins on the page: "kubectl seraphim approve"
    int code = 0;                    ///< its exit code
    std::function<void()> before{};  ///< what happens in the world before it
    int occurrence = 1;              ///< 2: the second command that begins like that
  };

  /// In this namespace, which the pages call `models`. `environment` is "NAME=value", beside PATH and
  /// KUBECONFIG.
  PlaybookRun(const std::string& page, const std::string& namespace_name,
              std::vector<std::string> environment);

  /// Where the commands run; files of the page lie here.
  const kubernetes::testing::TemporaryFolder& folder() const { return folder_; }
  /// Each page writes names of its own choice: what they are here.
  void call(const std::string& on_the_page, const std::string& here);
  void twist(Twist twist) { twists_.push_back({std::move(twist), false}); }

  /// All commands. A command with --watch runs beside those after it, until its section ends. Fails when a
  /// command ends otherwise, when its output lacks a line that the page shows, and when a name or a twist
  /// fitted nothing.
  void run();
  /// One line in the same shell.
  Output shell(const std::string& line) const;

 private:
  struct Name {
    std::string on_the_page, here;
    bool used = false;
  };
  struct Given {
    Twist twist;
    bool used = false;
  };

  std::vector<std::string> command_for(const std::string& line) const;
  std::string with_names(std::string text);
  const Twist* twist_for(std::size_t index);
  void run_one(std::size_t index);
  void watch(const cli::testing::PageCommand& command, const std::string& line);
  void end_watch();
  void expect_as_on_page(const cli::testing::PageCommand& command, int code, const Output& output);

  const cli::testing::Page page_;
  const std::string namespace_;
  const std::vector<std::string> environment_;
  kubernetes::testing::TemporaryFolder folder_;
  std::vector<Name> names_;
  std::vector<Given> twists_;
  std::unique_ptr<ChildProcess> watch_;
  cli::testing::PageCommand watched_{};
};

}  // namespace seraphim::cluster
