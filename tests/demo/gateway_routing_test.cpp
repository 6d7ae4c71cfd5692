#include "gateway_routing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace seraphim::demo {
namespace {

TEST(GatewayRouting, ReadsCanaryPercentAsTheGatewayWasSeenTo) {
  struct Row {
    const char* text;
    double share;
  };
  constexpr Row kTable[] = {{"", 0},     {"0", 0},      {"abc", 0},   {"10%", 0},      {"0.005", .005},
                            {"0.1", .1}, {"1", 1},      {"1.0", 1},   {"1.01", .0101}, {"1.5", .015},
                            {"2", .02},  {"10", .1},    {" 10 ", .1}, {"1e1", .1},     {"1_0", .1},
                            {"100", 1},  {"101", 1.01}, {"-5", -5},   {".", 0},        {"e5", 0},
                            {"1_", 0},   {".5", .5},    {"5.", .05},  {"+25", .25}};
  for (const auto& row : kTable)
    EXPECT_DOUBLE_EQ(canary_share(row.text), row.share) << '"' << row.text << '"';
  EXPECT_TRUE(std::isnan(canary_share("nan")));
  EXPECT_TRUE(std::isinf(canary_share("inf")));
}

TEST(GatewayRouting, HashesUsersIntoTheKnownBuckets) {
  EXPECT_EQ(sticky_bucket("seraphim", "alice"), 8107);
  EXPECT_EQ(sticky_bucket("seraphim", "bob"), 2692);
  EXPECT_EQ(sticky_bucket("seraphim", "user1"), 2790);
  EXPECT_EQ(sticky_bucket("seraphim", "user2"), 8274);
  EXPECT_EQ(sticky_bucket("seraphim", "user7"), 1579);
  EXPECT_EQ(sticky_bucket("seraphim", "user123"), 1381);
  EXPECT_EQ(sticky_bucket("seraphim", "42"), 2284);
  EXPECT_NE(sticky_bucket("other", "alice"), 8107);
}

TEST(GatewayRouting, AHeaderForcesAVariantAtAnyWeight) {
  for (const char* word : {"candidate", "Canary", "V2"})
    EXPECT_EQ(choose_variant(0, {.forced = word, .user = "alice"}, "seraphim", 0.5), Variant::candidate)
        << word;
  for (const char* word : {"baseline", "CONTROL", "v1"})
    EXPECT_EQ(choose_variant(1, {.forced = word}, "seraphim", 0.5), Variant::baseline) << word;
  for (const char* word : {"", "v3", "canary "})
    EXPECT_EQ(choose_variant(0, {.forced = word}, "seraphim", 0.5), Variant::baseline) << word;
}

TEST(GatewayRouting, AUserStaysWhereItsBucketIs) {
  const auto of_bob = [](double share) { return choose_variant(share, {.user = "bob"}, "seraphim", 0); };
  EXPECT_EQ(of_bob(0.2692), Variant::baseline);
  EXPECT_EQ(of_bob(0.2693), Variant::candidate);
  EXPECT_EQ(of_bob(1), Variant::candidate);
  EXPECT_EQ(of_bob(-5), Variant::baseline);
}

TEST(GatewayRouting, SharesAreTruncatedToABucket) {
  // 0.57 * 10000 is 5699.999..., 0.69 * 10000 is 6899.999...
  for (const int percent : {57, 69}) {
    int candidates = 0;
    for (int user = 0; user < 200'000; ++user) {
      const std::string name = std::to_string(user);
      if (sticky_bucket("seraphim", name) != percent * 100 - 1) continue;
      ++candidates;
      EXPECT_EQ(choose_variant(percent / 100.0, {.user = name}, "seraphim", 0), Variant::baseline) << percent;
    }
    EXPECT_GT(candidates, 0);
  }
}

TEST(GatewayRouting, OtherRequestsAreDrawn) {
  EXPECT_EQ(choose_variant(0.25, {}, "seraphim", 0.2499), Variant::candidate);
  EXPECT_EQ(choose_variant(0.25, {}, "seraphim", 0.25), Variant::baseline);
  EXPECT_EQ(choose_variant(0, {}, "seraphim", 0), Variant::baseline);
}

TEST(GatewayRouting, NoNumberIsAnErrorForStickyRequestsOnly) {
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(choose_variant(nan, {.user = "bob"}, "seraphim", 0), std::nullopt);
  EXPECT_EQ(choose_variant(nan, {}, "seraphim", 0), Variant::baseline);
  EXPECT_EQ(choose_variant(infinity, {.user = "bob"}, "seraphim", 0), std::nullopt);
  EXPECT_EQ(choose_variant(infinity, {}, "seraphim", 0.9), Variant::candidate);
  EXPECT_EQ(choose_variant(nan, {.forced = "v2", .user = "bob"}, "seraphim", 0), Variant::candidate);
}

TEST(GatewayRouting, HeadersAreLatin1) {
  EXPECT_EQ(latin1_to_utf8("caf\xE9"), "caf\xC3\xA9");
  EXPECT_EQ(latin1_to_utf8("caf\xC3\xA9"), "caf\xC3\x83\xC2\xA9");
}

}  // namespace
}  // namespace seraphim::demo
