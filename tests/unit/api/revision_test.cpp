#include "api/revision.h"

#include <gmock/gmock.h>

#include <set>

#include "api/codec.h"
#include "api/yaml_file.h"

namespace seraphim::api {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

PodsWorkload pods() {
  PodsWorkload workload;
  workload.replicas = 4;
  workload.min_ready = 5s;
  workload.pod_template = {R"({"spec":{"containers":[{"image":"model:1","name":"model"}]}})"};
  return workload;
}

TorchServeWorkload model() {
  return {"http://torchserve:8081", "text", "2.0", "text.mar", 1, 600s};
}

TEST(RevisionName, IsTheDeploymentAndSha256OverTheCanonicalContent) {
  // printf '%s' '{"pods":{"minReadySeconds":5,"port":8080,"template":{...}}}' | sha256sum
  EXPECT_EQ(revision_name("sentiment", pods()), "sentiment-024d271f1a");
  EXPECT_EQ(revision_name("sentiment", model()), "sentiment-42ed94e0b3");
}

TEST(RevisionName, ReplicasAndDeadlinesAreNoContent) {
  PodsWorkload scaled = pods();
  scaled.replicas = 5;
  scaled.progress_deadline = 1s;
  EXPECT_EQ(revision_name("sentiment", scaled), revision_name("sentiment", pods()));
  TorchServeWorkload busier = model();
  busier.initial_workers = 2;
  busier.progress_deadline = 1s;
  EXPECT_EQ(revision_name("sentiment", busier), revision_name("sentiment", model()));
}

TEST(RevisionName, TheTokenIsNoContent) {
  TorchServeWorkload guarded = model();
  guarded.token_secret = TokenSecret{"torchserve", "key", true};
  EXPECT_EQ(revision_name("sentiment", guarded), revision_name("sentiment", model()));
  EXPECT_EQ(decode_workload(encode_workload(guarded)), Workload(guarded)) << "and is on record";
}

TEST(ModelVersion, IsThatOfTheRecordedRevision) {
  const std::vector<Revision> recorded{{"a-1", 1, model(), RevisionVerdict::none, ""},
                                       {"a-2", 2, pods(), RevisionVerdict::none, ""}};
  EXPECT_EQ(model_version(recorded, "a-1"), "2.0");
  EXPECT_EQ(model_version(recorded, "a-2"), "");
  EXPECT_EQ(model_version(recorded, "a-3"), "");
}

TEST(RevisionName, EverythingElseIsContent) {
  std::set<std::string> names{revision_name("sentiment", pods()), revision_name("sentiment", model())};
  std::size_t count = 2;
  const auto expect_another = [&](const Workload& workload) {
    names.insert(revision_name("sentiment", workload));
    EXPECT_EQ(names.size(), ++count);
  };
  auto changed = pods();
  changed.port = 8081;
  expect_another(changed);
  changed = pods();
  changed.min_ready = 6s;
  expect_another(changed);
  changed = pods();
  changed.pod_template = {R"({"spec":{"containers":[{"image":"model:2","name":"model"}]}})"};
  expect_another(changed);
  auto other = model();
  other.management_url = "http://torchserve-2:8081";
  expect_another(other);
  other = model();
  other.model_name = "texts";
  expect_another(other);
  other = model();
  other.model_version = "2.1";
  expect_another(other);
  other = model();
  other.model_archive_url = "text-2.mar";
  expect_another(other);
}

TEST(RevisionName, TheOrderOfKeysAndNullsAreNoContent) {
  const auto name_of = [](const char* text) {
    const auto workload = decode_workload(json::parse(text));
    EXPECT_TRUE(workload) << workload.error();
    return workload ? revision_name("sentiment", *workload) : "";
  };
  const auto name = name_of(
      R"({"pods": {"template": {"metadata": {"labels": {"a": "1", "b": "2"}}, "spec": {"containers": [{"name": "m"}]}}}})");
  EXPECT_EQ(
      name,
      name_of(R"({"pods": {"replicas": 3, "template": {"spec": {"containers": [{"name": "m", "env": null}]},
      "metadata": {"creationTimestamp": null, "labels": {"b": "2", "a": "1"}}}}})"));
  EXPECT_NE(
      name,
      name_of(
          R"({"pods": {"template": {"metadata": {"labels": {"a": "2", "b": "1"}}, "spec": {"containers": [{"name": "m"}]}}}})"));
}

TEST(RevisionName, IsALabelValueHoweverLongTheDeployment) {
  const std::string longest(52, 'a');
  EXPECT_EQ(revision_name(longest, pods()), longest + revision_name("", pods()));
  const std::string longer = std::string(49, 'a') + "-.-and-more";
  const std::string name = revision_name(longer, pods());
  EXPECT_EQ(name.size(), 49u + 11u);
  EXPECT_EQ(name.substr(0, 50), std::string(49, 'a') + "-");
  EXPECT_EQ(name, revision_name(longer, pods()));
  EXPECT_NE(name, revision_name(longer + "-still", pods()));
  EXPECT_EQ(revision_name(std::string(300, 'a'), pods()).size(), 63u);
}

TEST(Workload, SurvivesWritingAndReading) {
  auto workload = pods();
  workload.port = 8000;
  workload.progress_deadline = 30s;
  EXPECT_EQ(decode_workload(encode_workload(workload)), Workload(workload));
  auto other = model();
  other.initial_workers = 7;
  EXPECT_EQ(decode_workload(encode_workload(other)), Workload(other));
}

TEST(Workload, AllProblemsOfARecordAreSaid) {
  const auto workload = decode_workload(json::parse(R"({"pods": {"port": 0, "color": "red"}})"));
  ASSERT_FALSE(workload);
  EXPECT_EQ(workload.error(),
            "workload.pods: \"color\" is not a field here; write one of replicas, port, minReadySeconds, "
            "progressDeadlineSeconds, template\n"
            "workload.pods.port: 0 cannot be used; write a whole number from 1 to 65535\n"
            "workload.pods.template: missing; write a pod template with metadata and spec");
}

TEST(Verdict, SurvivesWritingAndReading) {
  for (const auto verdict : {RevisionVerdict::none, RevisionVerdict::healthy, RevisionVerdict::failed,
                             RevisionVerdict::superseded}) {
    EXPECT_EQ(parse_verdict(to_string(verdict)), verdict);
  }
  EXPECT_EQ(to_string(RevisionVerdict::failed), "Failed");
  EXPECT_EQ(to_string(RevisionVerdict::none), "");
  EXPECT_EQ(parse_verdict("healthy"), RevisionVerdict::none);
}

}  // namespace
}  // namespace seraphim::api
