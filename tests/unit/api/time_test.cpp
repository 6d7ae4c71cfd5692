#include "api/time.h"

#include <gmock/gmock.h>

#include <random>
#include <utility>
#include <vector>

namespace seraphim::api {
namespace {

using namespace std::chrono_literals;

constexpr Time kSample = std::chrono::sys_days(2026y / 11 / 24) + 16h + 17min + 33s;

TEST(Time, IsWrittenAsRfc3339) {
  EXPECT_EQ(format_time(kSample), "2026-11-24T16:17:33Z");
  EXPECT_EQ(format_time(kSample + 7ms), "2026-11-24T16:17:33.007Z");
  EXPECT_EQ(format_time(Time{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_time(Time{-1ms}), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_time(*parse_time("0000-01-01T00:00:00+01:00")), "-001-12-31T23:00:00Z");
}

TEST(Time, IsReadWithFractionsAndOffsets) {
  const std::vector<std::pair<const char*, Time>> cases = {
      {"2026-11-24T16:17:33Z", kSample},
      {"2026-11-24T16:17:33.5Z", kSample + 500ms},
      {"2026-11-24T16:17:33.057Z", kSample + 57ms},
      {"2026-11-24T16:17:33.123456789Z", kSample + 123ms},
      {"2026-11-24T17:47:33+01:30", kSample},
      {"2026-11-24T08:17:33-08:00", kSample},
      {"2024-02-29T00:00:00Z", std::chrono::sys_days(2024y / 2 / 29)},
  };
  for (const auto& [text, time] : cases) EXPECT_EQ(parse_time(text), time) << text;
}

TEST(Time, EverythingElseIsRefused) {
  for (const char* text : {"",
                           "now",
                           "2026-11-24",
                           "2026-11-24T16:17:33",
                           "2026-11-24 16:17:33Z",
                           "2026-11-24T16:17Z",
                           "2026-02-29T00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-11-24T24:00:00Z",
                           "2026-11-24T16:60:00Z",
                           "2026-11-24T16:17:60Z",
                           "2026-11-24T16:17:33.Z",
                           "2026-11-24T16:17:33Zx",
                           "2026-11-24T16:17:33+0100",
                           "26-11-24T16:17:33Z",
                           "2026-11-24T16:17:33.5",
                           "12026-11-24T16:17:33Z",
                           "+026-11-24T16:17:33Z"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
  EXPECT_EQ(parse_time("now").error(), "\"now\" is not a time; write it as in 2026-11-24T16:17:33Z");
}

TEST(Time, EveryMillisecondSurvivesWritingAndReading) {
  std::mt19937_64 random(1);
  const auto last = std::chrono::sys_days(9999y / 12 / 31).time_since_epoch() / 1ms;
  const auto first = std::chrono::sys_days(std::chrono::year(0) / 1 / 1).time_since_epoch() / 1ms;
  for (int i = 0; i < 20'000; ++i) {
    const Time time{Duration(std::uniform_int_distribution<std::int64_t>(first, last)(random))};
    ASSERT_EQ(parse_time(format_time(time)), time) << format_time(time);
  }
}

TEST(Duration, IsReadInGoStyle) {
  const std::vector<std::pair<const char*, Duration>> cases = {
      {"0s", 0s},
      {"90s", 90s},
      {"1h30m", 90min},
      {"250ms", 250ms},
      {"1m", 1min},
      {"1s1h", 3601s},
      {"1m1ms", 60001ms},
      {"007s", 7s},
      {"1000000h", 1000000h},
      {"3600000000000ms", 1000000h},
  };
  for (const auto& [text, duration] : cases) EXPECT_EQ(parse_duration(text), duration) << text;
}

TEST(Duration, EverythingElseIsRefused) {
  for (const char* text : {"",
                           "5",
                           "s",
                           "5 s",
                           " 5s",
                           "5s ",
                           "-5s",
                           "+5s",
                           "1.5s",
                           "1d",
                           "5S",
                           "5us",
                           "1h30",
                           "h1",
                           "1000001h",
                           "1000000h1ms",
                           "99999999999999999999s",
                           "3600000000001ms",
                           "12345678901234ms",
                           "5s5"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  EXPECT_EQ(parse_duration("5").error(),
            "\"5\" is not a duration; write whole numbers with the units h, m, s or ms, such as \"1m30s\"");
}

TEST(Duration, IsWrittenWithoutZeroUnits) {
  EXPECT_EQ(format_duration(0s), "0s");
  EXPECT_EQ(format_duration(90s), "1m30s");
  EXPECT_EQ(format_duration(90min), "1h30m");
  EXPECT_EQ(format_duration(3600s + 250ms), "1h250ms");
  EXPECT_EQ(format_duration(-90s), "-1m30s");
}

TEST(Duration, EveryOneSurvivesWritingAndReading) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 20'000; ++i) {
    const Duration duration(std::uniform_int_distribution<std::int64_t>(0, 3'600'000'000'000)(random) >>
                            (i % 42));
    ASSERT_EQ(parse_duration(format_duration(duration)), duration) << format_duration(duration);
  }
}

}  // namespace
}  // namespace seraphim::api
