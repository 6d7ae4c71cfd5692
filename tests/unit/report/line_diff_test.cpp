// A diff gives back both sides, is a shortest one, and shows what a person needs.
#include "report/line_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace seraphim::report {
namespace {

using Lines = std::vector<std::string>;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Lines side(const std::vector<DiffLine>& diff, DiffLine::Kind without) {
  Lines lines;
  for (const auto& line : diff) {
    if (line.kind != without) lines.push_back(line.text);
  }
  return lines;
}

TEST(LineDiff, ShowsTheChangeWithItsSurroundings) {
  const Lines before{"a", "b", "c", "d", "e", "f"}, after{"a", "b", "c", "D", "e", "f"};
  EXPECT_THAT(diff_text(line_diff(before, after), 1),
              ElementsAre("  ...", "  c", "- d", "+ D", "  e", "  ..."));
  EXPECT_THAT(diff_text(line_diff(before, before), 1), IsEmpty());
  EXPECT_THAT(diff_text(line_diff({}, {"a"}), 3), ElementsAre("+ a"));
  EXPECT_THAT(diff_text(line_diff({"a"}, {}), 3), ElementsAre("- a"));
}

TEST(LineDiff, GivesBackBothSidesAndKeepsWhatItCan) {
  std::mt19937 random(7);
  const auto lines = [&random] {
    Lines all(std::uniform_int_distribution<std::size_t>(0, 12)(random));
    for (auto& line : all)
      line = std::string(1, static_cast<char>('a' + std::uniform_int_distribution(0, 3)(random)));
    return all;
  };
  for (int i = 0; i < 2000; ++i) {
    const Lines before = lines(), after = lines();
    const auto diff = line_diff(before, after);
    ASSERT_EQ(side(diff, DiffLine::Kind::added), before);
    ASSERT_EQ(side(diff, DiffLine::Kind::removed), after);
    // The longest common subsequence by the book.
    std::vector<std::vector<std::size_t>> common(before.size() + 1,
                                                 std::vector<std::size_t>(after.size() + 1));
    for (std::size_t b = 0; b < before.size(); ++b)
      for (std::size_t a = 0; a < after.size(); ++a)
        common[b + 1][a + 1] =
            before[b] == after[a] ? common[b][a] + 1 : std::max(common[b][a + 1], common[b + 1][a]);
    const auto kept = std::count_if(diff.begin(), diff.end(),
                                    [](const auto& line) { return line.kind == DiffLine::Kind::same; });
    ASSERT_EQ(static_cast<std::size_t>(kept), common[before.size()][after.size()]);
  }
}

TEST(LineDiff, VeryLongTextsCountAsReplaced) {
  Lines before(5000), after(5000);
  for (std::size_t i = 0; i < before.size(); ++i) {
    before[i] = "b" + std::to_string(i);
    after[i] = "a" + std::to_string(i);
  }
  before.front() = after.front() = "first";
  const auto diff = line_diff(before, after);
  EXPECT_EQ(diff.size(), 1U + 4999U * 2);
  EXPECT_EQ(side(diff, DiffLine::Kind::added), before);
}

}  // namespace
}  // namespace seraphim::report
