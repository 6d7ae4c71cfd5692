// Runtime rules 16-18, one candidate after the other, on clocks moved by hand.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "kubernetes/fake_transport.h"
#include "kubernetes/leader_fixture.h"

namespace seraphim::kubernetes {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HandClock;

using LeaderElectionTest = testing::LeaderFixture;

TEST_F(LeaderElectionTest, RefusesOptionsThatCannotWork) {
  ApiClient client(server_);
  const HandClock clock;
  const auto make = [&](LeaderElectionOptions options) {
    LeaderElector(options, client, clock, [] { return 0.0; });
  };
  EXPECT_THROW(make({.lease = {"ns", "l"}}), std::invalid_argument);
  EXPECT_THROW(make({.identity = "a", .lease_duration = 10s, .renew_deadline = 10s}), std::invalid_argument);
  EXPECT_THROW(make({.identity = "a", .renew_deadline = 2s, .retry_period = 2s}), std::invalid_argument);
  EXPECT_NO_THROW(make({.identity = "a"}));
}

TEST_F(LeaderElectionTest, TheFirstOneMakesTheLease) {
  EXPECT_FALSE(a_->leading());
  EXPECT_EQ(a_->step(), 2s);
  EXPECT_TRUE(a_->leading());
  EXPECT_EQ(a_->elector.holder(), "a");
  EXPECT_EQ(spec(), (json{{"holderIdentity", "a"},
                          {"leaseDurationSeconds", 15},
                          {"acquireTime", "2026-11-24T16:17:33.000000Z"},
                          {"renewTime", "2026-11-24T16:17:33.000000Z"},
                          {"leaseTransitions", 0}}));
  EXPECT_EQ(server_.methods(), (std::vector<std::string>{"GET", "POST"}));
}

TEST_F(LeaderElectionTest, RenewingIsOneWriteAndKeepsTheRest) {
  a_->step();
  auto lease = server_.object(kPath);
  lease["metadata"]["labels"] = {{"team", "ml"}};
  lease["spec"]["strategy"] = "OldestEmulationVersion";
  a_->clock.advance(2s);
  server_.put(kPath, lease);
  a_->step();  // 409: reads at the next round
  a_->clock.advance(2'042ms);
  a_->step();
  const auto before = server_.calls();
  a_->clock.advance(2s);
  a_->step();
  EXPECT_EQ(server_.calls(), before + 1);
  EXPECT_EQ(server_.methods().back(), "PUT");
  EXPECT_EQ(spec()["renewTime"], "2026-11-24T16:17:39.042000Z");
  EXPECT_EQ(spec()["acquireTime"], "2026-11-24T16:17:33.000000Z");
  EXPECT_EQ(spec()["leaseTransitions"], 0);
  EXPECT_EQ(spec()["strategy"], "OldestEmulationVersion");
  EXPECT_EQ(server_.object(kPath)["metadata"]["labels"]["team"], "ml");
  EXPECT_TRUE(a_->leading());
}

TEST_F(LeaderElectionTest, AStandingWallClockStillRenews) {
  a_->step();
  for (int i = 0; i < 5; ++i) {
    const auto before = spec();
    a_->clock.set_wall(-2s);
    a_->clock.advance(2s);
    a_->step();
    EXPECT_NE(spec(), before) << "the others must see a change";
  }
}

TEST_F(LeaderElectionTest, LeadsForTheDeadlineFromWhenTheRenewalWasSent) {
  a_->step();
  a_->clock.advance(2s);
  server_.set_interloper([this](const Request&) { a_->clock.advance(3s); });  // a slow server
  a_->step();
  EXPECT_TRUE(a_->leading());
  a_->clock.advance(6'999ms);  // 9.999 s after the sending
  EXPECT_TRUE(a_->leading());
  EXPECT_FALSE(a_->lost());
  a_->clock.advance(1ms);
  EXPECT_FALSE(a_->leading());
  EXPECT_TRUE(a_->lost());
}

TEST_F(LeaderElectionTest, AnAnswerAfterTheDeadlineComesTooLate) {
  a_->step();
  a_->clock.advance(9s);
  server_.set_interloper([this](const Request&) { a_->clock.advance(2s); });
  a_->step();
  EXPECT_FALSE(a_->leading()) << "in between, others may have been told that it was lost";
  EXPECT_TRUE(a_->lost());
}

TEST_F(LeaderElectionTest, AFirstAnswerThatTookLongerThanTheDeadlineIsNoLead) {
  server_.set_interloper(
      [this](const Request& request) { a_->clock.advance(request.method == "POST" ? 11s : 0s); });
  a_->step();
  EXPECT_FALSE(a_->leading());
  EXPECT_FALSE(a_->lost()) << "it never led";
  a_->step();
  EXPECT_TRUE(a_->leading());
}

TEST_F(LeaderElectionTest, APausedLeaderKnowsAtOnceAndForGood) {
  a_->step();
  a_->clock.advance(60s);
  EXPECT_FALSE(a_->leading());
  EXPECT_TRUE(a_->lost());
  const auto before = server_.calls();
  EXPECT_EQ(a_->step(), 2s);
  EXPECT_EQ(server_.calls(), before) << "it must end, not come back";
  EXPECT_FALSE(a_->leading());
  EXPECT_TRUE(a_->lost());
}

TEST_F(LeaderElectionTest, TheOtherOneWaitsForTheWholeLeaseFromItsLastChange) {
  a_->step();
  b_->step();
  EXPECT_EQ(b_->elector.holder(), "a");
  advance(2s);
  a_->step();
  advance(1s);
  b_->step();  // sees a's last renewal now
  for (int i = 0; i < 14; ++i) {
    advance(1s);
    EXPECT_LE(b_->step(), 2s);
    ASSERT_FALSE(b_->leading()) << i;
  }
  EXPECT_EQ(b_->step(), 1s) << "comes again when the lease runs out, not later";
  advance(999ms);
  b_->step();
  EXPECT_FALSE(b_->leading());
  advance(1ms);
  b_->step();
  EXPECT_TRUE(b_->leading());
  EXPECT_EQ(holder(), "b");
  EXPECT_EQ(spec()["leaseTransitions"], 1);
  EXPECT_EQ(spec()["acquireTime"], "2026-11-24T16:17:51.000000Z");
  EXPECT_FALSE(a_->leading());
}

TEST_F(LeaderElectionTest, WallClocksDoNotMatter) {
  for (const auto skew : {+1h, -1h}) {
    server_.erase(kPath);
    a_ = candidate("a");
    b_ = candidate("b");
    b_->clock.set_wall(skew);
    a_->step();
    b_->step();
    for (int i = 0; i < 30; ++i) {
      advance(1s);
      a_->step();
      b_->step();
      ASSERT_TRUE(a_->leading()) << i;
      ASSERT_FALSE(b_->leading()) << i;
    }
    advance(14'999ms);
    b_->step();
    EXPECT_FALSE(b_->leading()) << "however old the renewTime looks";
    advance(1ms);
    b_->step();
    EXPECT_TRUE(b_->leading()) << "however young the renewTime looks";
  }
}

TEST_F(LeaderElectionTest, WhatTheHolderPromisedCounts) {
  server_.put(kPath,
              {{"kind", "Lease"}, {"spec", {{"holderIdentity", "old"}, {"leaseDurationSeconds", 40}}}});
  a_->step();
  a_->clock.advance(39'999ms);
  a_->step();
  EXPECT_FALSE(a_->leading());
  a_->clock.advance(1ms);
  a_->step();
  EXPECT_TRUE(a_->leading());
}

TEST_F(LeaderElectionTest, ALeaseWithoutHolderOrOfNonsenseIsFree) {
  for (const json& odd :
       {json{{"holderIdentity", ""}}, json::object(), json{{"holderIdentity", 7}}, json("text")}) {
    server_.put(kPath, {{"kind", "Lease"}, {"spec", odd}});
    a_ = candidate("a");
    a_->step();
    EXPECT_TRUE(a_->leading()) << odd;
  }
}

TEST_F(LeaderElectionTest, WhoIsSecondIsNotLeaderThisRound) {
  server_.set_interloper([this](const Request& request) {
    if (request.method != "POST" || server_.object(kPath).is_object()) return;
    server_.set_interloper({});
    b_->step();
  });
  EXPECT_LT(a_->step(), 2s) << "looks again soon";
  EXPECT_FALSE(a_->leading());
  EXPECT_TRUE(b_->leading());
  a_->step();
  EXPECT_FALSE(a_->leading());
  EXPECT_EQ(a_->elector.holder(), "b");
}

TEST_F(LeaderElectionTest, TwoAtTheSameExpiryGiveOneLeader) {
  server_.put(kPath,
              {{"kind", "Lease"}, {"spec", {{"holderIdentity", "old"}, {"leaseDurationSeconds", 15}}}});
  a_->step();
  b_->step();
  advance(15s);
  server_.set_interloper([this](const Request& request) {
    if (request.method != "PUT") return;
    server_.set_interloper({});
    b_->step();  // between a's reading and a's writing
  });
  a_->step();
  EXPECT_TRUE(b_->leading());
  EXPECT_FALSE(a_->leading());
  EXPECT_EQ(holder(), "b");
}

TEST_F(LeaderElectionTest, AWriteWhoseAnswerWasLostIsRecognised) {
  fail("POST", {.after = TransportError::timeout});
  a_->step();
  EXPECT_FALSE(a_->leading()) << "who knows";
  EXPECT_EQ(holder(), "a");
  heal();
  a_->clock.advance(2s);
  a_->step();
  EXPECT_TRUE(a_->leading());
  EXPECT_EQ(spec()["leaseTransitions"], 0);
  EXPECT_EQ(spec()["acquireTime"], "2026-11-24T16:17:33.000000Z");

  fail("PUT", {.after = TransportError::timeout});
  a_->clock.advance(2s);
  a_->step();
  EXPECT_TRUE(a_->leading()) << "until the deadline of the last one that was answered";
  a_->clock.advance(2s);
  heal();
  a_->step();
  a_->clock.advance(9'999ms);
  EXPECT_TRUE(a_->leading());
}

TEST_F(LeaderElectionTest, RenewalsThatFailAreTriedUntilTheDeadline) {
  a_->step();
  fail({.before = TransportError::connect});
  for (int i = 0; i < 4; ++i) {
    a_->clock.advance(a_->step());
    EXPECT_TRUE(a_->leading());
  }
  heal();
  a_->step();
  a_->clock.advance(9s);
  EXPECT_TRUE(a_->leading());
  fail({.before = TransportError::connect});
  a_->clock.advance(a_->step());
  EXPECT_TRUE(a_->lost());
}

TEST_F(LeaderElectionTest, AnOutageAndADeadLeaderEndWithTheOther) {
  a_->step();
  b_->step();
  fail({.instead = testing::refuse(500, "InternalError")});
  for (int i = 0; i < 10; ++i) {
    advance(2s);
    b_->step();
    EXPECT_FALSE(b_->leading());
  }
  EXPECT_FALSE(a_->leading());
  heal();
  b_->step();
  EXPECT_TRUE(b_->leading());
}

TEST_F(LeaderElectionTest, RetryAfterIsHeededButNotPastTheDeadline) {
  auto busy = testing::refuse(429, "TooManyRequests");
  busy.status.retry_after = 4s;
  fail({.instead = busy});
  EXPECT_EQ(a_->step(), 4s);
  busy.status.retry_after = 60s;
  fail({.instead = busy});
  EXPECT_EQ(a_->step(), 5s);
}

TEST_F(LeaderElectionTest, TheJitterOnlyShortens) {
  random_ = 0.999;
  const auto pause = a_->step();
  EXPECT_LT(pause, 1'700ms);
  EXPECT_GE(pause, 1'600ms);
}

TEST_F(LeaderElectionTest, WhoReadsAnothersNameHasLost) {
  a_->step();
  auto lease = server_.object(kPath);
  lease["spec"]["holderIdentity"] = "usurper";
  server_.put(kPath, lease);
  a_->clock.advance(1s);
  a_->step();
  a_->step();
  EXPECT_FALSE(a_->leading());
  EXPECT_TRUE(a_->lost());
  EXPECT_EQ(holder(), "usurper");
}

TEST_F(LeaderElectionTest, ADeletedLeaseIsNotFreeWhileItsHolderMayLead) {
  a_->step();
  b_->step();
  server_.erase(kPath);
  advance(1s);
  b_->step();
  EXPECT_FALSE(b_->leading());
  EXPECT_EQ(server_.object(kPath), json());
  a_->step();  // misses the lease
  a_->step();  // and makes it anew
  EXPECT_TRUE(a_->leading());
  EXPECT_EQ(holder(), "a");

  server_.erase(kPath);
  b_->step();
  advance(15s);
  b_->step();
  EXPECT_TRUE(b_->leading());
  EXPECT_FALSE(a_->leading());
}

}  // namespace
}  // namespace seraphim::kubernetes
