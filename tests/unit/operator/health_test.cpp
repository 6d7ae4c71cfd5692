// What makes the operator unfit to live or to be asked, and that it says which.
#include "operator/health.h"

#include <gtest/gtest.h>

#include "kubernetes/hand_clock.h"
#include "operator/health_checks.h"

namespace seraphim::op {
namespace {

using kubernetes::ObjectKey;
using kubernetes::WatchState;
using namespace std::chrono_literals;

TEST(HealthPage, SaysWhichCheckFailed) {
  Failure failure;
  const HealthPage page("livez", {{"one", [] { return Failure(); }}, {"two", [&] { return failure; }}});
  EXPECT_EQ(page.answer({.path = "/livez"}).status, 200);
  EXPECT_EQ(page.answer({.path = "/livez"}).body, "ok\n");
  EXPECT_EQ(page.answer({.path = "/livez", .verbose = true}).body,
            "[+]one ok\n[+]two ok\nlivez check passed\n");
  failure = "it is stuck";
  EXPECT_EQ(page.answer({.path = "/livez"}).status, 503);
  EXPECT_EQ(page.answer({.path = "/livez"}).body,
            "[+]one ok\n[-]two failed: it is stuck\nlivez check failed\n");
}

TEST(HealthPage, OneCheckAlone) {
  const HealthPage page("livez",
                        {{"one", [] { return Failure(); }}, {"two", [] { return Failure("it is stuck"); }}});
  EXPECT_EQ(page.answer({.path = "/livez/one"}).body, "ok\n");
  EXPECT_EQ(page.answer({.path = "/livez/two"}).status, 503);
  EXPECT_EQ(page.answer({.path = "/livez/two"}).body, "[-]two failed: it is stuck\nlivez check failed\n");
  EXPECT_EQ(page.answer({.path = "/livez/three"}).status, 404);
}

class HealthChecks : public ::testing::Test {
 protected:
  HealthChecks() { watches_ = {watch("pods"), watch("services")}; }

  WatchState watch(const std::string& resource) const {
    return {.resource = resource, .synced = true, .last_active = clock_.steady()};
  }
  static std::string run(const std::vector<HealthCheck>& checks) {
    std::string text;
    for (const auto& check : checks) {
      if (const auto failure = check.failure()) text += check.name + ": " + *failure;
    }
    return text;
  }
  std::string livez() { return run(livez_checks(vitals_)); }
  std::string readyz() { return run(readyz_checks(vitals_)); }
  /// The watches stay lively meanwhile.
  void pass(std::chrono::milliseconds time) {
    clock_.advance(time);
    for (auto& watch : watches_) watch.last_active = clock_.steady();
  }

  const ObjectKey kWeb{"shop", "web"}, kApi{"shop", "api"};
  kubernetes::testing::HandClock clock_;
  kubernetes::WorkQueue queue_;
  prometheus::MetricsSource source_{[](const std::string&) { return nullptr; }};
  MetricsCollector collector_{source_, clock_};
  LifeStage stage_;
  std::vector<WatchState> watches_;
  Vitals vitals_{.queue = queue_,
                 .collector = collector_,
                 .watches = [this] { return watches_; },
                 .stage = stage_,
                 .clock = clock_,
                 .stuck_after = 5min};
};

TEST_F(HealthChecks, AQuietOperatorIsWell) {
  stage_.working = true;
  pass(24h);
  EXPECT_EQ(livez(), "");
  EXPECT_EQ(readyz(), "");
}

TEST_F(HealthChecks, AWorkerThatDoesNotComeBackIsNotAlive) {
  stage_.working = true;
  queue_.add(kWeb, clock_.steady());
  ASSERT_TRUE(queue_.try_take(clock_.steady()));
  pass(5min);
  EXPECT_EQ(livez(), "");
  pass(1s);
  EXPECT_EQ(livez(), "reconcile: the look at shop/web has not ended for 301 s");
  queue_.done(kWeb, clock_.steady());
  EXPECT_EQ(livez(), "");
}

TEST_F(HealthChecks, WorkThatNobodyTakesIsNotAlive) {
  stage_.working = true;
  queue_.add(kWeb, clock_.steady());
  queue_.add(kApi, clock_.steady());
  pass(6min);
  EXPECT_EQ(livez(), "reconcile: objects are due and none has been taken for 360 s");
  ASSERT_TRUE(queue_.try_take(clock_.steady()));
  EXPECT_EQ(livez(), "") << "one waits, but the others move";
}

TEST_F(HealthChecks, AStandbyTakesNothingAndIsReady) {
  queue_.add(kWeb, clock_.steady());
  collector_.watch(kWeb, {.baseline = "a", .candidate = "b"});
  pass(24h);
  EXPECT_EQ(livez(), "");
  EXPECT_EQ(readyz(), "");
}

TEST_F(HealthChecks, APrometheusThatIsNoLongerAskedIsNotAlive) {
  stage_.working = true;
  collector_.watch(kWeb, {.baseline = "a", .candidate = "b"});
  pass(5min);
  EXPECT_EQ(livez(), "");
  pass(1s);
  EXPECT_EQ(livez(), "collector: Prometheus should have been asked 301 s ago");
}

TEST_F(HealthChecks, AWatchWithoutAThreadIsNotAlive) {
  watches_[1].last_active.reset();
  EXPECT_EQ(livez(), "watches: services: its thread does not run");
  stage_.stopping = true;
  EXPECT_EQ(livez(), "") << "they are being ended";
}

TEST_F(HealthChecks, AWatchThatHangsIsNotAlive) {
  clock_.advance(10min);
  EXPECT_EQ(livez(), "");
  clock_.advance(1s);
  watches_[0].last_active = clock_.steady();
  EXPECT_EQ(livez(), "watches: services: no sign of life for 601 s");
}

TEST_F(HealthChecks, ReadyOnlyWhenEverythingHasBeenListed) {
  watches_[0].synced = false;
  EXPECT_EQ(readyz(), "sync: not yet listed: pods");
  watches_[1].synced = false;
  watches_[1].stats.last_failure = "list Service: 403";
  EXPECT_EQ(readyz(), "sync: not yet listed: pods, services (list Service: 403)");
  EXPECT_EQ(livez(), "") << "a restart would not help";
}

TEST_F(HealthChecks, NotReadyWhileItEnds) {
  stage_.working = true;
  stage_.stopping = true;
  EXPECT_EQ(readyz(), "shutdown: the operator is ending");
  EXPECT_EQ(livez(), "");
}

}  // namespace
}  // namespace seraphim::op
