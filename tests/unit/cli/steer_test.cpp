// approve, pause, resume, retry and abort: what is written, and that the operator's word is waited for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster_desk.h"

namespace seraphim::cli {
namespace {

using testing::ClusterDesk;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::json;
using ::testing::SizeIs;

/// The operator has acted on whatever the spec says.
void observe(json& object) {
  object["status"]["observedGeneration"] = object["metadata"]["generation"];
}

TEST(Approve, AnnotatesTheStepAndWaitsForTheOperator) {
  ClusterDesk desk;
  desk.cluster->operator_acts = [](json& object) { object["status"]["approvedStep"] = 1; };
  const auto said = desk.run({"approve", "web"});
  EXPECT_EQ(said.code, kGood) << said.err;
  EXPECT_EQ(desk.cluster->object()["metadata"]["annotations"]["serving.seraphim.io/approve"],
            desk.name_of(2) + "/1");
  EXPECT_THAT(said.out, HasSubstr("confirmed: the operator has noted the approval of step 1"));
}

TEST(Approve, SaysSoWhenTheOperatorDoesNotAnswer) {
  ClusterDesk desk;
  const auto said = desk.run({"approve", "web", "--timeout", "5s"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.err, HasSubstr("not confirmed within 5s"));
}

TEST(Approve, IsRefusedWhereNothingWaits) {
  ClusterDesk desk;
  desk.cluster->object()["status"]["step"] = 2;
  auto said = desk.run({"approve", "web"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.err, HasSubstr("step 2 of 2 needs no approval"));
  desk.cluster->object()["status"].erase("candidateRevision");
  said = desk.run({"approve", "web"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.err, HasSubstr("there is no candidate"));
  EXPECT_THAT(desk.cluster->writes(), IsEmpty());
}

TEST(Approve, TwiceIsNoMistake) {
  ClusterDesk desk;
  desk.cluster->object()["status"]["approvedStep"] = 1;
  const auto said = desk.run({"approve", "web"});
  EXPECT_EQ(said.code, kGood);
  EXPECT_THAT(said.out, HasSubstr("approved already"));
  EXPECT_THAT(desk.cluster->writes(), IsEmpty());
}

TEST(Approve, ACandidateThatWentAwayIsNotApproved) {
  ClusterDesk desk;
  desk.cluster->operator_acts = [](json& object) { object["status"]["candidateRevision"] = "web-other"; };
  EXPECT_EQ(desk.run({"approve", "web"}).code, kBad);
}

TEST(DryRun, SaysItAndWritesNothing) {
  for (const char* command : {"approve", "pause", "abort", "rollback"}) {
    ClusterDesk desk;
    const auto said = desk.run({command, "web", "--dry-run"});
    EXPECT_EQ(said.code, kGood) << said.err;
    EXPECT_THAT(said.out, HasSubstr("(dry run: nothing is changed)")) << command;
    EXPECT_THAT(desk.cluster->writes(), IsEmpty()) << command;
  }
}

TEST(Pause, WaitsForTheCondition) {
  ClusterDesk desk;
  desk.cluster->operator_acts = [](json& object) {
    observe(object);
    const bool paused = object["spec"].value("paused", false);
    object["status"]["conditions"] = json::array(
        {{{"type", "Paused"}, {"status", paused ? "True" : "False"}, {"reason", "x"}, {"message", ""}}});
  };
  EXPECT_EQ(desk.run({"pause", "web"}).code, kGood);
  EXPECT_EQ(desk.cluster->object()["spec"]["paused"], true);
  EXPECT_THAT(desk.run({"pause", "web"}).out, HasSubstr("is paused already"));
  EXPECT_EQ(desk.run({"resume", "web"}).code, kGood);
  EXPECT_EQ(desk.cluster->object()["spec"]["paused"], false);
  EXPECT_THAT(desk.cluster->writes(), SizeIs(2));
}

TEST(Retry, IsForARevisionThatFailed) {
  ClusterDesk desk;
  json& status = desk.cluster->object()["status"];
  auto said = desk.run({"retry", "web"});
  EXPECT_EQ(said.code, kGood);
  EXPECT_THAT(said.out, HasSubstr("is in use"));
  status.erase("candidateRevision");
  said = desk.run({"retry", "web"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.err, HasSubstr("has not failed"));
  desk.add_record(2, "example.com/model:2", "Failed");
  desk.cluster->operator_acts = [&](json& object) {
    object["status"]["candidateRevision"] = desk.name_of(2);
  };
  said = desk.run({"retry", "web"});
  EXPECT_EQ(said.code, kGood) << said.err;
  EXPECT_TRUE(desk.cluster->object()["metadata"]["annotations"].contains("serving.seraphim.io/retry"));
}

TEST(Abort, E5TakesTheSpecBackToTheStableRevisionAndReadsTheWeight) {
  ClusterDesk desk;
  desk.cluster->object()["spec"]["workload"]["pods"]["replicas"] = 9;  // an autoscaler's
  int looks = 0;
  desk.cluster->operator_acts = [&](json& object) {
    observe(object);
    if (++looks < 2) return;  // withdrawing takes a while
    object["status"].erase("candidateRevision");
    object["status"]["weight"] = {{"desired", "0%"}, {"applied", "0%"}};
  };
  const auto said = desk.run({"abort", "web"});
  EXPECT_EQ(said.code, kGood) << said.err;
  EXPECT_THAT(said.out, HasSubstr("confirmed: " + desk.name_of(2) + " has no traffic; " + desk.name_of(1)));
  EXPECT_EQ(desk.cluster->object()["spec"]["workload"], testing::workload_json("example.com/model:1", 9));
  EXPECT_EQ(looks, 2) << "the weight is read back";
}

TEST(Abort, WithoutACandidateThereIsNothingToDo) {
  ClusterDesk desk;
  desk.cluster->object()["status"].erase("candidateRevision");
  EXPECT_EQ(desk.run({"abort", "web"}).code, kGood);
  EXPECT_THAT(desk.cluster->writes(), IsEmpty());
}

TEST(Abort, DoesNotOverwriteWhatSomebodyElseWroteMeanwhile) {
  ClusterDesk desk;
  desk.cluster->first = [&](const kubernetes::Request& request) -> std::optional<kubernetes::Response> {
    if (request.method == "PATCH") desk.cluster->object()["metadata"]["generation"] = 3;
    return std::nullopt;
  };
  const auto said = desk.run({"abort", "web"});
  EXPECT_EQ(said.code, kUnusable);
  EXPECT_THAT(said.err, HasSubstr("changed by somebody else"));
  EXPECT_EQ(desk.cluster->object()["spec"]["workload"], testing::workload_json("example.com/model:2"));
}

}  // namespace
}  // namespace seraphim::cli
