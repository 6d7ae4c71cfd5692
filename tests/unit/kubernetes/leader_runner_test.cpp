// The thread around the elector, on the machine's clock with short times.
#include "kubernetes/leader_runner.h"

#include <gtest/gtest.h>

#include <future>

#include "kubernetes/fake_lease_server.h"
#include "kubernetes/patience.h"

namespace seraphim::kubernetes {
namespace {

using testing::kPatience;
using namespace std::chrono_literals;
using testing::FakeLeaseServer;
using testing::Fault;

constexpr auto kPath = "/apis/coordination.k8s.io/v1/namespaces/ns/leases/lease";

class LeaderRunnerTest : public ::testing::Test {
 protected:
  static LeaderElectionOptions options(const std::string& identity) {
    return {.lease = {"ns", "lease"},
            .identity = identity,
            .lease_duration = 3s,
            .renew_deadline = 2s,
            .retry_period = 10ms};
  }
  template <typename Wait>
  std::future<bool> in_thread(Wait wait) {
    return std::async(std::launch::async, wait);
  }

  const Clock& clock_ = system_clock();
  FakeLeaseServer server_;
  ApiClient client_{server_};
  LeaderElector elector_{options("a"), client_, clock_, system_random()};
  LeaderRunner runner_{elector_, clock_};
  std::stop_source stop_;
};

TEST_F(LeaderRunnerTest, LeadsAndKeepsLeading) {
  auto leads = in_thread([this] { return runner_.wait_until_leading(stop_.get_token()); });
  runner_.start();
  ASSERT_EQ(leads.wait_for(kPatience), std::future_status::ready);
  EXPECT_TRUE(leads.get());
  const auto first = server_.object(kPath)["spec"]["renewTime"];
  std::promise<void> renewed;
  std::atomic<int> renewals = 0;
  server_.set_interloper([&](const Request&) {
    if (++renewals == 3) renewed.set_value();
  });
  ASSERT_EQ(renewed.get_future().wait_for(kPatience), std::future_status::ready);
  runner_.stop();
  EXPECT_NE(server_.object(kPath)["spec"]["renewTime"], first);
  EXPECT_EQ(server_.object(kPath)["spec"]["holderIdentity"], "a") << "stopping is not releasing";
}

TEST_F(LeaderRunnerTest, TellsALossWithoutWaitingForTheRound) {
  runner_.start();
  ASSERT_TRUE(runner_.wait_until_leading(stop_.get_token()));
  std::promise<void> release;
  auto released = release.get_future().share();
  server_.set_interloper([released](const Request&) { released.wait(); });  // a server that hangs
  auto lost = in_thread([this] { return runner_.wait_until_lost(stop_.get_token()); });
  const bool in_time = lost.wait_for(kPatience) == std::future_status::ready;
  release.set_value();
  EXPECT_TRUE(in_time);
  EXPECT_TRUE(lost.get());
  EXPECT_FALSE(elector_.leading(clock_.steady()));
  EXPECT_FALSE(runner_.wait_until_leading(stop_.get_token())) << "never again";
}

TEST_F(LeaderRunnerTest, TellsALossByAnother) {
  runner_.start();
  ASSERT_TRUE(runner_.wait_until_leading(stop_.get_token()));
  auto lost = in_thread([this] { return runner_.wait_until_lost(stop_.get_token()); });
  auto lease = server_.object(kPath);
  lease["spec"]["holderIdentity"] = "usurper";
  server_.put(kPath, lease);
  ASSERT_EQ(lost.wait_for(kPatience), std::future_status::ready);
  EXPECT_TRUE(lost.get());
}

TEST_F(LeaderRunnerTest, WaitingEndsWithTheStopRequest) {
  server_.set_fault([](const Request&) { return Fault{.before = TransportError::connect}; });
  runner_.start();
  auto leads = in_thread([this] { return runner_.wait_until_leading(stop_.get_token()); });
  auto lost = in_thread([this] { return runner_.wait_until_lost(stop_.get_token()); });
  stop_.request_stop();
  ASSERT_EQ(leads.wait_for(kPatience), std::future_status::ready);
  ASSERT_EQ(lost.wait_for(kPatience), std::future_status::ready);
  EXPECT_FALSE(leads.get());
  EXPECT_FALSE(lost.get());
}

TEST_F(LeaderRunnerTest, StopsDuringAPause) {
  LeaderElector slow({.lease = {"ns", "lease"},
                      .identity = "slow",
                      .lease_duration = 3h,
                      .renew_deadline = 2h,
                      .retry_period = 1h},
                     client_, clock_, system_random());
  LeaderRunner runner(slow, clock_);
  runner.start();
  ASSERT_TRUE(runner.wait_until_leading(stop_.get_token()));
  const auto start = clock_.steady();
  runner.stop();
  runner.stop();
  EXPECT_LT(clock_.steady() - start, kPatience);
  slow.release({});
  EXPECT_EQ(server_.object(kPath)["spec"]["holderIdentity"], "");
}

}  // namespace
}  // namespace seraphim::kubernetes
