// The text of CANARY_PERCENT means to the gateway what the operator meant. The table is what the platform's
// gateway was seen to do.
#include "traffic/canary_percent.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "gateway_routing.h"

namespace seraphim::traffic::testing {

using api::Percent;

struct Written {
  const char* text;
  std::int32_t basis_points;
};

TEST(CanaryPercent, IsReadAsTheGatewayReadsIt) {
  constexpr Written kTable[] = {
      {"", 0},          {"0", 0},       {"abc", 0},       {"10%", 0},          {"0.005", 50},
      {"0.1", 1000},    {"1", 10000},   {"1.0", 10000},   {"1.01", 101},       {"1.5", 150},
      {"2", 200},       {"10", 1000},   {" 10 ", 1000},   {"1e1", 1000},       {"1_0", 1000},
      {"100", 10000},   {"101", 10000}, {"-5", 0},        {"inf", 10000},      {"-inf", 0},
      {"1__0", 0},      {"_10", 0},     {"10_", 0},       {"0x10", 0},         {"+25", 2500},
      {"++25", 0},      {"+-25", 0},    {".5", 5000},     {"5.", 500},         {".", 0},
      {"1e999", 10000}, {"1e-999", 0},  {"\t50\n", 5000}, {"Infinity", 10000}, {"1 0", 0},
      {"e1", 0},        {"-0.5", 0},    {"0.12345", 1235}};
  for (const auto& row : kTable) {
    const auto weight = read_canary_percent(row.text);
    ASSERT_TRUE(weight.has_value()) << row.text;
    EXPECT_EQ(weight->basis_points(), row.basis_points) << '"' << row.text << '"';
  }
  for (const char* text : {"nan", "NaN", " -nan "})
    EXPECT_FALSE(read_canary_percent(text).has_value()) << text;
}

TEST(CanaryPercent, AStrayRestIsNeverTakenForNothingOrEverything) {
  EXPECT_EQ(read_canary_percent("0.00001"), Percent::from_basis_points(1));
  EXPECT_EQ(read_canary_percent("0.99999"), Percent::from_basis_points(9999));
}

TEST(CanaryPercent, IsWrittenAsAShare) {
  EXPECT_EQ(canary_percent_text(Percent::whole(0)), "0");
  EXPECT_EQ(canary_percent_text(Percent::from_basis_points(1)), "0.0001");
  EXPECT_EQ(canary_percent_text(Percent::whole(1)), "0.0100");
  EXPECT_EQ(canary_percent_text(Percent::whole(25)), "0.2500");
  EXPECT_EQ(canary_percent_text(Percent::from_basis_points(9999)), "0.9999");
  EXPECT_EQ(canary_percent_text(Percent::whole(100)), "1");
}

TEST(CanaryPercent, EveryWeightIsReadAsItself) {
  for (std::int32_t points = 0; points <= 10'000; ++points) {
    const auto weight = Percent::from_basis_points(points);
    const std::string text = canary_percent_text(weight);
    ASSERT_EQ(read_canary_percent(text), weight) << text;
    ASSERT_DOUBLE_EQ(demo::canary_share(text), weight.fraction()) << "to the stand-in: " << text;
  }
}

TEST(CanaryPercent, AnyTextMeansTheSameToTheStandIn) {
  constexpr std::string_view kLetters = "0123456789..__+-eE nai%x";
  std::mt19937 random(11);
  int numbers = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    for (auto length = random() % 7; length > 0; --length) text += kLetters[random() % kLetters.size()];
    const double share = demo::canary_share(text);
    const auto weight = read_canary_percent(text);
    ASSERT_EQ(weight.has_value(), !std::isnan(share)) << '"' << text << '"';
    if (!weight) continue;
    ASSERT_NEAR(weight->fraction(), std::clamp(share, 0.0, 1.0), 0.0001) << '"' << text << '"';
    numbers += share != 0 ? 1 : 0;
  }
  EXPECT_GT(numbers, 10'000);
}

}  // namespace seraphim::traffic::testing
