// Runtime rules 13, 14 and the part of 33 that is about workers.
#include "kubernetes/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "kubernetes/hand_clock.h"
#include "kubernetes/patience.h"

namespace seraphim::kubernetes {
namespace {

using testing::kPatience;
using namespace std::chrono_literals;
using testing::HandClock;

const ObjectKey kOnly{"ns", "a"};

class WorkOnce : public ::testing::Test {
 protected:
  bool once(const Reconcile& reconcile) {
    return work_once(queue_, reconcile, clock_, {}, [this](const ObjectKey& key, const std::string& why) {
      reports_.push_back(key.name + ": " + why);
    });
  }
  std::chrono::milliseconds until_due() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(*queue_.next_due() - clock_.steady());
  }

  HandClock clock_;
  WorkQueue queue_;
  std::vector<std::string> reports_;
};

TEST_F(WorkOnce, TakesADueKeyAndSaysWhetherThereWasOne) {
  const Reconcile done = [](const ObjectKey&, const std::stop_token&) { return ReconcileDone{}; };
  EXPECT_FALSE(once(done));
  queue_.add(kOnly, clock_.steady());
  EXPECT_TRUE(once(done));
  EXPECT_FALSE(once(done));
  EXPECT_EQ(queue_.processing(), 0u);
  EXPECT_EQ(queue_.next_due(), std::nullopt);
  EXPECT_EQ(reports_, std::vector<std::string>{});
}

TEST_F(WorkOnce, LooksAgainWhenAsked) {
  queue_.add(kOnly, clock_.steady());
  once([](const ObjectKey&, const std::stop_token&) { return ReconcileDone{.look_again = 5s}; });
  EXPECT_EQ(until_due(), 5s);
}

TEST_F(WorkOnce, FailuresBackOffAndASuccessForgetsThem) {
  const Reconcile fail = [](const ObjectKey&, const std::stop_token&) { return ReconcileAgain{.why = "no"}; };
  queue_.add(kOnly, clock_.steady());
  for (const auto delay : {5ms, 10ms, 20ms}) {
    ASSERT_TRUE(once(fail));
    EXPECT_EQ(until_due(), delay);
    clock_.advance(delay);
  }
  EXPECT_EQ(reports_, (std::vector<std::string>{"a: no", "a: no", "a: no"}));
  ASSERT_TRUE(
      once([](const ObjectKey&, const std::stop_token&) { return ReconcileDone{.look_again = 1ms}; }));
  clock_.advance(1ms);
  ASSERT_TRUE(once(fail));
  EXPECT_EQ(until_due(), 5ms);
}

TEST_F(WorkOnce, TheServersDelayIsKept) {
  queue_.add(kOnly, clock_.steady());
  once(
      [](const ObjectKey&, const std::stop_token&) { return ReconcileAgain{.why = "busy", .at_least = 3s}; });
  EXPECT_EQ(until_due(), 3s);
}

TEST_F(WorkOnce, AnExceptionIsAFailureOfItsKeyOnly) {
  for (int i = 0; i < 100; ++i) queue_.add({"ns", std::to_string(i)}, clock_.steady());
  std::set<std::string> seen;
  const Reconcile reconcile = [&](const ObjectKey& key, const std::stop_token&) -> ReconcileOutcome {
    if (key.name == "42") throw std::runtime_error("the answer");
    if (key.name == "43") throw 43;
    seen.insert(key.name);
    return ReconcileDone{};
  };
  while (once(reconcile)) {
  }
  EXPECT_EQ(seen.size(), 98u);
  EXPECT_EQ(reports_, (std::vector<std::string>{"42: the answer", "43: an exception of an unknown type"}));
  EXPECT_EQ(until_due(), 5ms);
  EXPECT_EQ(queue_.processing(), 0u);
}

TEST_F(WorkOnce, AReportThatThrowsDoesNotKeepTheKey) {
  queue_.add(kOnly, clock_.steady());
  const Reconcile fail = [](const ObjectKey&, const std::stop_token&) { return ReconcileAgain{.why = "no"}; };
  EXPECT_TRUE(work_once(queue_, fail, clock_, {},
                        [](const auto&, const auto&) { throw std::runtime_error("disk full"); }));
  EXPECT_EQ(queue_.processing(), 0u);
  EXPECT_EQ(until_due(), 5ms);
  clock_.advance(5ms);
  EXPECT_TRUE(work_once(queue_, fail, clock_, {}, nullptr));
}

TEST_F(WorkOnce, NewsDuringTheLookBringsTheNextOneAtOnce) {
  queue_.add(kOnly, clock_.steady());
  once([this](const ObjectKey& key, const std::stop_token&) {
    queue_.add(key, clock_.steady());
    return ReconcileDone{.look_again = 1h};
  });
  EXPECT_EQ(until_due(), 0ms);
  ASSERT_TRUE(once([](const ObjectKey&, const std::stop_token&) { return ReconcileDone{}; }));
  EXPECT_EQ(queue_.next_due(), std::nullopt) << "the wish of the outdated look is gone";
}

/// Looks that wait until they are let go or asked to stop.
struct Gate {
  std::mutex mutex;
  std::condition_variable_any changed;
  bool open = false;
  std::atomic<int> inside = 0, finished = 0, asked_to_stop = 0;

  ReconcileOutcome look(const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    ++inside;
    changed.notify_all();
    changed.wait(lock, stop, [this] { return open; });
    if (stop.stop_requested()) ++asked_to_stop;
    ++finished;
    changed.notify_all();
    return ReconcileDone{};
  }
  bool wait_for_inside(int count) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, kPatience, [&] { return inside >= count; });
  }
  bool wait_for_finished(int count) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, kPatience, [&] { return finished >= count; });
  }
  void let_go() {
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }
};

class WorkerThreads : public ::testing::Test {
 protected:
  void add(const std::string& name) { queue_.add({"ns", name}, system_clock().steady()); }

  Gate gate_;
  WorkQueue queue_;
  Workers workers_{queue_, [this](const ObjectKey&, const std::stop_token& stop) { return gate_.look(stop); },
                   system_clock(), nullptr};
};

TEST_F(WorkerThreads, WorkInParallelOnDifferentKeys) {
  workers_.start(3);
  for (const char* name : {"a", "b", "c"}) add(name);
  ASSERT_TRUE(gate_.wait_for_inside(3)) << "three threads, three keys";
  gate_.let_go();
  workers_.stop(kPatience);
  EXPECT_EQ(gate_.finished, 3);
  EXPECT_EQ(gate_.asked_to_stop, 0);
}

TEST_F(WorkerThreads, StopLetsLooksEndAndBeginsNoNewOnes) {
  workers_.start(1);
  add("a");
  add("b");
  ASSERT_TRUE(gate_.wait_for_inside(1));
  auto stopping = std::async(std::launch::async, [this] { workers_.stop(kPatience); });
  ASSERT_EQ(queue_.processing(), 1u);
  gate_.let_go();
  ASSERT_EQ(stopping.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(gate_.finished + 0, gate_.inside + 0);
  EXPECT_EQ(gate_.asked_to_stop, 0);
  EXPECT_EQ(queue_.processing(), 0u);
}

TEST_F(WorkerThreads, AfterTheDrainLooksAreAskedToStop) {
  workers_.start(2);
  add("a");
  add("b");
  ASSERT_TRUE(gate_.wait_for_inside(2));
  workers_.stop(10ms);  // returns only because the looks heed their token
  EXPECT_EQ(gate_.asked_to_stop, 2);
  EXPECT_EQ(queue_.processing(), 0u);
}

TEST_F(WorkerThreads, StopWaitsNoLongerThanTheLooks) {
  workers_.start(4);
  gate_.let_go();
  for (const char* name : {"a", "b", "c"}) add(name);
  ASSERT_TRUE(gate_.wait_for_finished(3));
  const auto start = system_clock().steady();
  workers_.stop(1h);
  EXPECT_LT(system_clock().steady() - start, kPatience);
  workers_.stop(1h);  // once more does nothing
}

TEST_F(WorkerThreads, ClosingTheQueueIsNotAskingToStop) {
  workers_.start(1);
  add("a");
  ASSERT_TRUE(gate_.wait_for_inside(1));
  queue_.close();
  EXPECT_EQ(gate_.asked_to_stop, 0);
  gate_.let_go();
  ASSERT_TRUE(gate_.wait_for_finished(1));
  workers_.stop(kPatience);
  EXPECT_EQ(gate_.asked_to_stop, 0);
}

}  // namespace
}  // namespace seraphim::kubernetes
