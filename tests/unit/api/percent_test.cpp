#include "api/percent.h"

#include <gmock/gmock.h>

#include <utility>
#include <vector>

namespace seraphim::api {
namespace {

TEST(Percent, IsReadWithAtMostTwoDecimals) {
  const std::vector<std::pair<const char*, int>> cases = {
      {"0", 0},    {"25", 2500},     {"25%", 2500},   {"0.5%", 50},      {"0.50%", 50}, {"0.05%", 5},
      {"0.01", 1}, {"99.99%", 9999}, {"100%", 10000}, {"100.00", 10000}, {"007%", 700}};
  for (const auto& [text, points] : cases) {
    const auto percent = parse_percent(text);
    ASSERT_TRUE(percent) << text << ": " << percent.error();
    EXPECT_EQ(percent->basis_points(), points) << text;
  }
}

TEST(Percent, EverythingElseIsRefused) {
  for (const char* text :
       {"",     "%",   " 5",   "5 ",     "5 %",   "5%%",    "-5",   "+5",   "1e1",
        ".5",   "5.",  "5.%",  "0.001%", "0.5.5", "100.01", "101%", "1000", "99999999999999999999",
        "five", "nan", "0x10", "5%\n"}) {
    EXPECT_FALSE(parse_percent(text)) << text;
  }
  EXPECT_EQ(parse_percent("five").error(),
            "\"five\" is not a percentage; write a number from 0 to 100 with at most two decimals, such as "
            "25 or \"0.5%\"");
}

TEST(Percent, IsWrittenInTheShortestWay) {
  EXPECT_EQ(format_percent(Percent::whole(25)), "25%");
  EXPECT_EQ(format_percent(Percent::from_basis_points(50)), "0.5%");
  EXPECT_EQ(format_percent(Percent::from_basis_points(5)), "0.05%");
  EXPECT_EQ(format_percent(Percent::from_basis_points(9999)), "99.99%");
  EXPECT_EQ(format_percent(Percent::from_basis_points(-150)), "-1.5%");
}

TEST(Percent, EveryOneSurvivesWritingAndReading) {
  for (int points = 0; points <= 10000; ++points) {
    const auto percent = Percent::from_basis_points(points);
    ASSERT_EQ(parse_percent(format_percent(percent)), percent);
  }
}

}  // namespace
}  // namespace seraphim::api
