// What a shell offers, and that the manual page knows every option.
#include "cli/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

#include "cli/program.h"

namespace seraphim::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

std::string output(std::vector<const char*> words) {
  std::istringstream in;
  std::ostringstream out, err;
  words.insert(words.begin(), "kubectl-seraphim");
  const Surroundings surroundings{.transport_for = [](const std::string&) { return nullptr; },
                                  .now = {},
                                  .in = in,
                                  .out = out,
                                  .err = err};
  EXPECT_EQ(run(static_cast<int>(words.size()), words.data(), surroundings), kGood) << err.str();
  return out.str();
}

std::string completed(std::vector<const char*> words) {
  words.insert(words.begin(), kCompleteCommand);
  return output(words);
}

TEST(Completion, CommandsComeFirst) {
  EXPECT_THAT(completed({""}), HasSubstr("simulate\tReplays "));
  EXPECT_THAT(completed({"rollb"}), MatchesRegex("rollback\t[^\n]*\n:4\n"));
  EXPECT_THAT(completed({"sim"}), MatchesRegex("simulate\tReplays [^\n]*\n:4\n"));
  EXPECT_THAT(completed({"--v"}), MatchesRegex("--version\t[^\n]*\n:4\n"));
  EXPECT_EQ(completed({"nothing"}), ":4\n");
  EXPECT_THAT(completed({}), HasSubstr("simulate\t"));
}

TEST(Completion, ThenTheOptionsOfTheCommand) {
  EXPECT_THAT(completed({"simulate", "--ex"}), MatchesRegex("--export\t[^\n]*\n:4\n"));
  EXPECT_THAT(completed({"simulate", ""}), HasSubstr("--filename\t"));
  EXPECT_THAT(completed({"simulate", "--aa", "--st"}),
              MatchesRegex("--stable\t[^\n]*\n--stable-version\t[^\n]*\n:4\n"));
}

TEST(Completion, ThenTheirValues) {
  EXPECT_EQ(completed({"simulate", "-f", ""}), ":0\n") << "a file";
  EXPECT_EQ(completed({"simulate", "--chart", "x"}), ":0\n");
  EXPECT_EQ(completed({"simulate", "--stable", ""}), ":4\n");
  EXPECT_EQ(completed({"simulate", "--output", ""}), "table\t\njson\t\n:4\n");
  EXPECT_EQ(completed({"simulate", "--output", "j"}), "json\t\n:4\n");
}

TEST(ManualPage, HasEveryOption) {
  std::ifstream file(SERAPHIM_SOURCE_DIR "/docs/man/kubectl-seraphim.1");
  std::string page(std::istreambuf_iterator<char>(file), {});
  page.erase(std::remove(page.begin(), page.end(), '\\'), page.end());
  const auto has = [&](const std::string& words) { return page.find(words) != std::string::npos; };
  std::string help = output({"--help"});
  std::istringstream commands(completed({""}));
  int seen = 0;
  for (std::string line; std::getline(commands, line) && !line.starts_with(':'); ++seen) {
    const std::string command = line.substr(0, line.find('\t'));
    EXPECT_TRUE(has(".SS " + command + "\n")) << command;
    help += output({command.c_str(), "--help"});
  }
  EXPECT_GT(seen, 5);
  const std::regex name("--[a-z][a-z-]+");
  for (std::sregex_iterator at(help.begin(), help.end(), name), end; at != end; ++at)
    EXPECT_TRUE(has(at->str())) << at->str();
}

}  // namespace
}  // namespace seraphim::cli
