// Runtime rule 19: handing the lease over.
#include <gtest/gtest.h>

#include "kubernetes/fake_transport.h"
#include "kubernetes/leader_fixture.h"

namespace seraphim::kubernetes {
namespace {

using namespace std::chrono_literals;
using testing::Fault;

using LeaderReleaseTest = testing::LeaderFixture;

TEST_F(LeaderReleaseTest, ReleaseHandsOver) {
  a_->step();
  b_->step();
  advance(1s);
  a_->elector.release({});
  EXPECT_FALSE(a_->leading());
  EXPECT_FALSE(a_->lost()) << "given away is not lost";
  EXPECT_EQ(holder(), "");
  EXPECT_EQ(spec()["leaseDurationSeconds"], 1);
  a_->step();
  EXPECT_EQ(holder(), "") << "it does not come back";
  b_->step();
  EXPECT_TRUE(b_->leading());
  EXPECT_EQ(spec()["leaseDurationSeconds"], 15);
  EXPECT_EQ(spec()["leaseTransitions"], 1);
}

TEST_F(LeaderReleaseTest, LeadingEndsBeforeTheReleaseIsSent) {
  a_->step();
  bool asked = false;
  server_.set_interloper([&](const Request&) {
    asked = true;
    EXPECT_FALSE(a_->leading());
  });
  a_->elector.release({});
  EXPECT_TRUE(asked);
}

TEST_F(LeaderReleaseTest, OnlyTheHolderReleases) {
  a_->step();
  b_->step();
  b_->elector.release({});
  EXPECT_EQ(holder(), "a");

  a_->clock.advance(1s);
  server_.set_interloper([this](const Request& request) {
    if (request.method != "PUT") return;
    server_.set_interloper({});
    auto lease = server_.object(kPath);
    lease["spec"]["holderIdentity"] = "c";
    server_.put(kPath, lease);
  });
  a_->elector.release({});
  EXPECT_EQ(holder(), "c") << "somebody took it between reading and writing";
}

TEST_F(LeaderReleaseTest, ReleaseTriesAgainAfterALostAnswer) {
  a_->step();
  int failures = 2;
  server_.set_fault(
      [&](const Request&) { return failures-- > 0 ? Fault{.before = TransportError::timeout} : Fault{}; });
  a_->elector.release({});
  EXPECT_EQ(holder(), "");
  std::stop_source stop;
  stop.request_stop();
  const auto before = server_.calls();
  b_->elector.release(stop.get_token());
  EXPECT_EQ(server_.calls(), before);
}

TEST_F(LeaderReleaseTest, WhatWasLostBeforeTheReleaseStaysLost) {
  a_->step();
  a_->clock.advance(11s);
  a_->elector.release({});
  EXPECT_TRUE(a_->lost());
  EXPECT_EQ(holder(), "") << "the others need not wait";
}

}  // namespace
}  // namespace seraphim::kubernetes
