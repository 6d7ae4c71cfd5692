// The work queue and its threads, on the machine's clock. Most useful under the thread sanitizer.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "kubernetes/patience.h"
#include "kubernetes/work_queue.h"

namespace seraphim::kubernetes {
namespace {

using testing::kPatience;
using namespace std::chrono_literals;

const ObjectKey kFirst{"ns", "a"}, kSecond{"ns", "b"};

/// The machine's clock, and whether somebody looked at it. take() does so while it holds the queue's lock,
/// right before it begins to wait: who calls the queue after that finds it waiting.
class WatchedClock final : public Clock {
 public:
  SteadyTime steady() const override {
    ++looks_;
    looks_.notify_all();
    return system_clock().steady();
  }
  WallTime wall() const override { return system_clock().wall(); }
  void wait_for_a_look() const { looks_.wait(0); }

 private:
  mutable std::atomic<int> looks_ = 0;
};

class WorkQueueThreads : public ::testing::Test {
 protected:
  ~WorkQueueThreads() override { queue_.close(); }

  /// Returns when the thread waits, or when it has got a key.
  std::future<std::optional<ObjectKey>> take_in_thread() {
    auto clock = std::make_shared<WatchedClock>();
    auto taken =
        std::async(std::launch::async, [this, clock] { return queue_.take(*clock, stop_.get_token()); });
    clock->wait_for_a_look();
    return taken;
  }
  std::optional<ObjectKey> result(std::future<std::optional<ObjectKey>>& taken) {
    if (taken.wait_for(kPatience) == std::future_status::ready) return taken.get();
    queue_.close();  // so that the thread ends and the test can fail
    ADD_FAILURE() << "take() did not return";
    return taken.get();
  }

  const Clock& clock_ = system_clock();
  std::stop_source stop_;
  WorkQueue queue_;
};

TEST_F(WorkQueueThreads, TakeWaitsForAKey) {
  auto taken = take_in_thread();
  queue_.add(kFirst, clock_.steady());
  EXPECT_EQ(result(taken), kFirst);
}

TEST_F(WorkQueueThreads, TakeWaitsForTheDueTimeAndNoLonger) {
  const auto start = clock_.steady();
  queue_.add_after(kFirst, 1h, start);
  auto taken = take_in_thread();
  queue_.add_after(kSecond, 50ms, start);  // sooner than what the thread may be waiting for already
  EXPECT_EQ(result(taken), kSecond);
  EXPECT_GE(clock_.steady(), start + 50ms);
}

TEST_F(WorkQueueThreads, AKeyBeingLookedAtDoesNotHideAnotherOne) {
  const auto start = clock_.steady();
  queue_.add(kFirst, start);
  ASSERT_EQ(queue_.try_take(start), kFirst);
  queue_.add_after(kFirst, 20ms, start);
  auto taken = take_in_thread();
  queue_.add_after(kSecond, 60ms, start);
  EXPECT_EQ(result(taken), kSecond);
}

TEST_F(WorkQueueThreads, DoneMakesADelayedKeyWorthWaitingFor) {
  const auto start = clock_.steady();
  queue_.add(kFirst, start);
  ASSERT_EQ(queue_.try_take(start), kFirst);
  queue_.add_after(kFirst, 200ms, start);
  auto taken = take_in_thread();
  queue_.done(kFirst, clock_.steady());
  EXPECT_EQ(result(taken), kFirst);
}

TEST_F(WorkQueueThreads, StopAndCloseEndTheWaiting) {
  auto first = take_in_thread();
  stop_.request_stop();
  EXPECT_EQ(result(first), std::nullopt);
  stop_ = std::stop_source();
  auto second = take_in_thread();
  queue_.close();
  EXPECT_EQ(result(second), std::nullopt);
}

/// Writers change a value and then add its key; workers copy the value. In the end every copy must be the
/// last value, and never may two workers have had one key.
TEST_F(WorkQueueThreads, NoUpdateIsLostAndNoKeyIsLookedAtTwiceAtOnce) {
  constexpr std::size_t kKeys = 5;
  constexpr int kChanges = 4000;
  std::array<std::atomic<int>, kKeys> value{}, copy{}, inside{};
  std::atomic<int> overlaps = 0;
  std::mutex mutex;
  std::condition_variable finished;

  const auto work = [&] {
    while (const auto key = queue_.take(clock_, stop_.get_token())) {
      const auto i = static_cast<std::size_t>(key->name[0] - '0');
      if (inside[i].fetch_add(1) != 0) ++overlaps;
      copy[i] = value[i].load();
      inside[i].fetch_sub(1);
      queue_.done(*key, clock_.steady());
      const std::lock_guard lock(mutex);
      finished.notify_all();
    }
  };
  const auto write = [&](unsigned seed) {
    std::mt19937 random(seed);
    for (int change = 0; change < kChanges; ++change) {
      const std::size_t i = random() % kKeys;
      ++value[i];
      const ObjectKey key{"ns", std::to_string(i)};
      if (random() % 4 == 0) {
        queue_.add_after(key, std::chrono::milliseconds(random() % 3), clock_.steady());
      } else if (random() % 4 == 0) {
        queue_.add_rate_limited(key, clock_.steady());
        queue_.forget(key);
        queue_.add(key, clock_.steady());
      } else {
        queue_.add(key, clock_.steady());
      }
    }
  };

  std::vector<std::jthread> workers, writers;
  for (int i = 0; i < 4; ++i) workers.emplace_back(work);
  for (unsigned i = 0; i < 2; ++i) writers.emplace_back(write, i + 1);
  writers.clear();  // joins
  const auto idle = [&] { return queue_.depth() == 0 && queue_.processing() == 0 && !queue_.next_due(); };
  {
    std::unique_lock lock(mutex);
    EXPECT_TRUE(finished.wait_for(lock, kPatience, idle));
  }
  queue_.close();
  workers.clear();
  EXPECT_EQ(overlaps, 0);
  for (std::size_t i = 0; i < kKeys; ++i) EXPECT_EQ(copy[i], value[i]) << i;
}

}  // namespace
}  // namespace seraphim::kubernetes
