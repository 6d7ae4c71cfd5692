// Two replicas: one acts at a time, and the other one takes over (invariant 9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "audit_log.h"
#include "faults.h"
#include "world.h"

namespace seraphim::cluster {
namespace {

using api::Phase;
using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

constexpr auto kLeaseDuration = 15s;

/// One leads, two waits; v1 is stable.
class Leader : public ::testing::Test {
 protected:
  void begin(const Operator::Settings& first = {.identity = "one"}) {
    world_.apply_route();
    one_ = std::make_unique<Operator>(world_, first);
    world_.apply(manifest_);
    ASSERT_TRUE(world_.wait_for_phase(Phase::stable));
    two_ = std::make_unique<Operator>(world_, Operator::Settings{.identity = "two"});
    ASSERT_TRUE(world_.wait_for(
        "the second one stands for election",
        [&] {
          // Something to wake up for: the log is no object.
          world_.annotate("web", "test/tick", std::to_string(++ticks_));
          return two_->log().find("stands for election") != std::string::npos;
        },
        30s));
  }

  /// How long from now until somebody has recorded a new revision.
  Seconds time_to_act(std::chrono::seconds limit) {
    const auto began = std::chrono::steady_clock::now();
    manifest_.model.version = "v2";
    world_.apply(manifest_);
    EXPECT_TRUE(world_.wait_for(
        "the second one acts", [&] { return world_.revisions().size() == 2; }, limit));
    return std::chrono::steady_clock::now() - began;
  }

  /// Writes of the first one, the Lease included, that the API server got after this moment.
  std::vector<std::string> writes_of_one_after(std::chrono::system_clock::time_point moment) const {
    std::vector<std::string> found;
    for (const auto& write : audit_.writes(world_.name())) {
      if (write.received > moment && write.user_agent.find("(one)") != std::string::npos && write.code < 300)
        found.push_back(write.verb + " " + write.resource + " " + write.name);
    }
    return found;
  }

  World world_;
  AuditLog audit_;
  DeploymentManifest manifest_{.model = {.version = "v1"}, .steps = {{{"weight", 50}}}, .analysis = false};
  std::unique_ptr<Operator> one_, two_;
  int ticks_ = 0;
};

TEST_F(Leader, TheSecondActsWithinTwoSecondsOfACleanEnd) {
  ASSERT_NO_FATAL_FAILURE(begin());
  EXPECT_EQ(one_->terminate(), 0);
  EXPECT_THAT(one_->log(), ::testing::HasSubstr("ended"));
  const auto took = time_to_act(15s);
  std::cout << "after a clean end the second one acted in " << took.count() << " s\n";
  EXPECT_LE(took, 2s);
}

TEST_F(Leader, TheSecondActsWithinTheLeaseDurationOfACrash) {
  ASSERT_NO_FATAL_FAILURE(begin());
  one_->kill();
  const auto took = time_to_act(60s);
  std::cout << "after a crash the second one acted in " << took.count() << " s\n";
  EXPECT_LE(took, kLeaseDuration + 2s);
}

TEST_F(Leader, APausedLeaderWritesNothingWhenItWakesUp) {
  ASSERT_NO_FATAL_FAILURE(begin());
  one_->signal(SIGSTOP);
  (void)time_to_act(60s);
  const auto woken = std::chrono::system_clock::now();
  one_->signal(SIGCONT);
  EXPECT_EQ(one_->end(30s), 1) << "it ends when it finds that its lease is lost";
  EXPECT_THAT(one_->log(), ::testing::HasSubstr("the lease was not renewed in time"));
  ASSERT_TRUE(world_.wait_for("v2 is promoted", [&] {
    return world_.status().phase == Phase::stable &&
           world_.revisions().back().name == world_.status().stable_revision;
  }));
  EXPECT_THAT(writes_of_one_after(woken), ::testing::IsEmpty());
}

TEST_F(Leader, OneThatIsCutOffGivesUpBeforeTheOtherBegins) {
  IsolatedNetwork network;
  ASSERT_NO_FATAL_FAILURE(begin({.identity = "one", .under = network.prefix()}));
  network.cut();
  const auto took = time_to_act(60s);
  const auto taken = std::chrono::system_clock::now();
  EXPECT_LE(took, kLeaseDuration + 2s + 1s) << "the last renewal may be a moment later than the cut";
  EXPECT_EQ(one_->end(1s), 1) << "it has ended before";
  network.heal();
  EXPECT_THAT(writes_of_one_after(taken), ::testing::IsEmpty());
}

}  // namespace
}  // namespace seraphim::cluster
