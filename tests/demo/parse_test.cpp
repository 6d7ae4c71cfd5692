#include "parse.h"

#include <gtest/gtest.h>

namespace seraphim::demo {
namespace {

using namespace std::chrono_literals;

TEST(ParseShare, ReadsFractionsAndPercents) {
  EXPECT_EQ(parse_share("0.2"), 0.2);
  EXPECT_EQ(parse_share("20%"), 0.2);
  EXPECT_EQ(parse_share("0.5%"), 0.005);
  EXPECT_EQ(parse_share("0"), 0.0);
  EXPECT_EQ(parse_share("1"), 1.0);
  EXPECT_EQ(parse_share("100%"), 1.0);
}

TEST(ParseShare, RefusesWhatIsNotAShare) {
  for (const auto* text :
       {"", "20", "101%", "-0.1", "abc", "0.2x", "%", "nan", "inf", "1e-1", " 0.2", "0.2 %"}) {
    EXPECT_EQ(parse_share(text), std::nullopt) << text;
  }
}

TEST(ParseDuration, ReadsGoStyleDurations) {
  EXPECT_EQ(parse_duration("20ms"), 20ms);
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_duration("1m30s"), 90s);
  EXPECT_EQ(parse_duration("250us"), 250us);
  EXPECT_EQ(parse_duration("2h"), 2h);
  EXPECT_EQ(parse_duration("0"), 0s);
  EXPECT_EQ(parse_duration("0s"), 0s);
}

TEST(ParseDuration, RefusesWhatIsNotADuration) {
  for (const auto* text : {"", "20", "ms", "-5s", "5 s", "5days", "1s5", "nan", "999999999999h"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(ParseUrl, SplitsHostPortAndPath) {
  const auto full = parse_url("http://10.0.0.1:8088/predict?x=1");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->host, "10.0.0.1");
  EXPECT_EQ(full->port, 8088);
  EXPECT_EQ(full->path, "/predict?x=1");
  const auto bare = parse_url("http://router");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->port, 80);
  EXPECT_EQ(bare->path, "/");
}

TEST(ParseUrl, RefusesOtherSchemesAndBadPorts) {
  for (const auto* text : {"", "router/", "https://router/", "http://", "http://:80/", "http://a:0/",
                           "http://a:/", "http://a:70000/", "http://a:8x/"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

}  // namespace
}  // namespace seraphim::demo
