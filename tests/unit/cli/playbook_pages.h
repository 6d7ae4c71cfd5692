// The playbooks as a person reads them: sections, the commands of each, and what a command is to say.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace seraphim::cli::testing {

struct PageCommand {
  std::string text{};     ///< as it stands there, continued lines joined: "kubectl seraphim status ..."
  std::string section{};  ///< in which it stands
  /// What its output has, by the `text` block after it; "..." stands for anything.
  std::vector<std::string> expected{};
};

struct Page {
  std::string name{};  ///< of the file, without its ending
  std::vector<std::string> sections{};
  std::vector<PageCommand> commands{};  ///< of its `sh` blocks
  std::vector<std::string> mistakes{};  ///< blocks that this reader does not know what to do with
};

Page read_page(const std::filesystem::path& path);

/// All of docs/playbooks, by name; without the list of them, README.
std::vector<Page> read_playbooks();

/// The first line that the output lacks; empty when it has all of them, in their order. Blanks count once.
std::string missing_line(const std::vector<std::string>& expected, const std::string& output);

}  // namespace seraphim::cli::testing
