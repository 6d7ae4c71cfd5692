// The platform's list of checks and operations (docs/testing.md): every row of it has a test named after it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

namespace seraphim::tidy {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Rows = std::set<std::string>;

const Rows kRows{"R0", "R1", "R2", "R3", "R3n", "R4", "R5",  // going back
                 "1b", "1c",                                 // the form of a playbook, and the health check
                 "E1", "E2", "E3", "E4", "E5",               // in an emergency
                 "M1", "M2", "M3", "M4",                     // a model
                 "C1", "C2"};                                // a canary

/// The rows that a name begins with: R2 and R3 in "R2R3StatusCompare", none in "R2d2" or in "AbortR2".
Rows rows_of(std::string name) {
  static const std::regex kRow(R"(^([A-Z][0-9]n?|1[bc])(?=[A-Z]))");
  Rows rows;
  for (std::smatch found; std::regex_search(name, found, kRow); name = found.suffix()) {
    if (!kRows.contains(found[1])) return {};
    rows.insert(found[1]);
  }
  return rows;
}

/// By suite or by name, of each TEST, TEST_F and TEST_P in a source.
Rows rows_tested_in(const std::string& source) {
  static const std::regex kTest(R"(\bTEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\))");
  Rows rows;
  for (std::sregex_iterator test(source.begin(), source.end(), kTest), end; test != end; ++test) {
    rows.merge(rows_of((*test)[1]));
    rows.merge(rows_of((*test)[2]));
  }
  return rows;
}

TEST(PlatformRows, EachHasATestNamedAfterIt) {
  Rows tested;
  const std::filesystem::path root = SERAPHIM_SOURCE_DIR "/tests";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with("_test.cpp") || name == "platform_rows_test.cpp") continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    tested.merge(rows_tested_in(text.str()));
  }
  Rows untested;
  std::ranges::set_difference(kRows, tested, std::inserter(untested, untested.end()));
  EXPECT_THAT(untested, IsEmpty()) << "write a test whose name begins with the row, such as "
                                      "PlatformRow.E1RestartOfOneComponent";
}

TEST(PlatformRows, ARowIsTheBeginningOfAName) {
  EXPECT_THAT(rows_tested_in("TEST(Cli, R2R3StatusCompare) {"), UnorderedElementsAre("R2", "R3"));
  EXPECT_THAT(rows_tested_in("TEST_F(M3TorchServe,\n       Registers) {"), UnorderedElementsAre("M3"));
  EXPECT_THAT(rows_tested_in("TEST_F(PlatformRow, 1cHealth) {"), UnorderedElementsAre("1c"));
  EXPECT_THAT(rows_tested_in("TEST(Rollback, R3nAPlainDeployment) {"), UnorderedElementsAre("R3n"));
  EXPECT_THAT(rows_tested_in("TEST(Abort, AbortE5) { /* E1 */ }"), IsEmpty());
  EXPECT_THAT(rows_tested_in("TEST(R2d2, X9Plane) {"), IsEmpty());
  EXPECT_THAT(rows_tested_in("// E1Restart\nEXPECT_EQ(E2Logs, 1);"), IsEmpty());
}

}  // namespace
}  // namespace seraphim::tidy
