#include "worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <semaphore>
#include <set>

namespace seraphim::demo {
namespace {

using namespace std::chrono_literals;

TEST(WorkerPool, RefusesWhenAllAreBusyAndFinishesWhatItTook) {
  std::latch gate(1);
  std::atomic<int> sent = 0;
  {
    WorkerPool pool(2, [&] {
      return [&](const Ticket&) {
        gate.wait();
        ++sent;
      };
    });
    EXPECT_TRUE(pool.dispatch({}));
    EXPECT_TRUE(pool.dispatch({}));
    EXPECT_FALSE(pool.dispatch({}));
    gate.count_down();
  }
  EXPECT_EQ(sent, 2);
}

TEST(WorkerPool, OneAfterTheOtherNeedsOneWorkerOnly) {
  std::counting_semaphore<> done(0);
  WorkerPool pool(8, [&] { return [&](const Ticket&) { done.release(); }; });
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(pool.dispatch({}));
    ASSERT_TRUE(done.try_acquire_for(5s));
    std::this_thread::sleep_for(5ms);  // the worker goes back on the stack just after it has sent
  }
  EXPECT_LE(pool.size(), 2u);
}

TEST(WorkerPool, EachWorkerHasItsOwnSender) {
  std::atomic<int> made = 0;
  std::latch gate(3);
  {
    WorkerPool pool(3, [&] {
      ++made;
      return [&](const Ticket&) { gate.arrive_and_wait(); };
    });
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(pool.dispatch({}));
  }
  EXPECT_EQ(made, 3);
}

}  // namespace
}  // namespace seraphim::demo
