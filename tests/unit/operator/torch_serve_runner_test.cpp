// The threads that talk to TorchServes, with a server in memory.
#include "operator/torch_serve_runner.h"

#include <gtest/gtest.h>

#include <future>

#include "workload/fake_torch_serve.h"

namespace seraphim::op {
namespace {

using namespace std::chrono_literals;
using kubernetes::ObjectKey;
using workload::HaveWorkers;
using workload::ModelKey;

const ObjectKey kShop{"shop", "web"};
const ModelKey kText{{"http://t:8081"}, "text"};

/// Answers nothing until it is told to stop.
class Hanging final : public kubernetes::Transport {
 public:
  kubernetes::Response call(const kubernetes::Request&, std::chrono::milliseconds,
                            std::stop_token stop) noexcept override {
    std::unique_lock lock(mutex_);
    called_.notify_all();
    ++calls_;
    called_.wait(lock, stop, [] { return false; });
    return kubernetes::testing::broken(kubernetes::TransportError::cancelled);
  }
  kubernetes::CallStatus stream(const kubernetes::Request&, std::chrono::seconds, std::stop_token,
                                kubernetes::LineSink&) noexcept override {
    return {};
  }
  bool wait_for_calls(int count) {
    std::unique_lock lock(mutex_);
    return called_.wait_for(lock, 20s, [&] { return calls_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any called_;
  int calls_ = 0;
};

class TorchServeRunnerTest : public ::testing::Test {
 protected:
  /// The next object with news; nothing when there is none for long.
  std::optional<ObjectKey> news() {
    std::stop_source late;
    auto taken = std::async(std::launch::async, [&] { return queue_.take(clock_, late.get_token()); });
    if (taken.wait_for(20s) != std::future_status::ready) late.request_stop();
    const auto key = taken.get();
    if (key) queue_.done(*key, clock_.steady());
    return key;
  }

  const kubernetes::Clock& clock_ = kubernetes::system_clock();
  workload::testing::FakeTorchServe server_;
  kubernetes::WorkQueue queue_;
};

TEST_F(TorchServeRunnerTest, TheFirstAnswerAndThenTheWorkersAreNews) {
  workload::TorchServes torch_serves([this](const auto&) { return server_.transport; }, clock_);
  TorchServeRunner runner(torch_serves, queue_, clock_);
  runner.start();
  torch_serves.watch.watch(kShop, {{kText, {"1.0"}}});
  EXPECT_EQ(news(), kShop) << "nobody had asked before";
  torch_serves.orders.place({kShop, {kText, "1.0", "v1.mar"}, HaveWorkers{2}});
  EXPECT_EQ(news(), kShop);
  const auto state = torch_serves.watch.latest(kText);
  ASSERT_TRUE(state && state->find("1.0") != nullptr);
  EXPECT_EQ(state->find("1.0")->ready(), 2);
  runner.stop();
}

TEST_F(TorchServeRunnerTest, AFailedOrderIsNewsAndIsTriedAgainByItself) {
  server_.store.erase("v1.mar");
  workload::TorchServes torch_serves([this](const auto&) { return server_.transport; }, clock_);
  TorchServeRunner runner(torch_serves, queue_, clock_);
  runner.start();
  const workload::VersionKey version{kText, "1.0", "v1.mar"};
  torch_serves.orders.place({kShop, version, HaveWorkers{1}});
  EXPECT_EQ(news(), kShop);
  EXPECT_NE(torch_serves.orders.about(version).value().problem, "");
  EXPECT_EQ(news(), kShop) << "after a second";
  runner.stop();
}

TEST_F(TorchServeRunnerTest, AServerThatHangsHoldsUpNeitherTheOthersNorTheEnd) {
  const auto hanging = std::make_shared<Hanging>();
  workload::TorchServes torch_serves(
      [&](const workload::ServerKey& server) -> std::shared_ptr<kubernetes::Transport> {
        if (server == kText.server) return server_.transport;
        return hanging;
      },
      clock_);
  TorchServeRunner runner(torch_serves, queue_, clock_);
  runner.start();
  torch_serves.orders.place(
      {{"shop", "slow"}, {{{"http://slow:8081"}, "text"}, "1.0", "v1.mar"}, HaveWorkers{1}});
  ASSERT_TRUE(hanging->wait_for_calls(1));
  torch_serves.watch.watch(kShop, {{kText, {"1.0"}}});
  EXPECT_EQ(news(), kShop) << "while the other one loads";
  const auto began = clock_.steady();
  runner.stop();
  EXPECT_LT(clock_.steady() - began, 10s);
}

}  // namespace
}  // namespace seraphim::op
