// The client, the orders and the watch against a real TorchServe 0.11.0: what they rely on is what it does.
// Needs no cluster, only what hack/torchserve prepares.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "kubernetes/transport_cpprest.h"
#include "operator/torch_serve_runner.h"
#include "torch_serve_process.h"
#include "workload/torch_serve.h"
#include "workload/torch_serve_steps.h"

namespace seraphim::cluster {
namespace {

using namespace std::chrono_literals;
using kubernetes::ApiError;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using workload::BeDefault;
using workload::BeGone;
using workload::HaveWorkers;
using workload::TorchServeClient;
using Wait = TorchServeClient::Wait;

/// One server for all tests of the suite; each has a model of its own.
class M3TorchServe : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server = std::make_unique<TorchServeProcess>(); }
  static void TearDownTestSuite() { server.reset(); }

  M3TorchServe() : model_(::testing::UnitTest::GetInstance()->current_test_info()->name()) {}

  kubernetes::Result<void> add(const std::string& url, int workers = 1) {
    return client_.add(model_, url, workers, Wait::for_workers, slow_);
  }
  std::vector<workload::ModelVersion> versions() {
    const auto answer = client_.versions(model_, slow_);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer.value_or(std::vector<workload::ModelVersion>{});
  }
  std::string default_version() { return client_.default_version(model_, slow_).value_or("?"); }
  std::string predict(const std::string& version) {
    return ask(server->inference() + "/predictions/" + model_ + (version.empty() ? "" : "/" + version),
               "hello");
  }
  kubernetes::Result<void> order(const std::string& version, const std::string& url,
                                 decltype(workload::Order::goal) goal) {
    return workload::carry_out({{"shop", "web"}, {{{server->management()}, model_}, version, url}, goal},
                               client_, {});
  }

  static inline std::unique_ptr<TorchServeProcess> server;
  const std::string model_;
  const TorchServeClient::Bounds slow_{60s, {}};
  std::unique_ptr<kubernetes::Transport> transport_ =
      kubernetes::make_cpprest_transport({server->management()}, nullptr, {});
  TorchServeClient client_{*transport_, server->management()};
};

TEST_F(M3TorchServe, RegistersWithAReadyWorkerUnderTheSpecsName) {
  EXPECT_THAT(versions(), SizeIs(0));
  EXPECT_EQ(default_version(), "");
  ASSERT_TRUE(add("text-v1.mar", 2));
  const auto now = versions();
  ASSERT_THAT(now, SizeIs(1));
  EXPECT_EQ(now[0].version, "1.0");
  EXPECT_EQ(now[0].url, "text-v1.mar");
  EXPECT_EQ(now[0].min_workers, 2);
  EXPECT_EQ(now[0].ready(), 2);
  EXPECT_THAT(predict("1.0"), AllOf(HasSubstr("200"), HasSubstr("\"version\": \"1.0\"")));
}

TEST_F(M3TorchServe, TheSameVersionAgainIsAConflictWhateverTheArchive) {
  ASSERT_TRUE(add("text-v2.mar"));
  EXPECT_EQ(add("text-v2.mar").error().kind, ApiError::Kind::already_exists);
  EXPECT_EQ(add("text-v2-again.mar").error().kind, ApiError::Kind::already_exists);
  EXPECT_TRUE(order("2.0", "text-v2.mar", HaveWorkers{1})) << "it is as ordered";
  const auto other = order("2.0", "text-v2-again.mar", HaveWorkers{1});
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message,
              HasSubstr("is registered at " + server->management() + " from \"text-v2.mar\""));
}

TEST_F(M3TorchServe, AMissingArchiveIsNotFoundAndSaysWhatToDo) {
  const auto added = add("nowhere.mar");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().kind, ApiError::Kind::not_found);
  EXPECT_THAT(added.error().message, HasSubstr("put the archive into the server's model store"));
}

TEST_F(M3TorchServe, AnUnreachableUrlIsInvalid) {
  const auto added = add("http://127.0.0.1:1/x.mar");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().kind, ApiError::Kind::invalid);
  EXPECT_EQ(added.error().reason, "DownloadArchiveException");
}

TEST_F(M3TorchServe, AFailingWorkerIsAnErrorAndNothingIsKept) {
  const auto added = order("4.0", "broken.mar", HaveWorkers{1});
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().http, 500);
  EXPECT_THAT(added.error().message, HasSubstr("Failed to start workers"));
  EXPECT_THAT(versions(), SizeIs(0)) << "the order has cleaned up";
}

TEST_F(M3TorchServe, AnArchiveOfAnotherVersionIsUnregisteredAgain) {
  ASSERT_TRUE(order("1.0", "text-v1.mar", HaveWorkers{1}));
  const auto wrong = order("3.0", "mislabelled.mar", HaveWorkers{1});
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("\"mislabelled.mar\" holds version \"3.1\", not \"3.0\""));
  EXPECT_THAT(versions(), SizeIs(1));
}

TEST_F(M3TorchServe, ScalingWithoutWaitingIsNotedAndThenSeen) {
  ASSERT_TRUE(add("text-v1.mar"));
  ASSERT_TRUE(client_.scale(model_, "1.0", 2, Wait::not_at_all, slow_));
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (versions().at(0).ready() < 2 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(100ms);
  EXPECT_EQ(versions().at(0).ready(), 2);
  EXPECT_EQ(client_.scale(model_, "9.0", 1, Wait::for_workers, slow_).error().kind,
            ApiError::Kind::not_found);
}

TEST_F(M3TorchServe, AVersionWithoutWorkersAnswers503AtOnceAndIsBackWithoutItsArchive) {
  ASSERT_TRUE(order("1.0", "text-v1.mar", HaveWorkers{1}));
  ASSERT_TRUE(order("1.0", "text-v1.mar", HaveWorkers{0}));
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (!versions().at(0).workers.empty() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(100ms);
  EXPECT_THAT(predict("1.0"), AllOf(HasSubstr("503"), HasSubstr("ServiceUnavailableException")));
  ASSERT_TRUE(order("1.0", "text-v1.mar", HaveWorkers{1}));
  EXPECT_THAT(predict("1.0"), HasSubstr("200"));
}

TEST_F(M3TorchServe, TheDefaultVersionMovesAndOnlyThenGoesTheOldOne) {
  ASSERT_TRUE(order("1.0", "text-v1.mar", HaveWorkers{1}));
  ASSERT_TRUE(order("2.0", "text-v2.mar", HaveWorkers{1}));
  EXPECT_EQ(default_version(), "1.0") << "the first one";
  EXPECT_EQ(client_.remove(model_, "1.0", slow_).error().kind, ApiError::Kind::conflict);
  EXPECT_FALSE(order("1.0", "text-v1.mar", BeGone{})) << "nobody to hand over to";
  ASSERT_TRUE(order("2.0", "text-v2.mar", BeDefault{}));
  EXPECT_EQ(default_version(), "2.0");
  EXPECT_THAT(predict(""), HasSubstr("\"version\": \"2.0\""));
  ASSERT_TRUE(order("1.0", "text-v1.mar", BeDefault{}));
  ASSERT_TRUE(order("1.0", "text-v1.mar", BeGone{"2.0"})) << "it hands over itself";
  ASSERT_THAT(versions(), SizeIs(1));
  EXPECT_EQ(versions()[0].version, "2.0");
  EXPECT_TRUE(order("1.0", "text-v1.mar", BeGone{})) << "gone is gone";
  ASSERT_TRUE(order("2.0", "text-v2.mar", BeGone{})) << "the last one may go";
  EXPECT_EQ(client_.set_default(model_, "2.0", slow_).error().kind, ApiError::Kind::not_found);
}

TEST_F(M3TorchServe, MetricsNameModelAndVersion) {
  ASSERT_TRUE(add("text-v1.mar"));
  EXPECT_THAT(predict("1.0"), HasSubstr("200"));
  const std::string labels = "{model_name=\"" + model_ + R"(",model_version="1.0",)";
  const auto metrics = ask(server->metrics() + "/metrics");
  EXPECT_THAT(metrics, HasSubstr("ts_inference_requests_total" + labels));
  EXPECT_THAT(metrics, HasSubstr("ts_queue_latency_microseconds" + labels));
}

TEST_F(M3TorchServe, AServerThatIsNoManagementApiIsSaid) {
  auto inference = kubernetes::make_cpprest_transport({server->inference()}, nullptr, {});
  TorchServeClient client(*inference, server->inference());
  const auto answer = client.versions(model_, slow_);
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("torchServe.managementURL"));
}

/// The adapter with the threads of the operator: an order becomes READY workers, and the queue hears of it.
TEST_F(M3TorchServe, TheOperatorsThreadsBringAVersionUpAndTellTheQueue) {
  const auto& clock = kubernetes::system_clock();
  workload::TorchServes torch_serves(
      [](const auto& key) { return kubernetes::make_cpprest_transport({key.address}, nullptr, {}); }, clock);
  kubernetes::WorkQueue queue;
  api::SeraphimDeployment object;
  object.namespace_ = "shop";
  object.name = "web";
  const api::Revision revision{
      "web-1", 1, api::TorchServeWorkload{server->management(), model_, "1.0", "text-v1.mar", 1, 600s},
      api::RevisionVerdict::none, ""};
  object.spec.workload = revision.workload;
  workload::TorchServe adapter(
      torch_serves.watch, torch_serves.orders, [&](const auto&) { return std::vector{revision}; }, clock);
  op::TorchServeRunner runner(torch_serves, queue, clock);
  runner.start();
  EXPECT_FALSE(adapter.knows(object));
  const auto wait_for = [&](int ready) {
    const auto end = clock.steady() + 30s;
    for (;;) {
      const auto states = adapter.observe(object);
      if (adapter.knows(object) && (states.empty() ? 0 : states[0].ready) == ready &&
          (states.empty() || states[0].desired == ready))
        return true;
      if (clock.steady() > end) return false;
      std::this_thread::sleep_for(20ms);
    }
  };
  ASSERT_TRUE(wait_for(0));
  EXPECT_TRUE(queue.next_due()) << "the first answer brings the object into the queue";
  ASSERT_TRUE(adapter.scale(object, revision, 2, {}));
  EXPECT_TRUE(wait_for(2));
  ASSERT_TRUE(adapter.scale(object, revision, 0, {}));
  EXPECT_TRUE(wait_for(0));
  runner.stop();
}

}  // namespace
}  // namespace seraphim::cluster
