// kubectl-seraphim status: the story on one screen, and where it looks for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster_desk.h"

namespace seraphim::cli {
namespace {

using ::testing::AllOf;
using testing::ClusterDesk;
using ::testing::HasSubstr;
using testing::json;
using ::testing::Not;

void add_evidence(ClusterDesk& desk) {
  json& status = desk.cluster->object()["status"];
  status["evidence"] = {{"baselineRequests", 540},           {"baselineFailures", 1},
                        {"candidateRequests", 120},          {"candidateFailures", 3},
                        {"rollbackEvidence", "0.5 of 100"},  {"promotionEvidence", "12 of 20"},
                        {"lastLook", "2026-11-24T16:17:33Z"}};
  status["conditions"] = json::array({{{"type", "Progressing"},
                                       {"status", "True"},
                                       {"reason", "AwaitingApproval"},
                                       {"message", "step 1 waits for a person"},
                                       {"lastTransitionTime", "2026-11-24T16:17:33Z"}}});
}

TEST(Status, TellsTheStoryOnOneScreen) {
  ClusterDesk desk;
  add_evidence(desk);
  desk.cluster->objects["/apis/events.k8s.io/v1/namespaces/shop/events/e1"] = {
      {"type", "Normal"},
      {"reason", "CandidateStarted"},
      {"note", "it comes up"},
      {"eventTime", "2026-11-24T16:17:33.000000Z"}};
  const auto said = desk.run({"status", "web"});
  ASSERT_EQ(said.code, kGood) << said.err;
  EXPECT_THAT(said.out, HasSubstr("Name:       shop/web\nPhase:      AwaitingApproval\n"));
  EXPECT_THAT(said.out, HasSubstr("Weight:     desired 5%, applied 5%, observed not yet\n"));
  EXPECT_THAT(said.out, HasSubstr("Step:       1 of 2: weight 5%, hold 1m, waits for approval"));
  EXPECT_THAT(said.out, HasSubstr("1       " + desk.name_of(1) + "  Healthy   stable"));
  EXPECT_THAT(said.out,
              HasSubstr("2       " + desk.name_of(2) + "  none yet  candidate, asked for by the spec"));
  EXPECT_THAT(said.out, HasSubstr("errorRate  3 of 120   1 of 540  0.5 of 100  12 of 20   1%         10%"));
  EXPECT_THAT(said.out, HasSubstr("Progressing  True    AwaitingApproval  step 1 waits for a person"));
  EXPECT_THAT(said.out, HasSubstr("2026-11-24T16:17:33Z  Normal  CandidateStarted  it comes up"));
}

TEST(Status, IsJsonForScripts) {
  ClusterDesk desk;
  add_evidence(desk);
  const auto said = desk.run({"status", "web", "--output", "json"});
  ASSERT_EQ(said.code, kGood) << said.err;
  const json all = json::parse(said.out);
  EXPECT_EQ(all["phase"], "AwaitingApproval");
  EXPECT_EQ(all["weight"]["applied"], "5%");
  EXPECT_EQ(all["revisions"][0]["verdict"], "Healthy");
  EXPECT_EQ(all["evidence"][0]["candidateFailures"], 3);
  EXPECT_EQ(all["conditions"][0]["reason"], "AwaitingApproval");
}

TEST(Status, WatchEndsWithTheRollout) {
  ClusterDesk desk;
  desk.cluster->operator_acts = [&](json& object) {
    object["status"]["phase"] = "Stable";
    object["status"]["stableRevision"] = desk.name_of(2);
    object["status"].erase("candidateRevision");
  };
  const auto good = desk.run({"status", "web", "--watch"});
  EXPECT_EQ(good.code, kGood) << good.err;
  EXPECT_THAT(good.out, HasSubstr("Stable: " + desk.name_of(2) + " serves\n"));
  desk.cluster->operator_acts = {};
  desk.cluster->object()["status"]["phase"] = "RolledBack";
  EXPECT_EQ(desk.run({"status", "web", "--watch"}).code, kBad);
}

TEST(Status, OneThatIsNotThereIsASentence) {
  ClusterDesk desk;
  const auto said = desk.run({"status", "other"});
  EXPECT_EQ(said.code, kUnusable);
  EXPECT_THAT(said.err, AllOf(HasSubstr("get SeraphimDeployment shop/other"), HasSubstr("kubectl get sdep")));
}

TEST(Status, R3nWithoutANameItIsThePlatforms) {
  ClusterDesk desk;
  desk.context_namespace = "default";
  (void)desk.run({"status"});
  EXPECT_EQ(desk.cluster->requests.at(0).target,
            "/apis/serving.seraphim.io/v1alpha1/namespaces/seraphim/seraphimdeployments/seraphim-inference");
  (void)desk.run({"status", "web"});
  EXPECT_THAT(desk.cluster->requests.at(1).target, HasSubstr("/namespaces/default/"));
  (void)desk.run({"status", "-n", "stage"});
  EXPECT_THAT(desk.cluster->requests.at(2).target, HasSubstr("/namespaces/stage/"));
}

}  // namespace
}  // namespace seraphim::cli
