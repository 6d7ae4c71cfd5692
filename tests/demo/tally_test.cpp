#include "tally.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace seraphim::demo {
namespace {

using namespace std::chrono_literals;

Result good(const char* version, EpochMs at) {
  return {.version = version, .failure = "", .latency = 20ms, .at = at};
}
Result bad(const char* version, const char* kind, EpochMs at) {
  return {.version = version, .failure = kind, .latency = 30ms, .at = at};
}

TEST(Tally, CountsByVersionAndKind) {
  Tally tally(1000);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(tally.sent(), 0u);
  tally.done(0, good("v1", 1010));
  tally.done(0, bad("v2", "http_500", 1020));
  tally.done(0, bad(kNoVersion, "connect", 1030));
  const auto full = tally.full();
  EXPECT_EQ(full["sent"], 4);
  EXPECT_EQ(full["ok"], 1);
  EXPECT_EQ(full["failed"], 2);
  EXPECT_EQ(full["in_flight"], 1);
  EXPECT_EQ(full["by_version"]["v1"]["ok"], 1);
  EXPECT_EQ(full["by_version"]["v2"]["failed"], 1);
  EXPECT_EQ(full["failures"], (nlohmann::json{{"http_500", 1}, {"connect", 1}}));
  EXPECT_EQ(full["first_failure_at"], (nlohmann::json{{"v2", 1020}, {"none", 1030}}));
}

TEST(Tally, ALateAnswerBelongsToTheWindowItWasSentIn) {
  Tally tally(1000);
  const auto before = tally.sent();
  ASSERT_TRUE(tally.mark("after-rollback", 2000));
  const auto after = tally.sent();
  tally.done(before, bad("v2", "http_500", 2100));
  tally.done(after, good("v1", 2200));
  const auto windows = tally.full()["windows"];
  ASSERT_EQ(windows.size(), 2u);
  EXPECT_EQ(windows[0]["name"], "start");
  EXPECT_EQ(windows[0]["failed"], 1);
  EXPECT_EQ(windows[0]["first_failure_at"]["v2"], 2100);
  EXPECT_EQ(windows[1]["name"], "after-rollback");
  EXPECT_EQ(windows[1]["started_at"], 2000);
  EXPECT_EQ(windows[1]["failed"], 0);
  EXPECT_TRUE(windows[1]["first_failure_at"].empty());
}

TEST(Tally, EachWindowHasItsOwnFirstFailure) {
  Tally tally(0);
  tally.done(tally.sent(), bad("v2", "http_500", 10));
  ASSERT_TRUE(tally.mark("second", 20));
  tally.done(tally.sent(), bad("v2", "http_500", 30));
  tally.done(tally.sent(), bad("v2", "http_500", 40));
  const auto full = tally.full();
  EXPECT_EQ(full["first_failure_at"]["v2"], 10);
  EXPECT_EQ(full["last_failure_at"]["v2"], 40);
  EXPECT_EQ(full["windows"][1]["first_failure_at"]["v2"], 30);
  EXPECT_EQ(full["windows"][1]["last_failure_at"]["v2"], 40);
}

TEST(Tally, NamesOfWindowsAreUnique) {
  Tally tally(0);
  EXPECT_TRUE(tally.mark("a", 1));
  EXPECT_FALSE(tally.mark("a", 2));
  EXPECT_FALSE(tally.mark("start", 2));
  EXPECT_FALSE(tally.mark("", 2));
  EXPECT_EQ(tally.full()["windows"].size(), 2u);
}

TEST(Tally, SecondsAreDifferencesAndFirstFailuresStay) {
  Tally tally(0);
  tally.done(tally.sent(), bad("v2", "http_500", 10));
  tally.missed(Missed::busy);
  const auto first = tally.take_second(1000);
  EXPECT_EQ(first["sent"], 1);
  EXPECT_EQ(first["missed"], 1);
  EXPECT_EQ(first["first_failure_at"]["v2"], 10);
  tally.done(tally.sent(), good("v1", 1500));
  const auto second = tally.take_second(2000);
  EXPECT_EQ(second["sent"], 1);
  EXPECT_EQ(second["failed"], 0);
  EXPECT_EQ(second["missed"], 0);
  EXPECT_EQ(second["by_version"], (nlohmann::json{{"v1", {{"ok", 1}, {"failed", 0}}}}));
  EXPECT_EQ(second["first_failure_at"]["v2"], 10);
  EXPECT_EQ(tally.missed_total(), 1u);
}

}  // namespace
}  // namespace seraphim::demo
