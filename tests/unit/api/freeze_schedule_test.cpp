// When a freeze is in force: by a table, on the nights when the clocks change, and against a walk by minutes.
#include "api/freeze_schedule.h"

#include <gmock/gmock.h>

#include <random>

namespace seraphim::api {
namespace {

using namespace std::chrono_literals;

Time at(const char* text) {
  return parse_time(text).value();
}

/// Changes its offset at the given times, as Berlin did in 2026: on 29 March at 01:00 UTC, on 25 October too.
Zone berlin() {
  return [](Time time) {
    const Time spring = at("2026-03-29T01:00:00Z"), autumn = at("2026-10-25T01:00:00Z");
    if (time < spring) return ZoneSpan{at("2025-10-26T01:00:00Z"), spring, 1h};
    if (time < autumn) return ZoneSpan{spring, autumn, 2h};
    return ZoneSpan{autumn, at("2027-03-28T01:00:00Z"), 1h};
  };
}

SeraphimFreeze freeze_of(FreezeSpec spec) {
  SeraphimFreeze freeze;
  freeze.spec = std::move(spec);
  return freeze;
}

constexpr unsigned long kSunday = 1, kFriday = 1U << 5U, kEveryDay = 127;

SeraphimFreeze windows(std::vector<FreezeWindow> windows) {
  FreezeSpec spec;
  spec.windows = std::move(windows);
  return freeze_of(spec);
}

FreezeState state(const SeraphimFreeze& freeze, const char* now) {
  return state_at(freeze, berlin(), at(now));
}

FreezeState on(const char* until) {
  return {true, at(until)};
}
FreezeState off(const char* until) {
  return {false, at(until)};
}
const FreezeState kAlways{true, std::nullopt}, kNeverAgain{false, std::nullopt};

TEST(FreezeSchedule, WithoutTimesItIsInForceAsLongAsItExists) {
  EXPECT_EQ(state(freeze_of({}), "2026-06-01T00:00:00Z"), kAlways);
}

TEST(FreezeSchedule, FromAndUntil) {
  FreezeSpec spec;
  spec.from = at("2026-12-24T18:00:00Z");
  EXPECT_EQ(state(freeze_of(spec), "2026-06-01T00:00:00Z"), off("2026-12-24T18:00:00Z"));
  EXPECT_EQ(state(freeze_of(spec), "2026-12-24T18:00:00Z"), kAlways) << "from itself belongs to it";
  spec.until = at("2027-01-04T08:00:00Z");
  EXPECT_EQ(state(freeze_of(spec), "2026-06-01T00:00:00Z"), off("2026-12-24T18:00:00Z"));
  EXPECT_EQ(state(freeze_of(spec), "2026-12-24T18:00:00Z"), on("2027-01-04T08:00:00Z"));
  EXPECT_EQ(state(freeze_of(spec), "2027-01-04T07:59:59.999Z"), on("2027-01-04T08:00:00Z"));
  EXPECT_EQ(state(freeze_of(spec), "2027-01-04T08:00:00Z"), kNeverAgain) << "until itself does not";
}

TEST(FreezeSchedule, WindowsAreByTheWallsClock) {
  const auto freeze = windows({{kFriday, 9h, 17h + 30min}});
  EXPECT_EQ(state(freeze, "2026-06-04T12:00:00Z"), off("2026-06-05T07:00:00Z")) << "summer: UTC+2";
  EXPECT_EQ(state(freeze, "2026-06-05T07:00:00Z"), on("2026-06-05T15:30:00Z"));
  EXPECT_EQ(state(freeze, "2026-06-05T15:30:00Z"), off("2026-06-12T07:00:00Z"));
  EXPECT_EQ(state(freeze, "2026-01-09T08:00:00Z"), on("2026-01-09T16:30:00Z")) << "winter: UTC+1";
  EXPECT_EQ(state_at(freeze, utc_zone(), at("2026-06-05T08:59:00Z")), off("2026-06-05T09:00:00Z"));
}

TEST(FreezeSchedule, OverMidnightAndRoundTheClock) {
  const auto night = windows({{kFriday, 22h, 6h}});
  EXPECT_EQ(state(night, "2026-06-05T21:59:00Z"), on("2026-06-06T04:00:00Z"));
  EXPECT_EQ(state(night, "2026-06-06T03:59:00Z"), on("2026-06-06T04:00:00Z")) << "Saturday's early hours";
  EXPECT_EQ(state(night, "2026-06-04T23:00:00Z"), off("2026-06-05T20:00:00Z")) << "Friday's do not belong";
  EXPECT_EQ(state(windows({{kFriday, 9h, 9h}}), "2026-06-05T20:00:00Z"), on("2026-06-06T07:00:00Z"));
  EXPECT_EQ(state(windows({{kEveryDay, 0h, 0h}}), "2026-06-05T20:00:00Z"), kAlways);
}

TEST(FreezeSchedule, OverlappingWindowsAreOne) {
  const auto freeze = windows({{kFriday, 9h, 17h}, {kFriday, 16h, 20h}, {kFriday, 20h, 21h}});
  EXPECT_EQ(state(freeze, "2026-06-05T08:00:00Z"), on("2026-06-05T19:00:00Z"));
}

TEST(FreezeSchedule, WhatTheClocksSkipBeginsAtTheSkip) {
  const auto freeze = windows({{kSunday, 2h + 30min, 4h}});  // 02:00 to 03:00 was not on 29 March
  EXPECT_EQ(state(freeze, "2026-03-29T00:59:00Z"), off("2026-03-29T01:00:00Z"));
  EXPECT_EQ(state(freeze, "2026-03-29T01:00:00Z"), on("2026-03-29T02:00:00Z"));
  const auto skipped = windows({{kSunday, 2h, 3h}});
  EXPECT_EQ(state(skipped, "2026-03-28T12:00:00Z"), off("2026-04-05T00:00:00Z")) << "not that week";
}

TEST(FreezeSchedule, WhatTheClocksShowTwiceIsFrozenTwice) {
  const auto freeze = windows({{kSunday, 1h, 2h + 30min}});  // 02:00 to 03:00 was twice on 25 October
  EXPECT_EQ(state(freeze, "2026-10-24T23:30:00Z"), on("2026-10-25T00:30:00Z"));
  EXPECT_EQ(state(freeze, "2026-10-25T00:30:00Z"), off("2026-10-25T01:00:00Z"));
  EXPECT_EQ(state(freeze, "2026-10-25T01:00:00Z"), on("2026-10-25T01:30:00Z"));
  EXPECT_EQ(state(freeze, "2026-10-25T01:30:00Z"), off("2026-11-01T00:00:00Z"));
}

TEST(FreezeSchedule, WindowsOnlyCountBetweenFromAndUntil) {
  FreezeSpec spec;
  spec.windows = {{kFriday, 9h, 17h}};
  spec.from = at("2036-01-01T00:00:00Z");
  spec.until = at("2036-01-04T10:00:00Z");
  EXPECT_EQ(state(freeze_of(spec), "2026-06-05T08:00:00Z"), off("2036-01-04T08:00:00Z")) << "years ahead";
  EXPECT_EQ(state(freeze_of(spec), "2036-01-04T09:00:00Z"), on("2036-01-04T10:00:00Z"));
  EXPECT_EQ(state(freeze_of(spec), "2036-01-04T10:00:00Z"), kNeverAgain);
  spec.windows = {{kEveryDay, 0h, 0h}};
  EXPECT_EQ(state(freeze_of(spec), "2026-06-05T08:00:00Z"), off("2036-01-01T00:00:00Z"));
  EXPECT_EQ(state(freeze_of(spec), "2036-01-01T00:00:00Z"), on("2036-01-04T10:00:00Z"));
}

TEST(FreezeSchedule, WithoutItsZoneItIsRatherInForce) {
  FreezeSpec spec;
  spec.windows = {{kFriday, 9h, 17h}};
  EXPECT_EQ(state_at(freeze_of(spec), std::nullopt, at("2026-06-01T00:00:00Z")), kAlways);
  spec.until = at("2026-07-01T00:00:00Z");
  EXPECT_EQ(state_at(freeze_of(spec), std::nullopt, at("2026-06-01T00:00:00Z")), on("2026-07-01T00:00:00Z"));
  EXPECT_EQ(state_at(freeze_of(spec), std::nullopt, at("2026-07-01T00:00:00Z")), kNeverAgain);
}

TEST(FreezeSchedule, WhatWasNotUnderstoodIsInForce) {
  auto freeze = windows({{kFriday, 9h, 17h}});
  freeze.problems = {"spec.until: \"tomorrow\" cannot be used"};
  EXPECT_EQ(state(freeze, "2026-06-01T00:00:00Z"), kAlways);
}

// Any schedule, in a zone whose clocks change somewhere: `next_change` is where a walk by minutes finds one.

struct Odd {
  Time changes_at;
  Duration before, after;
};

Zone zone_of(const Odd& odd) {
  return [odd](Time time) {
    if (time < odd.changes_at) return ZoneSpan{Time::min(), odd.changes_at, odd.before};
    return ZoneSpan{odd.changes_at, Time::max(), odd.after};
  };
}

struct Dice {
  std::mt19937_64 source;
  std::int64_t below(std::int64_t end) {
    return static_cast<std::int64_t>(source() % static_cast<std::uint64_t>(end));
  }
};

SeraphimFreeze any_freeze(Dice& dice, Time now) {
  FreezeSpec spec;
  const auto count = dice.below(4);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto minute = [&] { return std::chrono::minutes(15 * dice.below(96)); };
    spec.windows.push_back({static_cast<unsigned long>(dice.below(128)), minute(), minute()});
  }
  const auto near = [&] { return now + std::chrono::minutes(30 * (dice.below(800) - 300)); };
  if (dice.below(3) == 0) spec.from = near();
  if (dice.below(3) == 0) spec.until = near();
  return freeze_of(spec);
}

/// What the walls' clocks say, by nothing but the definition.
bool shows_a_window(const FreezeSpec& spec, const Zone& zone, Time time) {
  if ((spec.from && time < *spec.from) || (spec.until && time >= *spec.until)) return false;
  if (spec.windows.empty()) return true;
  const Time wall = time + zone(time).offset;
  const auto midnight = std::chrono::floor<std::chrono::days>(wall);
  const unsigned today = std::chrono::weekday(midnight).c_encoding();
  const Duration clock = wall - midnight;
  for (const FreezeWindow& window : spec.windows) {
    const bool over_midnight = window.end <= window.start;
    if (window.days[today] && clock >= window.start && (over_midnight || clock < window.end)) return true;
    if (over_midnight && window.days[(today + 6) % 7] && clock < window.end) return true;
  }
  return false;
}

TEST(FreezeSchedule, AgreesWithAWalkByMinutes) {
  Dice dice{std::mt19937_64(17)};
  int changes = 0;
  for (int i = 0; i < 400; ++i) {
    const Time now = at("2026-10-20T00:00:00Z") + std::chrono::minutes(dice.below(10'000));
    const Zone zone = zone_of(
        {std::chrono::floor<std::chrono::minutes>(now) + std::chrono::minutes(15 * dice.below(900)),
         std::chrono::minutes(30 * (dice.below(50) - 24)), std::chrono::minutes(30 * (dice.below(50) - 24))});
    const SeraphimFreeze freeze = any_freeze(dice, now);
    const FreezeState found = state_at(freeze, zone, now);
    EXPECT_EQ(found.active, shows_a_window(freeze.spec, zone, now)) << "case " << i;
    std::optional<Time> walked;
    for (Time time = now; !walked && time < now + 16 * 24h; time += 1min) {
      if (shows_a_window(freeze.spec, zone, time) != found.active) walked = time;
    }
    EXPECT_EQ(found.next_change, walked) << "case " << i;
    changes += walked ? 1 : 0;
  }
  EXPECT_GT(changes, 200);
}

}  // namespace
}  // namespace seraphim::api
