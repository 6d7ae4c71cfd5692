// kubectl-seraphim rollback: R3 of the platform's playbook, with what is wrong with the original put right.
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
using testing::workload_json;

/// Three revisions: 1 Healthy, 2 Failed, 3 Healthy and serving.
struct Promoted : ClusterDesk {
  Promoted() {
    add_record(2, "example.com/model:2", "Failed");
    add_record(3, "example.com/model:3", "Healthy");
    json& object = cluster->object();
    object["spec"]["workload"] = workload_json("example.com/model:3");
    object["status"] = {{"phase", "Stable"}, {"observedGeneration", 2}, {"stableRevision", name_of(3)}};
    cluster->operator_acts = [this](json& at) {
      at["status"]["observedGeneration"] = at["metadata"]["generation"];
      for (int number = 1; number <= 3; ++number) {
        const json wanted = workload_json("example.com/model:" + std::to_string(number));
        if (at["spec"]["workload"] == wanted) at["status"]["stableRevision"] = name_of(number);
      }
    };
  }
  const json& workload() { return cluster->object()["spec"]["workload"]; }
};

TEST(Rollback, R3GoesToTheNewestHealthyRevisionBeforeThePresentOne) {
  Promoted desk;
  const auto said = desk.run({"rollback", "web"});
  EXPECT_EQ(said.code, kGood) << said.err;
  EXPECT_EQ(desk.workload(), workload_json("example.com/model:1")) << "2 failed";
  EXPECT_THAT(said.out, HasSubstr("confirmed: " + desk.name_of(1) + " serves all traffic"));
}

TEST(Rollback, R3ASecondRunGoesNeitherForwardNorFurtherBack) {
  Promoted desk;
  ASSERT_EQ(desk.run({"rollback", "web"}).code, kGood);
  const auto again = desk.run({"rollback", "web"});
  EXPECT_EQ(again.code, kGood) << again.err;
  EXPECT_EQ(desk.workload(), workload_json("example.com/model:1"));
  EXPECT_THAT(desk.cluster->writes(), SizeIs(1));
  EXPECT_THAT(again.out, HasSubstr("to go further back name one with --to-revision"));
}

TEST(Rollback, R3WithoutAHealthyRevisionItIsRefused) {
  Promoted desk;
  desk.add_record(1, "example.com/model:1", "Superseded");
  const auto said = desk.run({"rollback", "web"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.err, HasSubstr("recorded are: 1 (Superseded), 2 (Failed), 3 (Healthy)"));
  EXPECT_THAT(desk.cluster->writes(), IsEmpty());
}

TEST(Rollback, WithACandidateItGoesToTheStableRevision) {
  ClusterDesk desk;
  EXPECT_EQ(desk.run({"rollback", "web", "--no-wait"}).code, kGood);
  EXPECT_EQ(desk.cluster->object()["spec"]["workload"], workload_json("example.com/model:1"));
}

TEST(Rollback, AfterAnAutomaticOneTheSpecFollowsWhatServes) {
  Promoted desk;
  desk.add_record(4, "example.com/model:4", "Failed");
  desk.cluster->object()["spec"]["workload"] = workload_json("example.com/model:4");
  desk.cluster->object()["status"]["phase"] = "RolledBack";
  EXPECT_EQ(desk.run({"rollback", "web"}).code, kGood);
  EXPECT_EQ(desk.workload(), workload_json("example.com/model:3"));
}

TEST(Rollback, R3ToANamedRevision) {
  Promoted desk;
  auto said = desk.run({"rollback", "web", "--to-revision", "7"});
  EXPECT_EQ(said.code, kUnusable);
  EXPECT_THAT(said.err,
              HasSubstr("there is no revision 7; recorded are: 1 (Healthy), 2 (Failed), 3 (Healthy)"));
  said = desk.run({"rollback", "web", "--to-revision", "2"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.err, HasSubstr("failed before: Failed because; pass --retry-failed"));
  EXPECT_THAT(desk.cluster->writes(), IsEmpty());
  said = desk.run({"rollback", "web", "--to-revision", "2", "--retry-failed"});
  EXPECT_EQ(said.code, kGood) << said.err;
  EXPECT_EQ(desk.workload(), workload_json("example.com/model:2"));
  EXPECT_TRUE(desk.cluster->object()["metadata"]["annotations"].contains("serving.seraphim.io/retry"));
}

/// The operator rolls back and verifies; the watch brings the result.
struct Verified : Promoted {
  explicit Verified(const std::string& result) {
    cluster->operator_acts = [this, result](json& at) {
      json& status = at["status"];
      status["observedGeneration"] = at["metadata"]["generation"];
      status["stableRevision"] = name_of(1);
      const bool running = status.contains("lastRollback");
      status["lastRollback"] = {{"fromRevision", name_of(3)},
                                {"toRevision", name_of(1)},
                                {"reason", "TakenBack"},
                                {"at", "2026-11-28T10:00:00Z"},
                                {"verification",
                                 {{"result", running ? result : "Pending"},
                                  {"until", "2026-11-28T10:02:00Z"},
                                  {"message", running ? "12 of 60 requests failed" : "is measured"}}}};
    };
  }
};

TEST(Rollback, R4WaitsUntilHealthAndSlosAreVerified) {
  Verified desk("Recovered");
  const auto said = desk.run({"rollback", "web"});
  EXPECT_EQ(said.code, kGood) << said.err;
  EXPECT_THAT(said.out, HasSubstr("verifying: "));
  EXPECT_THAT(said.out, HasSubstr("recovered: "));
}

TEST(Rollback, R4HasAnExitCodeForAServiceThatIsNotWell) {
  Verified bad("NotRecovered"), unknown("Undecided");
  auto said = bad.run({"rollback", "web"});
  EXPECT_EQ(said.code, kNotRecovered);
  EXPECT_THAT(said.err, HasSubstr("not recovered: "));
  EXPECT_THAT(said.err, HasSubstr("12 of 60 requests failed"));
  said = unknown.run({"rollback", "web"});
  EXPECT_EQ(said.code, kNotVerified);
  EXPECT_THAT(said.err, HasSubstr("not verified: "));
}

TEST(Rollback, WhatWasSaidOfAnEarlierRollbackIsOldNews) {
  Promoted desk;
  desk.cluster->object()["status"]["lastRollback"] = {
      {"fromRevision", desk.name_of(2)},
      {"toRevision", desk.name_of(3)},
      {"at", "2026-11-27T10:00:00Z"},
      {"verification", {{"result", "NotRecovered"}, {"until", "2026-11-27T10:02:00Z"}}}};
  EXPECT_EQ(desk.run({"rollback", "web"}).code, kGood);
}

TEST(Rollback, ThatTheOperatorRefusesIsToldAsSuch) {
  Promoted desk;
  desk.cluster->operator_acts = [](json& at) {
    at["status"]["observedGeneration"] = at["metadata"]["generation"];
    at["status"]["phase"] = "RolledBack";
    at["status"]["conditions"] = json::array(
        {{{"type", "RolledBack"}, {"status", "True"}, {"reason", "x"}, {"message", "it failed again"}}});
  };
  const auto said = desk.run({"rollback", "web"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.err, HasSubstr("it failed again"));
}

TEST(Rollback, R3AHelmReleaseGetsTheRightCommand) {
  Promoted desk;
  desk.cluster->object()["metadata"]["annotations"] = {{"meta.helm.sh/release-name", "models"},
                                                       {"meta.helm.sh/release-namespace", "prod"}};
  EXPECT_THAT(
      desk.run({"rollback", "web"}).err,
      HasSubstr("from: helm history models -n prod and write: helm rollback models REVISION -n prod"));
}

TEST(Rollback, R3AHelmReleaseOfTheGatewayIsNamed) {
  Promoted desk;
  json& object = desk.cluster->object();
  object["spec"]["traffic"] = {{"seraphimGateway", json::object()}};
  object["spec"]["workload"] = json::parse(
      R"({"torchServe": {"managementURL": "http://t:8081", "model": {"name": "text", "version": "2.0", "url": "t.mar"}}})");
  desk.cluster->objects["/apis/apps/v1/namespaces/shop/deployments/seraphim-inference"] = {
      {"metadata",
       {{"name", "seraphim-inference"},
        {"namespace", "shop"},
        {"annotations",
         {{"meta.helm.sh/release-name", "seraphim-inference"},
          {"meta.helm.sh/release-namespace", "seraphim"}}}}}};
  EXPECT_THAT(desk.run({"rollback", "web", "--dry-run"}).err,
              HasSubstr("Deployment seraphim-inference, the gateway: it is kept by the Helm release"));
  EXPECT_THAT(desk.run({"rollback", "web", "--dry-run"}).err,
              HasSubstr("helm rollback seraphim-inference REVISION -n seraphim"));
}

TEST(Rollback, R3nAPlainDeploymentOfThePlatformsChartIsPointedTo) {
  ClusterDesk desk;
  desk.cluster->objects["/apis/apps/v1/namespaces/seraphim/deployments/seraphim-inference"] = {
      {"metadata",
       {{"name", "seraphim-inference"},
        {"annotations", {{"meta.helm.sh/release-name", "seraphim-inference"}}}}}};
  desk.context_namespace = "default";
  const auto said = desk.run({"rollback"});
  EXPECT_EQ(said.code, kUnusable);
  EXPECT_THAT(said.err, HasSubstr("helm rollback seraphim-inference REVISION -n seraphim"));
}

}  // namespace
}  // namespace seraphim::cli
