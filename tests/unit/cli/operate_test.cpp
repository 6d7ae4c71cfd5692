// restart, logs, freeze and unfreeze: the everyday operations (E1 to E3, R1).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster_desk.h"

namespace seraphim::cli {
namespace {

using testing::ClusterDesk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::json;
using ::testing::SizeIs;

const std::string kDeployments = "/apis/apps/v1/namespaces/seraphim/deployments/";

/// The platform's two Deployments; restarted ones are ready at once unless `stuck`.
struct Components : ClusterDesk {
  bool stuck = false;
  Components() {
    context_namespace = "default";
    for (const char* name : {"seraphim-inference", "seraphim-model-server"}) {
      cluster->objects[kDeployments + name] = {
          {"metadata", {{"name", name}, {"namespace", "seraphim"}, {"generation", 1}}},
          {"spec", {{"replicas", 2}, {"selector", {{"matchLabels", {{"app", name}}}}}}},
          {"status",
           {{"observedGeneration", 1}, {"replicas", 2}, {"updatedReplicas", 2}, {"availableReplicas", 2}}}};
    }
    cluster->first = [this](const kubernetes::Request& request) -> std::optional<kubernetes::Response> {
      if (request.method != "GET" || stuck) return std::nullopt;
      for (auto& [path, object] : cluster->objects) {
        if (path.starts_with(kDeployments))
          object["status"]["observedGeneration"] = object["metadata"]["generation"];
      }
      return std::nullopt;
    };
  }
  std::vector<std::string> restarted() const {
    std::vector<std::string> names;
    for (const auto& request : cluster->writes()) {
      const std::string path = request.target.substr(0, request.target.find('?'));
      names.push_back(path.substr(path.rfind('/') + 1));
    }
    return names;
  }
};

TEST(Restart, E1SetsTheAnnotationAndWaitsForTheRollout) {
  Components desk;
  const auto said = desk.run({"restart", "gateway"});
  EXPECT_EQ(said.code, kGood) << said.err;
  EXPECT_TRUE(
      desk.cluster
          ->objects[kDeployments + "seraphim-inference"]["spec"]["template"]["metadata"]["annotations"]
          .contains("kubectl.kubernetes.io/restartedAt"));
  EXPECT_THAT(said.out, HasSubstr("seraphim-inference: 2 replicas are new and available"));
}

TEST(Restart, E1ThatDoesNotComeUpIsSaid) {
  Components desk;
  desk.stuck = true;
  const auto said = desk.run({"restart", "gateway", "--timeout", "5s"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.err, HasSubstr("not ready again within 5s"));
  desk.cluster->objects[kDeployments + "seraphim-inference"]["status"] = {
      {"observedGeneration", 9},
      {"conditions", json::array({{{"reason", "ProgressDeadlineExceeded"}, {"message", "has timed out"}}})}};
  EXPECT_THAT(desk.run({"restart", "gateway"}).err, HasSubstr("has timed out"));
}

TEST(Restart, E3AllInOrderAndOnlyWhenAskedFor) {
  Components desk;
  desk.input = "n\n";
  auto said = desk.run({"restart", "--all"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(
      said.out,
      HasSubstr("Restart seraphim-model-server, then seraphim-inference in namespace seraphim? [y/N]"));
  EXPECT_THAT(desk.cluster->writes(), IsEmpty());
  desk.input = "y\n";
  EXPECT_EQ(desk.run({"restart", "--all"}).code, kGood);
  EXPECT_THAT(desk.restarted(), ElementsAre("seraphim-model-server", "seraphim-inference"));
  desk.input = "";
  EXPECT_EQ(desk.run({"restart", "--all", "--yes"}).code, kGood);
  EXPECT_THAT(desk.restarted(), SizeIs(4));
}

TEST(Restart, E3TheGatewayWaitsForTheModelServer) {
  Components desk;
  desk.stuck = true;
  EXPECT_EQ(desk.run({"restart", "--all", "--yes", "--timeout", "3s"}).code, kBad);
  EXPECT_THAT(desk.restarted(), ElementsAre("seraphim-model-server"));
}

TEST(Restart, DryRunAndWrongWords) {
  Components desk;
  EXPECT_THAT(desk.run({"restart", "gateway", "--dry-run"}).out, HasSubstr("(dry run: nothing is changed)"));
  EXPECT_EQ(desk.run({"restart"}).code, kUnusable);
  EXPECT_EQ(desk.run({"restart", "gateway", "--all"}).code, kUnusable);
  EXPECT_THAT(desk.cluster->writes(), IsEmpty());
  desk.cluster->objects.clear();
  desk.cluster->first = [](const auto&) { return kubernetes::testing::refuse(404, "NotFound"); };
  EXPECT_THAT(desk.run({"restart", "postgres"}).err, HasSubstr("components are gateway, model-server"));
}

TEST(Logs, E2TheLastLinesOfEveryPod) {
  Components desk;
  std::vector<std::string> asked;
  for (const char* name : {"a", "b"}) {
    desk.cluster->objects["/api/v1/namespaces/seraphim/pods/" + std::string(name)] = {
        {"metadata", {{"name", name}}},
        {"spec", {{"containers", json::array({{{"name", "app"}}, {{"name", "x"}}})}}}};
  }
  desk.cluster->first = [&](const kubernetes::Request& request) -> std::optional<kubernetes::Response> {
    if (request.target.find("/log?") == std::string::npos) return std::nullopt;
    asked.push_back(request.target);
    if (asked.size() == 2) return kubernetes::testing::refuse(400, "BadRequest", "it waits to start");
    return kubernetes::testing::ok("one\ntwo\n");
  };
  const auto said = desk.run({"logs", "gateway", "--tail", "50"});
  EXPECT_EQ(said.code, kBad) << "one pod could not be read";
  EXPECT_EQ(said.out, "[a] one\n[a] two\n");
  EXPECT_THAT(said.err, HasSubstr("it waits to start"));
  EXPECT_EQ(asked.front(), "/api/v1/namespaces/seraphim/pods/a/log?tailLines=50&container=app");
}

const std::string kFreeze = "/apis/serving.seraphim.io/v1alpha1/namespaces/shop/seraphimfreezes/freeze";

TEST(Freeze, R1SaysWhyWhoAndHowLong) {
  ClusterDesk desk;
  desk.cluster->first = [&](const kubernetes::Request& request) -> std::optional<kubernetes::Response> {
    if (request.method == "GET" && desk.cluster->objects.contains(kFreeze))
      desk.cluster->objects[kFreeze]["status"] = {
          {"observedGeneration", 0}, {"active", true}, {"affected", 3}};
    return std::nullopt;
  };
  const std::string until = api::format_time(desk.now + std::chrono::seconds(1) + std::chrono::hours(2));
  const auto said = desk.run({"freeze", "--reason", "the database moves", "--for", "2h", "-l", "team=nlp"});
  EXPECT_EQ(said.code, kGood) << said.err;
  const json& made = desk.cluster->objects[kFreeze];
  EXPECT_EQ(made["spec"], (json{{"reason", "the database moves"},
                                {"who", "ada"},
                                {"until", until},
                                {"selector", {{"matchLabels", {{"team", "nlp"}}}}}}));
  EXPECT_THAT(said.out, HasSubstr("frozen by ada until " + until + ": the database moves\n"));
  EXPECT_THAT(said.out, HasSubstr("confirmed: it is in force, for 3 SeraphimDeployments"));
}

TEST(Freeze, R1WordsThatMakeNoFreezeAreRefused) {
  ClusterDesk desk;
  EXPECT_EQ(desk.run({"freeze"}).code, kUnusable) << "without a reason";
  EXPECT_EQ(desk.run({"freeze", "--reason", " "}).code, kUnusable);
  EXPECT_EQ(desk.run({"freeze", "--reason", "x", "--for", "2h", "--until", "2027-01-01T00:00:00Z"}).code,
            kUnusable);
  EXPECT_THAT(desk.run({"freeze", "--reason", "x", "--until", "2000-01-01T00:00:00Z"}).err,
              HasSubstr("is over already"));
  EXPECT_THAT(desk.run({"freeze", "--reason", "x", "-l", "team"}).err, HasSubstr("write key=value"));
  EXPECT_EQ(desk.run({"freeze", "--reason", "x", "--dry-run"}).code, kGood);
  EXPECT_THAT(desk.cluster->writes(), IsEmpty());
}

TEST(Freeze, R1OneThatIsThereIsNotOverwritten) {
  ClusterDesk desk;
  desk.cluster->objects[kFreeze] = {{"metadata", {{"name", "freeze"}}},
                                    {"spec", {{"who", "bob"}, {"reason", "why"}}}};
  desk.cluster->first = [](const kubernetes::Request& request) -> std::optional<kubernetes::Response> {
    if (request.method == "POST") return kubernetes::testing::refuse(409, "AlreadyExists");
    return std::nullopt;
  };
  const auto said = desk.run({"freeze", "--reason", "x"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.err, HasSubstr("is there already, frozen by bob until it is unfrozen: why"));
}

TEST(Unfreeze, R1DeletesAndSaysWhatItWas) {
  ClusterDesk desk;
  desk.cluster->objects[kFreeze] = {{"metadata", {{"name", "freeze"}, {"uid", "u-9"}}},
                                    {"spec", {{"who", "bob"}, {"reason", "why"}}}};
  const auto said = desk.run({"unfreeze"});
  EXPECT_EQ(said.code, kGood) << said.err;
  EXPECT_THAT(said.out, HasSubstr("ended; it was frozen by bob until it is unfrozen: why"));
  EXPECT_FALSE(desk.cluster->objects.contains(kFreeze));
  desk.cluster->first = [](const auto&) { return kubernetes::testing::refuse(404, "NotFound"); };
  EXPECT_EQ(desk.run({"unfreeze"}).code, kGood) << "twice is no mistake";
}

}  // namespace
}  // namespace seraphim::cli
