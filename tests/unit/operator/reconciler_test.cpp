// One look at one object, against an API server in memory.
#include "operator/reconciler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

#include "api/codec.h"
#include "kubernetes/hand_clock.h"
#include "operator/memory_server.h"
#include "operator/stored_cluster.h"
#include "rollout/pass_record.h"

namespace seraphim::op::testing {

using kubernetes::ObjectKey;
using kubernetes::ReconcileAgain;
using kubernetes::ReconcileDone;
using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

const ObjectKey kWeb{"shop", "web"};
const std::string kOne = "/apis/serving.seraphim.io/v1alpha1/namespaces/shop/seraphimdeployments/web";
const std::string kRecords = "/apis/apps/v1/namespaces/shop/controllerrevisions";
const std::string kSets = "/apis/apps/v1/namespaces/shop/replicasets";
const std::string kServices = "/api/v1/namespaces/shop/services";

class ReconcilerTest : public ::testing::Test, protected StoredCluster {
 protected:
  ReconcilerTest() {
    server_.add(kOne, json::parse(R"({
        "apiVersion":"serving.seraphim.io/v1alpha1","kind":"SeraphimDeployment",
        "metadata":{"namespace":"shop","name":"web","uid":"owner"},
        "spec":{"workload":{"pods":{"replicas":2,"template":{"spec":{"containers":[{"name":"m"}]}}}},
                "traffic":{"replicas":{}},
                "strategy":{"canary":{"steps":[{"weight":50,"hold":"60s"}]}}}})"));
    watch<DeploymentObject>(deployments_, kOne);
  }

  /// What a watch would bring.
  template <typename T>
  void watch(kubernetes::Store<T>& store, const std::string& path) {
    store.upsert(*kubernetes::Resource<T>::decode(server_.objects.at(path)));
  }
  json& edit_object() {
    json& object = server_.edit(kOne);
    object["metadata"]["generation"] = object["metadata"]["generation"].get<int>() + 1;
    return object;
  }
  /// The kubelets have done their work.
  void pods_come_up() {
    for (const auto& set : replica_sets_.list()) {
      const std::string path = kSets + "/" + set->meta.key.name;
      json& object = server_.edit(path);
      const json replicas = object["spec"]["replicas"];
      object["status"] = {
          {"replicas", replicas}, {"readyReplicas", replicas}, {"availableReplicas", replicas}};
      watch<workload::ReplicaSet>(replica_sets_, path);
    }
  }
  void bring_up() {
    reconcile();
    pods_come_up();
    for (int looks = 0; looks < 5 && status().phase != api::Phase::stable; ++looks) reconcile();
    ASSERT_EQ(status().phase, api::Phase::stable);
    news();
  }

  kubernetes::ReconcileOutcome reconcile() { return reconciler_.reconcile(kWeb, {}); }
  api::Status status() { return api::decode_status(server_.objects.at(kOne)["status"]); }
  std::string condition_text() {
    std::string text;
    for (const auto& condition : status().conditions)
      text += condition.reason + ": " + condition.message + "\n";
    return text;
  }
  /// Requests since the last question: "POST /api/...".
  std::vector<std::string> news() {
    const auto requests = transport_.requests();
    std::vector<std::string> lines;
    for (; seen_ < requests.size(); ++seen_) {
      const auto& request = requests[seen_];
      lines.push_back(request.method + " " + request.target.substr(0, request.target.find('?')));
    }
    return lines;
  }
  kubernetes::Request last_request() { return transport_.requests().back(); }
  /// What was told, one line for each Event: "reason: note".
  std::vector<std::string> events() {
    kubernetes::testing::FakeTransport transport;
    std::vector<std::string> lines;
    transport.otherwise([&](const kubernetes::Request& request) {
      const json event = json::parse(request.body);
      lines.push_back(event["reason"].get<std::string>() + ": " + event["note"].get<std::string>());
      return kubernetes::testing::reply(201, request.body);
    });
    kubernetes::ApiClient client(transport);
    events_.hurry();
    events_.flush(client, clock_, {});
    return lines;
  }
  void refuse_replica_sets(int http, const std::string& reason, const std::string& message) {
    server_.intercept = [=](const kubernetes::Request& request) -> std::optional<kubernetes::Response> {
      if (request.method != "POST" || !request.target.starts_with(kSets)) return std::nullopt;
      return kubernetes::testing::refuse(http, reason, message);
    };
  }

  kubernetes::testing::HandClock clock_;
  kubernetes::testing::FakeTransport transport_;
  MemoryServer server_{transport_};
  kubernetes::ApiClient client_{transport_};
  kubernetes::EventRecorder events_{{}};
  prometheus::MetricsSource source_{[](const std::string&) { return nullptr; }};
  MetricsCollector collector_{source_, clock_};
  spdlog::logger log_{"test"};  // without a sink
  std::vector<std::string> story_;
  Reconciler reconciler_{{.view = view_,
                          .client = client_,
                          .collector = collector_,
                          .events = events_,
                          .clock = clock_,
                          .log = log_,
                          .on_story = [this](const ObjectKey&, const rollout::Narrative& line) {
                            story_.push_back(line.reason);
                          }}};
  std::size_t seen_ = 0;
};

TEST_F(ReconcilerTest, AFirstLookRecordsTheRevisionBeforeAnythingRuns) {
  EXPECT_TRUE(std::holds_alternative<ReconcileDone>(reconcile()));
  const auto requests = news();
  const auto at = [&](const std::string& request) {
    return std::find(requests.begin(), requests.end(), request) - requests.begin();
  };
  EXPECT_THAT(requests, Contains("POST " + kRecords).Times(1));
  EXPECT_THAT(requests, Contains("POST " + kSets).Times(1));
  EXPECT_THAT(requests, Contains("POST " + kServices).Times(1));
  EXPECT_LT(at("POST " + kRecords), at("POST " + kSets));
  ASSERT_EQ(revisions_.size(), 1u);
  const std::string revision = revisions_.list()[0]->meta.key.name;
  EXPECT_EQ(revisions_.list()[0]->revision.number, 1);
  EXPECT_EQ(server_.objects.at(kSets + "/" + revision)["spec"]["replicas"], 2);
  EXPECT_EQ(status().candidate_revision, revision);
  EXPECT_EQ(status().phase, api::Phase::initializing);
}

TEST_F(ReconcilerTest, StatusIsWrittenUnderTheVersionThatWasLookedAt) {
  const auto version = server_.objects.at(kOne)["metadata"]["resourceVersion"];
  reconcile();
  for (const auto& request : transport_.requests()) {
    if (!request.target.starts_with(kOne)) continue;
    EXPECT_EQ(request.method, "PATCH");
    EXPECT_THAT(request.target, StartsWith(kOne + "/status?"));
    EXPECT_EQ(request.content_type, "application/json-patch+json");
    const json patch = json::parse(request.body);
    ASSERT_EQ(patch.size(), 2u);
    EXPECT_EQ(patch[0], (json{{"op", "add"}, {"path", "/metadata/resourceVersion"}, {"value", version}}));
    EXPECT_EQ(patch[1]["op"], "add");
    EXPECT_EQ(patch[1]["path"], "/status");
    return;
  }
  FAIL() << "no status was written";
}

TEST_F(ReconcilerTest, NothingToDoMakesNoRequest) {
  reconcile();
  news();
  const auto outcome = reconcile();
  EXPECT_THAT(news(), IsEmpty());
  ASSERT_TRUE(std::holds_alternative<ReconcileDone>(outcome));
  EXPECT_TRUE(std::get<ReconcileDone>(outcome).look_again.has_value()) << "the deadline of the pods";
}

TEST_F(ReconcilerTest, WithItsPodsTheFirstRevisionIsStable) {
  bring_up();
  EXPECT_EQ(status().stable_revision, revisions_.list()[0]->meta.key.name);
  EXPECT_EQ(status().candidate_revision, "");
  EXPECT_THAT(story_, Not(IsEmpty()));
  EXPECT_EQ(server_.objects.at(kServices + "/web")["spec"]["selector"]["serving.seraphim.io/revision"],
            status().stable_revision);
  reconcile();
  EXPECT_THAT(news(), IsEmpty());
}

TEST_F(ReconcilerTest, AStoryIsToldOnceAsEventsToo) {
  bring_up();
  reconcile();
  const auto told = events();
  EXPECT_EQ(told.size(), story_.size());
  for (const auto& reason : story_) EXPECT_THAT(told, Contains(StartsWith(reason + ": ")));
}

TEST_F(ReconcilerTest, ASelectorSetToAStrangerByHandIsPutBackAfterAFreshLook) {
  bring_up();
  json& service = server_.edit(kServices + "/web");
  service["spec"]["selector"]["serving.seraphim.io/revision"] = "stranger";
  watch<traffic::Service>(services_, kServices + "/web");
  reconcile();
  const auto requests = news();
  ASSERT_THAT(requests, Contains("PATCH " + kServices + "/web"));
  EXPECT_EQ(requests.front(), "GET " + kServices + "/web") << "confirmed before anything is written";
  EXPECT_EQ(server_.objects.at(kServices + "/web")["spec"]["selector"]["serving.seraphim.io/revision"],
            status().stable_revision);
  EXPECT_THAT(story_, Contains("WeightRestored"));
  reconcile();
  EXPECT_THAT(news(), IsEmpty());
}

TEST_F(ReconcilerTest, AnEditThatOnlyTheCacheStillShowsIsNotActedUpon) {
  bring_up();
  const json good = server_.objects.at(kServices + "/web");
  json stale = good;
  stale["metadata"]["resourceVersion"] = "5000";
  stale["spec"]["selector"]["serving.seraphim.io/revision"] = "stranger";
  services_.upsert(*kubernetes::Resource<traffic::Service>::decode(stale));
  server_.objects.at(kServices + "/web")["metadata"]["resourceVersion"] = "5001";
  reconcile();
  EXPECT_THAT(news(), Each(StartsWith("GET ")));
  EXPECT_THAT(story_, Not(Contains("WeightRestored")));
}

TEST_F(ReconcilerTest, WithoutAnAnswerToTheFreshLookNothingIsDone) {
  bring_up();
  server_.edit(kServices + "/web")["spec"]["selector"]["serving.seraphim.io/revision"] = "stranger";
  watch<traffic::Service>(services_, kServices + "/web");
  server_.intercept = [](const auto&) { return kubernetes::testing::refuse(503, "ServiceUnavailable"); };
  const auto outcome = reconcile();
  EXPECT_TRUE(std::holds_alternative<ReconcileAgain>(outcome));
  EXPECT_THAT(news(), ElementsAre("GET " + kServices + "/web"));
}

TEST_F(ReconcilerTest, RefusedPodsAreToldInTheStatusAndOnceAsAnEvent) {
  refuse_replica_sets(422, "Invalid", "image must be set");
  for (int looks = 0; looks < 3; ++looks) {
    const auto outcome = reconcile();
    ASSERT_TRUE(std::holds_alternative<ReconcileAgain>(outcome));
    EXPECT_THAT(std::get<ReconcileAgain>(outcome).why, HasSubstr("image must be set"));
  }
  EXPECT_THAT(condition_text(), HasSubstr("image must be set"));
  EXPECT_EQ(status().candidate_revision, revisions_.list()[0]->meta.key.name);
  EXPECT_TRUE(status().progress_since.has_value()) << "the deadline must be counted";
  EXPECT_THAT(events(), Contains(StartsWith("ActionRefused: could not scale web-")).Times(1));
}

TEST_F(ReconcilerTest, PodsThatAreTakenInAtLastAreNoProblemAnyMore) {
  refuse_replica_sets(403, "Forbidden", "exceeded quota");
  reconcile();
  reconcile();
  ASSERT_THAT(condition_text(), HasSubstr("exceeded quota"));
  server_.intercept = nullptr;
  EXPECT_TRUE(std::holds_alternative<ReconcileDone>(reconcile()));
  EXPECT_EQ(replica_sets_.size(), 1u);
  EXPECT_THAT(condition_text(), Not(HasSubstr("exceeded quota")));
}

TEST_F(ReconcilerTest, AServerThatIsAwayForAWhileStopsThePlanAndIsNoEvent) {
  refuse_replica_sets(503, "ServiceUnavailable", "later");
  const auto outcome = reconcile();
  ASSERT_TRUE(std::holds_alternative<ReconcileAgain>(outcome));
  EXPECT_EQ(last_request().method, "POST") << "the status must not say what was not done";
  EXPECT_THAT(condition_text(), Not(HasSubstr("later")));
  EXPECT_THAT(events(), Not(Contains(StartsWith("ActionRefused"))));
}

TEST_F(ReconcilerTest, RetryAfterOfTheServerIsHandedOn) {
  server_.intercept = [](const auto&) {
    auto busy = kubernetes::testing::refuse(429, "TooManyRequests");
    busy.status.retry_after = 7s;
    return busy;
  };
  const auto outcome = reconcile();
  ASSERT_TRUE(std::holds_alternative<ReconcileAgain>(outcome));
  EXPECT_EQ(std::get<ReconcileAgain>(outcome).at_least, 7s);
}

TEST_F(ReconcilerTest, ARecordThatIsRefusedLetsNothingRun) {
  server_.intercept = [](const kubernetes::Request& request) -> std::optional<kubernetes::Response> {
    if (!request.target.starts_with(kRecords)) return std::nullopt;
    return kubernetes::testing::refuse(403, "Forbidden", "no right to create");
  };
  EXPECT_TRUE(std::holds_alternative<ReconcileAgain>(reconcile()));
  EXPECT_THAT(news(), Not(Contains("POST " + kSets)));
  EXPECT_THAT(events(), Contains(HasSubstr("no right to create")));
}

TEST_F(ReconcilerTest, AConflictOnTheStatusIsTriedAgainWithTheNewest) {
  edit_object()["spec"]["paused"] = true;  // the watch has not brought it yet
  const auto outcome = reconcile();
  ASSERT_TRUE(std::holds_alternative<ReconcileAgain>(outcome));
  EXPECT_THAT(std::get<ReconcileAgain>(outcome).why, HasSubstr("shop/web/status"));
  EXPECT_FALSE(server_.objects.at(kOne).contains("status"));
  watch<DeploymentObject>(deployments_, kOne);
  EXPECT_TRUE(std::holds_alternative<ReconcileDone>(reconcile()));
  EXPECT_EQ(status().observed_generation, 2);
}

TEST_F(ReconcilerTest, AnotherWorkloadBecomesACandidateBesideTheStableOne) {
  bring_up();
  const std::string stable = status().stable_revision;
  edit_object()["spec"]["workload"]["pods"]["template"]["spec"]["containers"][0]["image"] = "v2";
  watch<DeploymentObject>(deployments_, kOne);
  reconcile();
  EXPECT_EQ(revisions_.size(), 2u);
  EXPECT_EQ(status().stable_revision, stable);
  EXPECT_NE(status().candidate_revision, "");
  EXPECT_EQ(server_.objects.at(kServices + "/web")["spec"]["selector"]["serving.seraphim.io/revision"],
            stable);
}

TEST_F(ReconcilerTest, AWorkloadWithoutAnAdapterIsSaidInTheStatusAndNothingRuns) {
  json& object = edit_object();
  object["spec"]["workload"] = json::parse(R"({"torchServe":{"managementURL":"http://t:8081",
      "model":{"name":"m","version":"1","url":"m.mar"}}})");
  watch<DeploymentObject>(deployments_, kOne);
  EXPECT_TRUE(std::holds_alternative<ReconcileDone>(reconcile()));
  EXPECT_THAT(news(), ElementsAre("PATCH " + kOne + "/status"));
  EXPECT_THAT(condition_text(), HasSubstr("write spec.workload.pods"));
}

TEST_F(ReconcilerTest, AnObjectThatGoesIsLeftAlone) {
  server_.edit(kOne)["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  watch<DeploymentObject>(deployments_, kOne);
  EXPECT_TRUE(std::holds_alternative<ReconcileDone>(reconcile()));
  EXPECT_THAT(news(), IsEmpty());
}

TEST_F(ReconcilerTest, AnObjectThatIsGoneIsNotComparedAnyMore) {
  collector_.watch(kWeb, {.baseline = "a", .candidate = "b"});
  deployments_.remove(kWeb, "9999");
  EXPECT_TRUE(std::holds_alternative<ReconcileDone>(reconcile()));
  EXPECT_THAT(news(), IsEmpty());
  EXPECT_EQ(collector_.next_due(), std::nullopt);
}

TEST_F(ReconcilerTest, PrometheusIsAskedOnlyWhileTwoRevisionsAreCompared) {
  json& object = edit_object();
  object["spec"]["analysis"] = json::parse(R"({"prometheus":{"address":"http://p:9090"}})");
  watch<DeploymentObject>(deployments_, kOne);
  bring_up();
  EXPECT_EQ(collector_.next_due(), std::nullopt);
  edit_object()["spec"]["workload"]["pods"]["template"]["spec"]["containers"][0]["image"] = "v2";
  watch<DeploymentObject>(deployments_, kOne);
  reconcile();
  EXPECT_NE(collector_.next_due(), std::nullopt);
}

TEST_F(ReconcilerTest, EachPassOfAComparisonIsALineThatCanBeReplayed) {
  std::ostringstream log;
  log_.sinks().push_back(std::make_shared<spdlog::sinks::ostream_sink_mt>(log));
  log_.set_level(spdlog::level::debug);
  edit_object()["spec"]["analysis"] = json::parse(R"({"prometheus":{"address":"http://p:9090"}})");
  watch<DeploymentObject>(deployments_, kOne);
  bring_up();
  EXPECT_THAT(log.str(), Not(HasSubstr(": pass: "))) << "the first revision is compared with nobody";
  edit_object()["spec"]["workload"]["pods"]["template"]["spec"]["containers"][0]["image"] = "v2";
  watch<DeploymentObject>(deployments_, kOne);
  reconcile();
  std::vector<rollout::PassRecord> passes;
  std::istringstream lines(log.str());
  for (std::string line; std::getline(lines, line);) {
    if (auto pass = rollout::parse_line(line)) passes.push_back(*std::move(pass));
  }
  ASSERT_GE(passes.size(), 2U) << log.str();
  EXPECT_EQ(passes[0].object, "shop/web");
  EXPECT_EQ(passes[0].stable, status().stable_revision);
  EXPECT_EQ(passes[0].candidate, status().candidate_revision);
  EXPECT_EQ(passes[0].verdict, "None");
  EXPECT_EQ(passes[1].verdict, "Unavailable:NotEnoughTraffic");
  EXPECT_EQ(passes[1].at, clock_.wall());
  EXPECT_EQ(passes[1].pods->stable, 2);
  EXPECT_FALSE(passes[1].reach);
}

}  // namespace seraphim::op::testing
