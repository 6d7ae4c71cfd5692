// One look at one object, against an API server in memory.
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

#include "operator/reconciler_fixture.h"
#include "rollout/pass_record.h"

namespace seraphim::op::testing {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

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
    if (!request.target.starts_with(kOne) || request.method == "GET") continue;
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
