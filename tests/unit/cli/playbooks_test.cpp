// docs/playbooks: every playbook has the six sections, and every command in them is one that the program
// takes. That they do what the pages say is tested in the cluster (tests/cluster/playbooks_test.cpp).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <sstream>

#include "cli/cluster_desk.h"
#include "cli/playbook_pages.h"

namespace seraphim::cli::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kOurs = "kubectl seraphim ";

std::vector<std::string> words_of(const std::string& command) {
  std::istringstream text(command);
  std::vector<std::string> words;
  for (std::string word; text >> std::quoted(word);) words.push_back(word);
  return words;
}

TEST(PlatformRow, R0TheRollbackPlaybookHasThePlatformsName) {
  const auto pages = read_playbooks();
  EXPECT_TRUE(std::ranges::any_of(pages, [](const Page& page) { return page.name == "rollback"; }));
}

TEST(PlatformRow, 1bEveryPlaybookHasTheSixSectionsInTheirOrder) {
  const auto pages = read_playbooks();
  EXPECT_EQ(pages.size(), 6u);
  for (const Page& page : pages) {
    EXPECT_THAT(page.sections, ElementsAre("Situation Assessment", "Prerequisites", "Step-by-Step Procedures",
                                           "Verification", "Rollback-Recovery", "Post-Action"))
        << page.name;
    EXPECT_THAT(page.mistakes, IsEmpty()) << page.name;
  }
}

TEST(Playbooks, TheProgramTakesEveryCommand) {
  int commands = 0;
  for (const Page& page : read_playbooks()) {
    for (const PageCommand& command : page.commands) {
      if (!command.text.starts_with(kOurs)) continue;
      ClusterDesk desk;
      desk.context_namespace = "models";
      EXPECT_THAT(desk.run(words_of(command.text.substr(std::string(kOurs).size()))).err,
                  Not(HasSubstr("Run with --help")))
          << page.name << ": " << command.text;
      ++commands;
    }
  }
  EXPECT_GT(commands, 30);
  EXPECT_THAT(ClusterDesk().run({"rollback", "--to", "3"}).err, HasSubstr("Run with --help"))
      << "else this proves nothing";
}

/// A page of these lines.
Page page_of(const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() / ("page-" + std::to_string(getpid()) + ".md");
  std::ofstream(path) << text;
  Page page = read_page(path);
  std::filesystem::remove(path);
  return page;
}

TEST(PlaybookPages, CommandsAreThoseOfShBlocksWithWhatTheyAreToSay) {
  const Page page = page_of(
      "# Title\n## One\n`kubectl get` in a line is none\n1. Look.\n   ```sh\n   # a remark\n   kubectl a \\\n"
      "     --b c\n   curl x\n   ```\n   ```text\n   all ... well\n   ```\n## Two\n```yaml\nkubectl: "
      "no\n```\n");
  ASSERT_EQ(page.commands.size(), 2u);
  EXPECT_EQ(page.commands[0].text, "kubectl a --b c");
  EXPECT_EQ(page.commands[0].section, "One");
  EXPECT_THAT(page.commands[0].expected, IsEmpty());
  EXPECT_EQ(page.commands[1].text, "curl x");
  EXPECT_THAT(page.commands[1].expected, ElementsAre("all ... well"));
  EXPECT_THAT(page.sections, ElementsAre("One", "Two"));
  EXPECT_THAT(page.mistakes, IsEmpty());
}

TEST(PlaybookPages, ABlockOfAnotherKindOrWithoutAnEndIsAMistake) {
  EXPECT_THAT(page_of("```\nkubectl a\n```\n").mistakes, ElementsAre(HasSubstr("neither sh nor text")));
  EXPECT_THAT(page_of("```sh\nkubectl a\n").mistakes, ElementsAre("a block is not closed"));
  EXPECT_THAT(page_of("```text\na\n```\n").mistakes, ElementsAre(HasSubstr("before any command")));
}

TEST(PlaybookPages, AnOutputHasTheLinesInTheirOrder) {
  const std::string output = "Phase:   Stable\nStep:    1 of 2: weight 5%\n  Events: none kept\n";
  EXPECT_EQ(missing_line({}, output), "");
  EXPECT_EQ(missing_line({"Phase: Stable", "Step: ... weight ...", "Events: ..."}, output), "");
  EXPECT_EQ(missing_line({"Phase: Baking"}, output), "Phase: Baking");
  EXPECT_EQ(missing_line({"Phase:"}, output), "Phase:") << "a line is a whole line";
  EXPECT_EQ(missing_line({"Events: ...", "Phase: ..."}, output), "Phase: ...") << "in their order";
  EXPECT_EQ(missing_line({"Step: ... hold ..."}, output), "Step: ... hold ...");
}

}  // namespace
}  // namespace seraphim::cli::testing
