// A revision written down is read back as it was.
#include "operator/controller_revision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/codec.h"

namespace seraphim::op {
namespace {

using nlohmann::json;
using ::testing::StartsWith;
using Kind = kubernetes::Resource<ControllerRevision>;

api::SeraphimDeployment owner() {
  api::SeraphimDeployment object;
  object.name = "web";
  object.namespace_ = "shop";
  object.uid = "owner";
  return object;
}

api::PodsWorkload pods() {
  api::PodsWorkload pods;
  pods.replicas = 3;
  pods.port = 9000;
  pods.min_ready = std::chrono::seconds(4);
  pods.progress_deadline = std::chrono::seconds(99);
  pods.pod_template.text = R"({"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"m"}]}})";
  return pods;
}

api::Revision revision(api::Workload workload) {
  api::Revision revision;
  revision.name = "web-1";
  revision.number = 7;
  revision.workload = std::move(workload);
  return revision;
}

TEST(ControllerRevision, EncodesTheWholeObject) {
  const json object = encode_controller_revision(owner(), revision(pods()));
  EXPECT_EQ(object, json::parse(R"({
      "apiVersion":"apps/v1","kind":"ControllerRevision",
      "metadata":{"name":"web-1","namespace":"shop",
        "labels":{"serving.seraphim.io/name":"web","serving.seraphim.io/revision":"web-1"},
        "ownerReferences":[{"apiVersion":"serving.seraphim.io/v1alpha1","kind":"SeraphimDeployment","name":"web",
          "uid":"owner","controller":true,"blockOwnerDeletion":true}]},
      "revision":7,
      "data":{"workload":{"pods":{"replicas":3,"port":9000,"minReadySeconds":4,"progressDeadlineSeconds":99,
        "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"m"}]}}}}}})"));
}

TEST(ControllerRevision, RoundTrip) {
  api::TorchServeWorkload torch_serve;
  torch_serve.management_url = "http://t:8081";
  torch_serve.model_name = "m";
  torch_serve.model_version = "2.0";
  torch_serve.model_archive_url = "m.mar";
  torch_serve.initial_workers = 2;
  for (const auto& workload : {api::Workload(pods()), api::Workload(torch_serve)}) {
    const auto read = Kind::decode(encode_controller_revision(owner(), revision(workload)));
    ASSERT_TRUE(read.has_value()) << read.error();
    EXPECT_EQ(read->revision, revision(workload));
    EXPECT_EQ(read->meta.key, (kubernetes::ObjectKey{"shop", "web-1"}));
    EXPECT_EQ(read->meta.controller->uid, "owner");
  }
}

TEST(ControllerRevision, TheVerdictStandsInAnnotations) {
  json object = encode_controller_revision(owner(), revision(pods()));
  object["metadata"]["annotations"] = {
      {"serving.seraphim.io/verdict", api::to_string(api::RevisionVerdict::failed)},
      {"serving.seraphim.io/verdict-reason", "ErrorRateWorseThanStable"}};
  const auto read = Kind::decode(object);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->revision.verdict, api::RevisionVerdict::failed);
  EXPECT_EQ(read->revision.verdict_reason, "ErrorRateWorseThanStable");
}

TEST(ControllerRevision, RecordsOfOthersAreNotUnderstood) {
  const auto read =
      Kind::decode(json::parse(R"({"metadata":{"name":"ds-1"},"revision":1,"data":{"spec":{}}})"));
  ASSERT_FALSE(read.has_value());
  EXPECT_THAT(read.error(), StartsWith("data.workload: "));
}

}  // namespace
}  // namespace seraphim::op
