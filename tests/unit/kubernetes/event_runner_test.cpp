// The thread around the recorder, on the machine's clock.
#include "kubernetes/event_runner.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "kubernetes/fake_lease_server.h"
#include "kubernetes/hand_clock.h"
#include "kubernetes/patience.h"

namespace seraphim::kubernetes {
namespace {

using testing::kPatience;
using namespace std::chrono_literals;
using testing::FakeLeaseServer;
using testing::Fault;

class EventRunnerTest : public ::testing::Test {
 protected:
  void record(const std::string& discriminator) {
    recorder_.record(
        {.regarding = {.api_version = "v1", .kind = "ConfigMap", .uid = "1", .key = {"ns", "web"}},
         .reason = "Tested",
         .action = "Test",
         .discriminator = discriminator},
        clock_.wall());
  }
  /// Whether so many calls reached the server.
  bool wait_for_calls(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return calls_ >= count; });
  }

  EventRunnerTest() {
    server_.set_interloper([this](const Request&) {
      const std::lock_guard lock(mutex_);
      ++calls_;
      changed_.notify_all();
    });
  }

  const Clock& clock_ = system_clock();
  std::mutex mutex_;
  std::condition_variable changed_;
  int calls_ = 0;
  FakeLeaseServer server_;
  ApiClient client_{server_};
  EventRecorder recorder_{{.instance = "pod-1"}};
  EventRunner runner_{recorder_, client_, clock_};
};

TEST_F(EventRunnerTest, WritesWhatIsRecorded) {
  record("before");
  runner_.start();
  ASSERT_TRUE(wait_for_calls(1));
  record("after");
  ASSERT_TRUE(wait_for_calls(2));
  runner_.stop();
  EXPECT_EQ(server_.paths().size(), 2u);
}

TEST_F(EventRunnerTest, StopWritesTheRestWithoutGathering) {
  const testing::HandClock standing;  // gathering would never end
  EventRunner runner(recorder_, client_, standing);
  runner.start();
  record("same");
  ASSERT_TRUE(wait_for_calls(1));
  for (int i = 0; i < 5; ++i) record("same");
  runner.stop(kPatience);
  ASSERT_EQ(server_.paths().size(), 1u);
  const auto event = server_.object(server_.paths()[0]);
  ASSERT_TRUE(event.contains("series"));
  EXPECT_EQ(event["series"]["count"], 6);
}

TEST_F(EventRunnerTest, StopDoesNotOutlastItsGrace) {
  server_.set_fault([](const Request&) { return Fault{.before = TransportError::connect}; });
  record("1");
  runner_.start();
  const auto start = clock_.steady();
  runner_.stop(20ms);
  EXPECT_LT(clock_.steady() - start, kPatience);
  runner_.stop(kPatience);  // once more does nothing
  EXPECT_EQ(server_.paths().size(), 0u);
  server_.set_fault({});
  EXPECT_TRUE(recorder_.flush(client_, clock_, {}) || recorder_.dropped() == 0);
}

TEST_F(EventRunnerTest, NeverStartedItStopsAtOnce) {
  const auto start = clock_.steady();
  runner_.stop(1h);
  EXPECT_LT(clock_.steady() - start, kPatience);
}

TEST_F(EventRunnerTest, ManyThreadsMayRecord) {
  runner_.start();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([this] {
        for (int i = 0; i < 500; ++i) record(std::to_string(i % 5));
      });
    }
  }
  runner_.stop(kPatience);
  int total = 0;
  for (const auto& path : server_.paths()) {
    const auto event = server_.object(path);
    total += event.contains("series") ? event["series"]["count"].get<int>() : 1;
  }
  EXPECT_EQ(total, 2000);
  EXPECT_EQ(recorder_.dropped(), 0u);
}

}  // namespace
}  // namespace seraphim::kubernetes
