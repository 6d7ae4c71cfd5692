// What the pods adapter sends to the API server, and what it tells of the watched state.
#include "workload/pods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "kubernetes/fake_transport.h"

namespace seraphim::workload {
namespace {

using kubernetes::ApiError;
using kubernetes::ObjectKey;
using kubernetes::testing::refuse;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

const ObjectKey kSet{"shop", "web-1"};

class PodsTest : public ::testing::Test {
 protected:
  PodsTest() {
    object_.name = "web";
    object_.namespace_ = "shop";
    object_.uid = "owner";
    api::PodsWorkload workload;
    workload.min_ready = std::chrono::seconds(7);
    workload.pod_template.text =
        R"({"metadata":{"labels":{"app":"web","serving.seraphim.io/revision":"forged"}},)"
        R"("spec":{"containers":[{"name":"m"}]}})";
    revision_.name = "web-1";
    revision_.number = 12;
    revision_.workload = workload;
  }

  /// As the API server sends it.
  static json set(const std::string& owner, int replicas, const std::string& version = "10") {
    return {{"metadata",
             {{"namespace", "shop"},
              {"name", "web-1"},
              {"uid", "set-uid"},
              {"resourceVersion", version},
              {"ownerReferences", json::array({{{"uid", owner}, {"controller", true}}})}}},
            {"spec", {{"replicas", replicas}}}};
  }
  void know(const json& object) { sets_.note_written(*kubernetes::Resource<ReplicaSet>::decode(object)); }
  void know_pod(const std::string& name, const std::string& problem, const std::string& owner = "set-uid") {
    Pod pod;
    pod.meta.key = {"shop", name};
    pod.meta.uid = name;
    pod.meta.resource_version = "1";
    pod.meta.controller = kubernetes::ControllerReference{.uid = owner};
    pod.problem = problem;
    pods_.note_written(std::move(pod));
  }
  kubernetes::Result<void> scale(int replicas) { return adapter_.scale(object_, revision_, replicas, {}); }
  json body(std::size_t index) { return json::parse(transport_.requests().at(index).body); }
  std::vector<std::string> calls() {
    std::vector<std::string> lines;
    for (const auto& request : transport_.requests()) {
      lines.push_back(request.method + " " + request.target.substr(0, request.target.find('?')));
    }
    return lines;
  }

  api::SeraphimDeployment object_;
  api::Revision revision_;
  kubernetes::testing::FakeTransport transport_;
  kubernetes::ApiClient client_{transport_};
  kubernetes::Store<ReplicaSet> sets_;
  kubernetes::Store<Pod> pods_;
  Pods adapter_{sets_, pods_, client_};
};

constexpr const char* kCollection = "/apis/apps/v1/namespaces/shop/replicasets";
constexpr const char* kOne = "/apis/apps/v1/namespaces/shop/replicasets/web-1";

TEST_F(PodsTest, CreatesAReplicaSetNamedLikeTheRevision) {
  transport_.answer(201, set("owner", 3).dump());
  ASSERT_TRUE(scale(3).has_value());
  EXPECT_THAT(calls(), ElementsAre(std::string("POST ") + kCollection));
  EXPECT_EQ(body(0), json::parse(R"({
      "apiVersion":"apps/v1","kind":"ReplicaSet",
      "metadata":{"name":"web-1","namespace":"shop",
        "labels":{"serving.seraphim.io/name":"web","serving.seraphim.io/revision":"web-1"},
        "annotations":{"serving.seraphim.io/revision-number":"12"},
        "ownerReferences":[{"apiVersion":"serving.seraphim.io/v1alpha1","kind":"SeraphimDeployment","name":"web",
          "uid":"owner","controller":true,"blockOwnerDeletion":true}]},
      "spec":{"replicas":3,"minReadySeconds":7,
        "selector":{"matchLabels":{"serving.seraphim.io/name":"web","serving.seraphim.io/revision":"web-1"}},
        "template":{"spec":{"containers":[{"name":"m"}]},
          "metadata":{"labels":{"app":"web","serving.seraphim.io/name":"web",
                                "serving.seraphim.io/revision":"web-1"}}}}})"));
  ASSERT_NE(sets_.get(kSet), nullptr) << "the own write is not known";
}

TEST_F(PodsTest, ATemplateWithoutMetadataGetsLabels) {
  std::get<api::PodsWorkload>(revision_.workload).pod_template.text = R"({"spec":{}})";
  transport_.answer(201, set("owner", 1).dump());
  ASSERT_TRUE(scale(1).has_value());
  EXPECT_EQ(body(0)["spec"]["template"]["metadata"]["labels"], body(0)["spec"]["selector"]["matchLabels"]);
}

TEST_F(PodsTest, OneThatIsThereAlreadyIsBroughtToTheSize) {
  transport_.answer(refuse(409, "AlreadyExists"))
      .answer(200, set("owner", 1).dump())
      .answer(200, set("owner", 3, "11").dump());
  ASSERT_TRUE(scale(3).has_value());
  EXPECT_THAT(calls(), ElementsAre(std::string("POST ") + kCollection, std::string("GET ") + kOne,
                                   std::string("PATCH ") + kOne));
  EXPECT_EQ(body(2), json::parse(R"({"metadata":{"uid":"set-uid"},"spec":{"replicas":3}})"));
  EXPECT_EQ(sets_.get(kSet)->desired, 3);
}

TEST_F(PodsTest, OneThatIsThereAlreadyOfTheRightSizeIsLeftAlone) {
  transport_.answer(refuse(409, "AlreadyExists")).answer(200, set("owner", 3).dump());
  ASSERT_TRUE(scale(3).has_value());
  EXPECT_THAT(calls(), SizeIs(2));
}

TEST_F(PodsTest, ANamesakeOfSomebodyElseIsNotTakenOver) {
  know(set("somebody", 1));
  const auto known = scale(3);
  ASSERT_FALSE(known.has_value());
  EXPECT_EQ(known.error().kind, ApiError::Kind::invalid);
  EXPECT_THAT(known.error().message, StartsWith("ReplicaSet shop/web-1 exists and is not controlled by"));
  EXPECT_THAT(calls(), IsEmpty());
}

TEST_F(PodsTest, ANamesakeThatIsSeenOnlyAtTheCreateIsNotTakenOverEither) {
  transport_.answer(refuse(409, "AlreadyExists")).answer(200, set("somebody", 1).dump());
  const auto met = scale(3);
  ASSERT_FALSE(met.has_value());
  EXPECT_EQ(met.error().reason, "NotOurs");
  EXPECT_THAT(calls(), SizeIs(2));
  EXPECT_EQ(sets_.get(kSet), nullptr);
}

TEST_F(PodsTest, TheRightSizeMakesNoRequest) {
  know(set("owner", 3));
  ASSERT_TRUE(scale(3).has_value());
  EXPECT_THAT(calls(), IsEmpty());
}

TEST_F(PodsTest, AnotherSizeIsPatchedIntoExactlyThatObject) {
  know(set("owner", 3));
  transport_.answer(200, set("owner", 0, "11").dump());
  ASSERT_TRUE(scale(0).has_value());
  EXPECT_THAT(calls(), ElementsAre(std::string("PATCH ") + kOne));
  EXPECT_EQ(transport_.requests()[0].content_type, "application/merge-patch+json");
  EXPECT_EQ(body(0), json::parse(R"({"metadata":{"uid":"set-uid"},"spec":{"replicas":0}})"));
  EXPECT_EQ(sets_.get(kSet)->desired, 0) << "the own write is not known";
}

TEST_F(PodsTest, ARefusalIsHandedOn) {
  transport_.answer(refuse(422, "Invalid", "bad template"));
  const auto refused = scale(3);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ApiError::Kind::invalid);
  EXPECT_THAT(refused.error().message, HasSubstr("bad template"));
}

TEST_F(PodsTest, ARevisionOfAnotherKindHasNoPods) {
  revision_.workload = api::TorchServeWorkload{};
  const auto refused = scale(1);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message, "revision web-1 has no pods");
  EXPECT_THAT(calls(), IsEmpty());
}

TEST_F(PodsTest, RemovesExactlyTheObjectItKnows) {
  know(set("owner", 3));
  transport_.answer(200);
  ASSERT_TRUE(adapter_.remove(object_, "web-1", {}).has_value());
  EXPECT_THAT(calls(), ElementsAre(std::string("DELETE ") + kOne));
  EXPECT_EQ(body(0)["preconditions"]["uid"], "set-uid");
  EXPECT_EQ(sets_.get(kSet), nullptr);
}

TEST_F(PodsTest, AFailedRemovalIsNotTakenForOne) {
  know(set("owner", 3));
  transport_.answer(refuse(403, "Forbidden"));
  EXPECT_FALSE(adapter_.remove(object_, "web-1", {}).has_value());
  EXPECT_NE(sets_.get(kSet), nullptr);
}

TEST_F(PodsTest, RemovesNeitherWhatIsGoneNorWhatIsNotOurs) {
  EXPECT_TRUE(adapter_.remove(object_, "web-1", {}).has_value());
  know(set("somebody", 3));
  EXPECT_TRUE(adapter_.remove(object_, "web-1", {}).has_value());
  EXPECT_THAT(calls(), IsEmpty());
}

TEST_F(PodsTest, ObservesCountsOfItsOwn) {
  json ours = set("owner", 4);
  ours["status"] = {{"replicas", 4}, {"readyReplicas", 4}, {"availableReplicas", 4}};
  know(ours);
  json other = set("somebody", 9);
  other["metadata"]["name"] = "other-1";
  know(other);
  const auto states = adapter_.observe(object_);
  ASSERT_EQ(states.size(), 1u);
  EXPECT_EQ(
      states[0],
      (rollout::WorkloadState{
          .revision = "web-1", .desired = 4, .existing = 4, .ready = 4, .available = 4, .problem = ""}));
}

TEST_F(PodsTest, OneThatIsBeingDeletedIsNotObserved) {
  json ours = set("owner", 4);
  ours["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  know(ours);
  EXPECT_THAT(adapter_.observe(object_), IsEmpty());
}

TEST_F(PodsTest, AProblemIsThatOfAPodOfTheReplicaSet) {
  know(set("owner", 2));
  know_pod("web-1-aaaaa", "");
  know_pod("web-1-bbbbb", "ErrImagePull: not found");
  know_pod("other", "not ours", "another set");
  EXPECT_EQ(adapter_.observe(object_).at(0).problem, "pod web-1-bbbbb: ErrImagePull: not found");
}

TEST_F(PodsTest, PodsThatCannotEvenBeMadeAreTheFirstProblem) {
  json ours = set("owner", 2);
  ours["status"]["conditions"] = {{{"type", "ReplicaFailure"}, {"status", "True"}, {"message", "quota"}}};
  know(ours);
  know_pod("web-1-bbbbb", "ErrImagePull");
  EXPECT_EQ(adapter_.observe(object_).at(0).problem, "quota");
}

TEST_F(PodsTest, WhenAllIsAvailableAnEarlierProblemOfAPodIsNone) {
  json ours = set("owner", 2);
  ours["status"] = {{"replicas", 2}, {"readyReplicas", 2}, {"availableReplicas", 2}};
  know(ours);
  know_pod("web-1-bbbbb", "Evicted");
  EXPECT_EQ(adapter_.observe(object_).at(0).problem, "");
}

}  // namespace
}  // namespace seraphim::workload
