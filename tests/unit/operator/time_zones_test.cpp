// Time zones as the system's database has them.
#include "operator/time_zones.h"

#include <gtest/gtest.h>

namespace seraphim::op {
namespace {

using namespace std::chrono_literals;

api::Time at(const char* text) {
  return api::parse_time(text).value();
}

TEST(TimeZones, OffsetsAndTheNightsInWhichTheyChange) {
  const auto berlin = find_zone("Europe/Berlin");
  ASSERT_TRUE(berlin) << "the package tzdata is missing";
  const api::ZoneSpan summer = (*berlin)(at("2026-06-01T12:00:00.5Z"));
  EXPECT_EQ(summer.offset, 2h);
  EXPECT_EQ(summer.begin, at("2026-03-29T01:00:00Z"));
  EXPECT_EQ(summer.end, at("2026-10-25T01:00:00Z"));
  EXPECT_EQ((*berlin)(at("2026-10-25T01:00:00Z")).offset, 1h) << "the end belongs to the next span";
  EXPECT_EQ((*berlin)(at("2026-10-25T00:59:59.999Z")).offset, 2h);
  EXPECT_EQ((*find_zone("America/New_York"))(at("2026-06-01T12:00:00Z")).offset, -4h);
  EXPECT_EQ((*find_zone("Asia/Kathmandu"))(at("2026-06-01T12:00:00Z")).offset, 5h + 45min);
}

TEST(TimeZones, TheFirstAndTheLastSpanReachAsFarAsAnyTimeCanBeWritten) {
  const auto kathmandu = find_zone("Asia/Kathmandu");
  ASSERT_TRUE(kathmandu);
  EXPECT_LE((*kathmandu)(at("1800-01-01T00:00:00Z")).begin, at("0000-01-01T00:00:00Z"));
  EXPECT_GE((*kathmandu)(at("2026-01-01T00:00:00Z")).end, at("9999-12-31T23:59:59Z"));
}

TEST(TimeZones, WhatIsNoZoneIsNone) {
  for (const char* name : {"", "Europe", "Europe/Atlantis", "../../../etc/passwd", "europe/berlin"})
    EXPECT_FALSE(find_zone(name)) << name;
}

TEST(TimeZones, UtcIsAlwaysKnown) {
  EXPECT_EQ((*find_zone("UTC"))(at("2026-06-01T12:00:00Z")).offset, 0h);
}

}  // namespace
}  // namespace seraphim::op
