// Runtime rules 10-12, on a clock that is handed in.
#include "kubernetes/work_queue.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace seraphim::kubernetes {
namespace {

using namespace std::chrono_literals;

const SteadyTime kStart{100h};
const ObjectKey kA{"ns", "a"}, kB{"ns", "b"}, kC{"ns", "c"};

using Keys = std::vector<std::string>;

/// Takes everything that is due, one after the other.
Keys drain(WorkQueue& queue, SteadyTime now) {
  Keys names;
  while (const auto key = queue.try_take(now)) {
    names.push_back(key->name);
    queue.done(*key, now);
    if (names.size() > 1000) break;
  }
  return names;
}

TEST(WorkQueue, HandsOutInTheOrderOfArrivalAndEachKeyOnce) {
  WorkQueue queue;
  for (const auto* key : {&kB, &kA, &kB, &kC, &kA}) queue.add(*key, kStart);
  EXPECT_EQ(queue.depth(), 3u);
  EXPECT_EQ(drain(queue, kStart), (Keys{"b", "a", "c"}));
  EXPECT_EQ(queue.depth(), 0u);
  EXPECT_EQ(queue.next_due(), std::nullopt);
}

TEST(WorkQueue, AddingDuringALookGivesExactlyOneMore) {
  WorkQueue queue;
  queue.add(kA, kStart);
  ASSERT_EQ(queue.try_take(kStart), kA);
  for (int i = 0; i < 100; ++i) queue.add(kA, kStart);
  EXPECT_EQ(queue.try_take(kStart), std::nullopt) << "one at a time";
  EXPECT_EQ(queue.next_due(), std::nullopt) << "nothing to take before done()";
  EXPECT_EQ(queue.depth(), 1u);
  EXPECT_EQ(queue.processing(), 1u);
  queue.done(kA, kStart);
  EXPECT_EQ(queue.next_due(), kStart);
  EXPECT_EQ(drain(queue, kStart), Keys{"a"});
}

TEST(WorkQueue, DoneIsForTheOneThatTookIt) {
  WorkQueue queue;
  queue.add(kA, kStart);
  queue.done(kA, kStart);  // nobody took it
  EXPECT_EQ(drain(queue, kStart), Keys{"a"});
}

TEST(WorkQueue, TheEarliestWishOfAKeyCounts) {
  WorkQueue queue;
  queue.add_after(kA, 10s, kStart);
  queue.add_after(kA, 1s, kStart);
  queue.add_after(kA, 5s, kStart);
  EXPECT_EQ(queue.depth(), 0u);
  EXPECT_EQ(queue.next_due(), kStart + 1s);
  EXPECT_EQ(drain(queue, kStart + 999ms), Keys{});
  EXPECT_EQ(drain(queue, kStart + 1s), Keys{"a"});
  EXPECT_EQ(drain(queue, kStart + 1h), Keys{}) << "the other wishes are served";
}

TEST(WorkQueue, AddServesADelayedWish) {
  WorkQueue queue;
  queue.add_after(kA, 10s, kStart);
  queue.add(kA, kStart + 1s);
  EXPECT_EQ(drain(queue, kStart + 1s), Keys{"a"});
  EXPECT_EQ(queue.next_due(), std::nullopt);
  EXPECT_EQ(drain(queue, kStart + 1h), Keys{});
}

TEST(WorkQueue, ADelayedWishForAKeyThatIsDueAnywayIsServedByThatLook) {
  WorkQueue queue;
  queue.add(kA, kStart);
  queue.add_after(kA, 10s, kStart);
  ASSERT_EQ(queue.try_take(kStart), kA);
  queue.add(kA, kStart);
  queue.add_after(kA, 10s, kStart);
  queue.done(kA, kStart);
  EXPECT_EQ(drain(queue, kStart), Keys{"a"});
  EXPECT_EQ(drain(queue, kStart + 1h), Keys{});
}

TEST(WorkQueue, ADelayedWishForAWaitingKeyIsServedByItsLook) {
  WorkQueue queue;
  queue.add(kA, kStart);
  queue.add_after(kA, 10s, kStart);
  EXPECT_EQ(drain(queue, kStart), Keys{"a"});
  EXPECT_EQ(queue.next_due(), std::nullopt);
  EXPECT_EQ(drain(queue, kStart + 1h), Keys{});
}

TEST(WorkQueue, AWishDuringALookWaitsForItsTime) {
  WorkQueue queue;
  queue.add(kA, kStart);
  ASSERT_EQ(queue.try_take(kStart), kA);
  queue.add_after(kA, 10s, kStart);
  EXPECT_EQ(queue.next_due(), std::nullopt) << "the key is being looked at";
  queue.done(kA, kStart + 1s);
  EXPECT_EQ(queue.next_due(), kStart + 10s);
  EXPECT_EQ(drain(queue, kStart + 9s), Keys{});
  EXPECT_EQ(drain(queue, kStart + 10s), Keys{"a"});
}

TEST(WorkQueue, AWishThatComesDueDuringALookIsOneMoreLookAfterIt) {
  WorkQueue queue;
  queue.add(kA, kStart);
  ASSERT_EQ(queue.try_take(kStart), kA);
  queue.add_after(kA, 1s, kStart);
  EXPECT_EQ(queue.try_take(kStart + 5s), std::nullopt);
  queue.done(kA, kStart + 6s);
  EXPECT_EQ(drain(queue, kStart + 6s), Keys{"a"});
}

TEST(WorkQueue, DelayedKeysTakeTheirTurnByDueTime) {
  WorkQueue queue;
  queue.add_after(kC, 3s, kStart);
  queue.add_after(kB, 1s, kStart);
  queue.add(kA, kStart + 2s);  // after b, which has been due for a second, and before c
  EXPECT_EQ(drain(queue, kStart + 5s), (Keys{"b", "a", "c"}));
}

TEST(WorkQueue, ABusyKeyDoesNotStarveTheOthers) {
  WorkQueue queue;
  queue.add(kA, kStart);
  queue.add(kB, kStart);
  ASSERT_EQ(queue.try_take(kStart), kA);
  queue.add(kA, kStart);
  queue.done(kA, kStart);
  EXPECT_EQ(queue.try_take(kStart), kB);
  EXPECT_EQ(queue.try_take(kStart), kA);
}

TEST(WorkQueue, NoDelayIsNow) {
  WorkQueue queue;
  queue.add_after(kA, 0s, kStart);
  queue.add_after(kB, -5s, kStart);
  queue.add_after(kC, std::chrono::milliseconds::max(), kStart);
  EXPECT_EQ(queue.depth(), 2u);
  EXPECT_EQ(drain(queue, kStart), (Keys{"a", "b"}));
  EXPECT_GT(*queue.next_due(), kStart + 24h * 365);
}

/// How long the key has to wait for its look.
std::chrono::milliseconds wait_of(WorkQueue& queue, SteadyTime now) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(*queue.next_due() - now);
}

TEST(WorkQueue, FailuresOfAKeyDoubleItsDelay) {
  WorkQueue queue({.retries_per_second = 1e6, .burst = 1'000'000});
  auto now = kStart;
  std::vector<std::chrono::milliseconds> delays;
  for (int i = 0; i < 22; ++i) {
    queue.add_rate_limited(kA, now);
    delays.push_back(wait_of(queue, now));
    now += delays.back();
    ASSERT_EQ(drain(queue, now), Keys{"a"});
  }
  for (std::size_t i = 0; i < 18; ++i) EXPECT_EQ(delays[i], 5ms * (1 << i)) << i;
  for (std::size_t i = 18; i < 22; ++i) EXPECT_EQ(delays[i], 1'000'000ms) << i;

  queue.add_rate_limited(kB, now);
  EXPECT_EQ(wait_of(queue, now), 5ms) << "the failures of another key";
  drain(queue, now + 5ms);
  queue.forget(kA);
  queue.add_rate_limited(kA, now);
  EXPECT_EQ(wait_of(queue, now), 5ms) << "after a success";
}

TEST(WorkQueue, FailuresOfManyKeysShareARate) {
  WorkQueue queue;
  const auto now = kStart;
  for (int i = 0; i < 100; ++i) queue.add_rate_limited({"ns", std::to_string(i)}, now);
  EXPECT_EQ(drain(queue, now + 5ms).size(), 100u) << "the burst";
  for (int i = 0; i < 20; ++i) queue.add_rate_limited({"ns", "more" + std::to_string(i)}, now);
  EXPECT_EQ(drain(queue, now + 99ms).size(), 0u);
  EXPECT_EQ(drain(queue, now + 100ms).size(), 1u);
  EXPECT_EQ(drain(queue, now + 1s).size(), 9u);
  EXPECT_EQ(drain(queue, now + 2s).size(), 10u);
}

TEST(WorkQueue, TheServersRetryAfterIsKept) {
  WorkQueue queue;
  queue.add_rate_limited(kA, kStart, 7s);
  EXPECT_EQ(queue.next_due(), kStart + 7s);
  queue.add_rate_limited(kB, kStart, 1ms);
  EXPECT_EQ(queue.next_due(), kStart + 5ms) << "never sooner than the backoff";
}

TEST(WorkQueue, ClosedItHandsOutNothing) {
  WorkQueue queue;
  queue.add(kA, kStart);
  queue.add(kB, kStart);
  ASSERT_EQ(queue.try_take(kStart), kA);
  queue.add_after(kC, 1s, kStart);
  queue.add(kA, kStart);
  queue.close();
  queue.add(kC, kStart);
  queue.done(kA, kStart);
  EXPECT_EQ(queue.try_take(kStart + 1h), std::nullopt);
  EXPECT_EQ(queue.take(system_clock(), {}), std::nullopt);
  EXPECT_EQ(queue.next_due(), std::nullopt);
  EXPECT_EQ(queue.processing(), 0u);
}

TEST(WorkQueue, KnowsTheLongestLook) {
  WorkQueue queue;
  EXPECT_EQ(queue.longest_look(), std::nullopt);
  queue.add(kA, kStart);
  queue.add(kB, kStart);
  ASSERT_EQ(queue.try_take(kStart + 1s), kA);
  ASSERT_EQ(queue.try_take(kStart + 2s), kB);
  EXPECT_EQ(queue.longest_look(), std::make_pair(kA, kStart + 1s));
  queue.done(kA, kStart + 3s);
  EXPECT_EQ(queue.longest_look(), std::make_pair(kB, kStart + 2s));
}

TEST(WorkQueue, KnowsSinceWhenNobodyTakes) {
  WorkQueue queue;
  EXPECT_EQ(queue.starved_since(kStart), std::nullopt);
  queue.add(kA, kStart);
  queue.add(kB, kStart + 1s);
  EXPECT_EQ(queue.starved_since(kStart + 9s), kStart);
  ASSERT_EQ(queue.try_take(kStart + 5s), kA);
  EXPECT_EQ(queue.starved_since(kStart + 9s), kStart + 5s) << "B waits, but somebody takes";
  ASSERT_EQ(queue.try_take(kStart + 6s), kB);
  EXPECT_EQ(queue.starved_since(kStart + 9s), std::nullopt);
}

TEST(WorkQueue, ADelayedKeyThatNobodyTakesStarves) {
  WorkQueue queue;
  queue.add_after(kA, 10s, kStart);
  EXPECT_EQ(queue.starved_since(kStart + 9s), std::nullopt);
  EXPECT_EQ(queue.starved_since(kStart + 11s), kStart + 10s);
  queue.close();
  EXPECT_EQ(queue.starved_since(kStart + 11s), std::nullopt);
}

}  // namespace
}  // namespace seraphim::kubernetes
