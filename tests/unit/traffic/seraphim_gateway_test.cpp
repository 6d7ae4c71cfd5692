// The platform's gateway: variables of a Deployment that is somebody else's.
#include "traffic/seraphim_gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "traffic/gateway_scene.h"

namespace seraphim::traffic::testing {

using api::Percent;
using kubernetes::testing::ok;
using kubernetes::testing::refuse;
using rollout::PointBackend;
using rollout::SetWeight;
using rollout::Slot;
using rollout::WorkloadState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kGateway = "/apis/apps/v1/namespaces/shop/deployments/seraphim-inference";

class SeraphimGatewayTest : public ::testing::Test {
 protected:
  SeraphimGatewayTest() {
    object_.spec.workload = revisions_.back().workload;
    object_.status.stable_revision = "web-1";
    transport_.otherwise([this](const kubernetes::Request& request) { return answer(request); });
    deployments_.replace({}, "1");
  }

  static WorkloadState workers(const std::string& revision, int ready) {
    WorkloadState state;
    state.revision = revision;
    state.ready = ready;
    return state;
  }
  void install(const json& object) {
    server_ = object;
    know(deployments_, object);
  }
  /// As the API server carries out a JSON patch.
  kubernetes::Response answer(const kubernetes::Request& request) {
    if (request.method == "PATCH") {
      try {
        server_ = server_.patch(json::parse(request.body));
      } catch (const json::exception& error) {
        return refuse(422, "Invalid", "the test failed");
      }
      server_["metadata"]["resourceVersion"] = std::to_string(++version_);
    }
    return ok(server_.dump());
  }
  rollout::TrafficState observe(const std::vector<WorkloadState>& workloads = {}) {
    return adapter_.observe(object_, workloads);
  }
  kubernetes::Result<void> set(int percent) {
    return adapter_.set_weight(object_, {Percent::whole(percent), "web-1", "web-2"}, {});
  }

  std::vector<api::Revision> revisions_{served_revision("web-1", 1, "1.0"),
                                        served_revision("web-2", 2, "2.0")};
  api::SeraphimDeployment object_ = deployment(api::SeraphimGatewayTraffic{});
  kubernetes::testing::FakeTransport transport_;
  kubernetes::ApiClient client_{transport_};
  kubernetes::Store<GatewayDeployment> deployments_;
  FakeReadings readings_;
  SeraphimGateway adapter_{deployments_, readings_, [this](const auto&) { return revisions_; }, client_};
  json server_;
  int version_ = 100;
};

TEST_F(SeraphimGatewayTest, DecidesNothingBeforeDeploymentsAreListed) {
  kubernetes::Store<GatewayDeployment> unread;
  const SeraphimGateway adapter(
      unread, readings_, [](const auto&) { return std::vector<api::Revision>(); }, client_);
  EXPECT_FALSE(adapter.knows_enough());
  EXPECT_TRUE(adapter_.knows_enough());
}

TEST_F(SeraphimGatewayTest, SlotsAreTheRevisionsWithTheirModelVersion) {
  install(gateway());
  const auto state = observe({workers("web-1", 4), workers("web-2", 1)});
  EXPECT_FALSE(state.problem.has_value());
  EXPECT_EQ(state.stable, (rollout::Backend{"web-1", 4, 0, "custom-text/1.0"}));
  EXPECT_EQ(state.candidate, (rollout::Backend{"web-2", 1, 0, "custom-text/2.0"}));
  EXPECT_EQ(state.candidate_weight, Percent::whole(10));
  EXPECT_FALSE(state.confirmed);
}

TEST_F(SeraphimGatewayTest, AModelThatIsNoneOfOursIsAsReadyAsTheGateway) {
  auto variables = kChartVariables;
  variables[2].second = "0.9";
  install(gateway(variables));
  EXPECT_EQ(observe().stable, (rollout::Backend{"", 2, 0, "custom-text/0.9"}));
}

TEST_F(SeraphimGatewayTest, OfTwoRevisionsOfOneModelTheExpectedOneIsMeant) {
  revisions_.push_back(served_revision("web-3", 3, "1.0"));
  install(gateway());
  EXPECT_EQ(observe().stable->revision, "web-1");
  object_.status.stable_revision = "web-2";
  EXPECT_EQ(observe().stable->revision, "web-3") << "the newest";
  object_.status.stable_revision = "web-1";
  auto variables = kChartVariables;
  variables[4].second = "1.0";
  install(gateway(variables, 11));
  EXPECT_EQ(observe().candidate->revision, "web-1") << "without a candidate the slot is the stable one's";
}

TEST_F(SeraphimGatewayTest, NothingStandsBehindASlotWhileNoPodHasIt) {
  json object = gateway();
  object["metadata"]["generation"] = 3;  // the controller is at 2
  install(object);
  const auto state = observe({workers("web-1", 4)});
  EXPECT_EQ(state.stable, (rollout::Backend{"web-1", 0, 2, "custom-text/1.0"}));
  EXPECT_THAT(state.unsettled, HasSubstr("0 pods of Deployment seraphim-inference are ready with the present "
                                         "settings, 2 still have older ones"));
  EXPECT_THAT(readings_.questions, IsEmpty()) << "no pod can agree yet";
}

TEST_F(SeraphimGatewayTest, ARolloutThatIsStuckSaysWhy) {
  json object = gateway();
  object["status"]["updatedReplicas"] = 1;
  object["status"]["conditions"] = json::array({{{"type", "Progressing"},
                                                 {"status", "False"},
                                                 {"reason", "ProgressDeadlineExceeded"},
                                                 {"message", "it hangs"}}});
  install(object);
  EXPECT_THAT(observe().unsettled, HasSubstr("ProgressDeadlineExceeded: it hangs"));
}

TEST_F(SeraphimGatewayTest, PodsAreAskedWhatTheyRunWith) {
  std::get<api::SeraphimGatewayTraffic>(object_.spec.traffic).settle = std::chrono::seconds(7);
  install(gateway());
  readings_.answer = "pod a reports 0.1";
  EXPECT_EQ(observe().unsettled, "pod a reports 0.1");
  ASSERT_EQ(readings_.questions.size(), 1u);
  const auto asked = readings_.questions.front();
  EXPECT_EQ(asked.canary_percent, "10");
  EXPECT_EQ(asked.selector.at("app"), "seraphim-inference");
  EXPECT_EQ(asked.port, 8080);
  EXPECT_EQ(asked.settle, std::chrono::seconds(7));
  auto variables = kChartVariables;
  variables[4].second = "3.0";
  install(gateway(variables, 11));
  (void)observe();
  EXPECT_NE(readings_.questions.back(), asked) << "another candidate at the same weight is another question";
}

TEST_F(SeraphimGatewayTest, NonsenseIsReportedAsWhatIsNotWanted) {
  auto variables = kChartVariables;
  variables[5].second = "nan";
  install(gateway(variables));
  EXPECT_EQ(observe().candidate_weight, Percent::whole(100));
  object_.status.weight.desired = Percent::whole(100);
  EXPECT_EQ(observe().candidate_weight, Percent::whole(0));
}

TEST_F(SeraphimGatewayTest, AWeightIsAShareAndNothingElseIsTouched) {
  install(gateway());
  ASSERT_TRUE(set(25).has_value());
  EXPECT_THAT(calls(transport_), ElementsAre(std::string("PATCH ") + kGateway));
  auto expected = variables_in(gateway());
  expected["CANARY_PERCENT"] = "0.2500";
  EXPECT_EQ(variables_in(server_), expected);
  EXPECT_EQ(server_["spec"]["replicas"], 2);
  EXPECT_EQ(observe().candidate_weight, Percent::whole(25)) << "own writes are seen at once";
  ASSERT_TRUE(set(25).has_value());
  EXPECT_EQ(transport_.requests().size(), 1u) << "nothing to write";
}

TEST_F(SeraphimGatewayTest, WeightZeroTakesTheCandidateOutOfForcedTraffic) {
  install(gateway());
  ASSERT_TRUE(set(0).has_value());
  EXPECT_EQ(transport_.requests().size(), 1u) << "in one write";
  EXPECT_EQ(variables_in(server_)["CANARY_PERCENT"], "0");
  EXPECT_EQ(variables_in(server_)["MODEL_VERSION_CANDIDATE"], "1.0");
  EXPECT_EQ(observe().candidate->revision, "web-1");
}

TEST_F(SeraphimGatewayTest, ASlotTakesTheModelOfARevision) {
  install(gateway());
  ASSERT_TRUE(adapter_.point_backend(object_, {Slot::stable, "web-2"}, {}).has_value());
  EXPECT_EQ(variables_in(server_)["MODEL_VERSION_BASELINE"], "2.0");
  ASSERT_TRUE(adapter_.point_backend(object_, {Slot::candidate, "web-1"}, {}).has_value());
  EXPECT_EQ(variables_in(server_)["MODEL_VERSION_CANDIDATE"], "1.0");
  EXPECT_EQ(variables_in(server_)["CANARY_PERCENT"], "10");
  const auto unknown = adapter_.point_backend(object_, {Slot::stable, "web-9"}, {});
  ASSERT_FALSE(unknown.has_value());
  EXPECT_THAT(unknown.error().message, HasSubstr("web-9 is not recorded"));
}

TEST_F(SeraphimGatewayTest, AnotherStableModelDoesNotMoveTheCandidate) {
  install(gateway({{"MODEL_NAME", "old"}}));
  ASSERT_TRUE(adapter_.point_backend(object_, {Slot::stable, "web-2"}, {}).has_value());
  EXPECT_EQ(variables_in(server_)["MODEL_NAME_CANDIDATE"], "old") << "its default was the stable one's name";
  EXPECT_EQ(variables_in(server_)["MODEL_NAME_BASELINE"], "custom-text");
}

TEST_F(SeraphimGatewayTest, ARaiseOverSomebodysChangeIsDecidedAnew) {
  install(gateway());
  server_["spec"]["template"]["spec"]["containers"][1]["env"][5]["value"] = "0";
  server_["metadata"]["resourceVersion"] = std::to_string(++version_);
  const auto written = set(25);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().kind, kubernetes::ApiError::Kind::conflict);
  EXPECT_EQ(variables_in(server_)["CANARY_PERCENT"], "0");
  EXPECT_EQ(observe().candidate_weight, Percent::whole(0)) << "read afresh";
}

TEST_F(SeraphimGatewayTest, TakingTrafficAwayOverSomebodysChangeWaitsForNothing) {
  install(gateway());
  server_["spec"]["template"]["spec"]["containers"][1]["env"][5]["value"] = "90";
  server_["metadata"]["resourceVersion"] = std::to_string(++version_);
  ASSERT_TRUE(set(0).has_value());
  EXPECT_EQ(variables_in(server_)["CANARY_PERCENT"], "0");
}

TEST_F(SeraphimGatewayTest, ConfirmingReadsTheDeployment) {
  install(gateway());
  server_["spec"]["template"]["spec"]["containers"][1]["env"][5]["value"] = "50";
  server_["metadata"]["resourceVersion"] = std::to_string(++version_);
  const auto state = adapter_.confirm(object_, {}, {});
  ASSERT_TRUE(state.has_value());
  EXPECT_TRUE(state->confirmed);
  EXPECT_EQ(state->candidate_weight, Percent::whole(50));
}

TEST_F(SeraphimGatewayTest, ProblemsSayWhatToWrite) {
  const auto expect = [&](const char* reason, const char* sentence) {
    const auto state = observe();
    ASSERT_TRUE(state.problem.has_value()) << reason;
    EXPECT_EQ(state.problem->reason, reason);
    EXPECT_THAT(state.problem->message, HasSubstr(sentence));
  };
  expect("GatewayNotFound", "Deployment seraphim-inference does not exist in namespace shop");
  json object = gateway();
  object["spec"]["template"]["spec"]["containers"][1]["name"] = "main";
  install(object);
  expect("GatewayContainerNotFound", "no container app; write one of sidecar, main");
  object = gateway(kChartVariables, 11);
  object["spec"]["template"]["spec"]["containers"][1]["env"][5] = {
      {"name", "CANARY_PERCENT"}, {"valueFrom", {{"configMapKeyRef", {{"name", "c"}, {"key", "p"}}}}}};
  install(object);
  expect("GatewayVariableTaken", "CANARY_PERCENT comes from elsewhere");
  auto variables = kChartVariables;
  variables.emplace_back("TS_URL_CANDIDATE", "http://other:8080");
  install(gateway(variables, 12));
  expect("GatewayHasTwoServers", "remove it");
  object = gateway(kChartVariables, 13);
  object["spec"]["paused"] = true;
  install(object);
  expect("GatewayPaused", "kubectl rollout resume deployment/seraphim-inference");
  EXPECT_EQ(observe().candidate_weight, Percent::whole(10)) << "a rollback has to know from where";
  install(gateway(kChartVariables, 14));
  std::get<api::TorchServeWorkload>(object_.spec.workload).management_url = "http://new:8081";
  expect("TorchServesDiffer", "web-1 is in the TorchServe at http://seraphim-model-server:8081");
}

}  // namespace seraphim::traffic::testing
