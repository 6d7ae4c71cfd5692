// docs/playbooks: every playbook has the six sections, and every command in them is one that the program
// takes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iomanip>
#include <sstream>

#include "cli/cluster_desk.h"

namespace seraphim::cli::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Page {
  std::string name;
  std::vector<std::string> sections{}, commands{};
};

Page page_of(const std::filesystem::path& path) {
  Page page{.name = path.stem().string()};
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::string text = line.substr(std::min(line.size(), line.find_first_not_of(' ')));
    if (line.starts_with("## ")) page.sections.push_back(line.substr(3));
    if (text.starts_with("kubectl seraphim ")) page.commands.push_back(text.substr(17));
  }
  return page;
}

std::vector<Page> playbooks() {
  std::vector<Page> pages;
  for (const auto& entry : std::filesystem::directory_iterator(SERAPHIM_SOURCE_DIR "/docs/playbooks")) {
    if (entry.path().stem() != "README") pages.push_back(page_of(entry.path()));
  }
  return pages;
}

std::vector<std::string> words_of(const std::string& command) {
  std::istringstream text(command);
  std::vector<std::string> words;
  for (std::string word; text >> std::quoted(word);) words.push_back(word);
  return words;
}

TEST(Playbooks, HaveTheSixSections) {
  const auto pages = playbooks();
  EXPECT_EQ(pages.size(), 6u);
  for (const Page& page : pages) {
    EXPECT_THAT(page.sections,
                ::testing::ElementsAre("Situation Assessment", "Prerequisites", "Step-by-Step Procedures",
                                       "Verification", "Rollback-Recovery", "Post-Action"))
        << page.name;
  }
}

TEST(Playbooks, TheProgramTakesEveryCommand) {
  int commands = 0;
  for (const Page& page : playbooks()) {
    for (const std::string& command : page.commands) {
      ClusterDesk desk;  // what the command does there is tested elsewhere
      desk.context_namespace = "models";
      EXPECT_THAT(desk.run(words_of(command)).err, Not(HasSubstr("Run with --help")))
          << page.name << ": " << command;
      ++commands;
    }
  }
  EXPECT_GT(commands, 30);
  EXPECT_THAT(ClusterDesk().run({"rollback", "--to", "3"}).err, HasSubstr("Run with --help"))
      << "else this proves nothing";
}

}  // namespace
}  // namespace seraphim::cli::testing
