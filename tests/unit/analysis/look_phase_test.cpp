// Looks fall soon after scrapes, whatever the two periods are.
#include "analysis/look_phase.h"

#include <gtest/gtest.h>

namespace seraphim::analysis {
namespace {

using std::chrono::milliseconds;
using namespace std::chrono_literals;

/// A server that scrapes at `offset` + n `period`, and has the numbers `arrival` later. Its clock is ahead by
/// `skew`.
struct Server {
  milliseconds period{1000}, offset{300}, arrival{10}, skew{0};

  /// Scrapes of one pod in the last five periods, as of `now` by this machine's clock.
  Samples at(api::Time now) const {
    Samples samples;
    const auto n = (now.time_since_epoch() - arrival - offset) / period;
    for (auto i = std::max<std::int64_t>(0, n - 4); i <= n; ++i)
      samples.candidate.push_back(
          {.target = "pod", .outcome = "success", .value = 1, .at = api::Time(offset + i * period + skew)});
    return samples;
  }
  /// How old the newest numbers are, by the clock of this machine.
  milliseconds age(api::Time now) const { return now - (at(now).candidate.back().at - skew); }
};

/// Looks from `start` on; the age of what each of the last ten looks found, the oldest.
milliseconds settled_age(const Server& server, milliseconds interval, api::Time start = api::Time(20s)) {
  LookPhase phase;
  milliseconds worst{0};
  auto now = start;
  for (int i = 0; i < 60; ++i) {
    now += phase.until_next(server.at(now), now, interval);
    if (i >= 50) worst = std::max(worst, server.age(now));
  }
  return worst;
}

TEST(LookPhase, FindsThePhaseFromAnyStart) {
  for (auto start = api::Time(20s); start < api::Time(21s); start += 10ms)
    EXPECT_LE(settled_age({}, 1s, start), 60ms) << start.time_since_epoch().count();
}

TEST(LookPhase, WaitsLongerForNumbersThatArriveLate) {
  EXPECT_LE(settled_age({.arrival = 180ms}, 1s), 260ms);
  EXPECT_LE(settled_age({.arrival = 390ms}, 1s), 480ms);
}

TEST(LookPhase, PeriodsThatDifferFromTheInterval) {
  EXPECT_LE(settled_age({.period = 1s}, 5s), 60ms);
  EXPECT_LE(settled_age({.period = 700ms}, 5s), 60ms);
  EXPECT_LE(settled_age({.period = 5s, .offset = 3s}, 6s), 60ms);
}

TEST(LookPhase, ASlowServerIsStillAskedAboutOncePerInterval) {
  const Server server{.period = 30s, .offset = 4s};
  LookPhase phase;
  auto now = api::Time(200s);
  for (int i = 0; i < 100; ++i) {
    const auto wait = phase.until_next(server.at(now), now, 5s);
    EXPECT_GE(wait, 2500ms);
    EXPECT_LE(wait, 7500ms);
    now += wait;
  }
}

TEST(LookPhase, AnotherMachinesClockOnlyCostsThePhase) {
  for (const milliseconds skew : {-40'000ms, -400ms, 400ms, 40'000ms}) {
    const Server server{.skew = skew};
    LookPhase phase;
    auto now = api::Time(100s);
    for (int i = 0; i < 50; ++i) {
      const auto wait = phase.until_next(server.at(now), now, 1s);
      EXPECT_GE(wait, 500ms);
      EXPECT_LE(wait, 1500ms);
      now += wait;
    }
    EXPECT_LE(server.age(now), 1010ms);
  }
}

TEST(LookPhase, WithoutTwoScrapesThereIsNoRhythm) {
  LookPhase phase;
  EXPECT_EQ(phase.until_next({}, api::Time(10s), 5s), 5s);
  Samples one;
  one.candidate = {{.target = "pod", .outcome = "success", .value = 1, .at = api::Time(9s)}};
  EXPECT_EQ(phase.until_next(one, api::Time(10s), 5s), 5s);
}

}  // namespace
}  // namespace seraphim::analysis
