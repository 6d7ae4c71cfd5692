// What a spec means once it is read; what is wrong with one is in problems_test.cpp.
#include <gmock/gmock.h>

#include "api/codec.h"
#include "api/yaml_file.h"

namespace seraphim::api {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

SeraphimDeployment decoded(const json& object) {
  auto deployment = decode_deployment(object);
  EXPECT_THAT(deployment.problems, IsEmpty());
  return deployment;
}

TEST(Deployment, MetadataIsTaken) {
  json object = valid_deployment();
  object["metadata"] = {
      {"name", "sentiment"}, {"namespace", "models"},
      {"uid", "a-uid"},      {"resourceVersion", "42"},
      {"generation", 7},     {"annotations", {{"serving.seraphim.io/retry", "1"}, {"odd", 5}}}};
  const auto deployment = decoded(object);
  EXPECT_EQ(deployment.name, "sentiment");
  EXPECT_EQ(deployment.namespace_, "models");
  EXPECT_EQ(deployment.uid, "a-uid");
  EXPECT_EQ(deployment.resource_version, "42");
  EXPECT_EQ(deployment.generation, 7);
  EXPECT_FALSE(deployment.deleting);
  EXPECT_THAT(deployment.annotations, ElementsAre(Pair("serving.seraphim.io/retry", "1")));
}

TEST(Deployment, ADeletionTimestampMeansDeleting) {
  json object = valid_deployment();
  object["metadata"]["deletionTimestamp"] = "2026-11-24T16:17:33Z";
  EXPECT_TRUE(decoded(object).deleting);
  object["metadata"]["deletionTimestamp"] = nullptr;
  EXPECT_FALSE(decoded(object).deleting);
}

TEST(Deployment, StatusComesAlong) {
  json object = valid_deployment();
  object["status"] = {{"phase", "Progressing"}, {"step", 2}};
  const auto deployment = decoded(object);
  EXPECT_EQ(deployment.status.phase, Phase::progressing);
  EXPECT_EQ(deployment.status.step, 2);
}

TEST(Spec, EveryFieldIsTaken) {
  const auto object = json::parse(R"({
    "metadata": {"name": "sentiment"},
    "spec": {
      "workload": {"pods": {"replicas": 4, "port": 8000, "minReadySeconds": 5, "progressDeadlineSeconds": 300,
                            "template": {"spec": {"containers": [{"name": "model"}]}}}},
      "traffic": {"gatewayAPI": {"parentRefs": [{"namespace": "gateways", "name": "public"}], "hostnames": ["a.example.com"]}},
      "strategy": {"canary": {"steps": [{"weight": "0.5%", "hold": "1m30s"}, {"weight": 25, "approval": true}],
                              "bake": {"duration": "10m"}, "scaleDownDelay": "1m",
                              "verify": {"duration": "90s"}}},
      "analysis": {"prometheus": {"address": "http://p:9090", "preset": "VariantLabel", "matchLabels": {"job": "gateway"}},
                   "interval": "1s", "staleAfter": "20s",
                   "errorRate": {"tolerance": "0.5%", "ceiling": 20, "falseRollback": "2%", "badPromotion": "3"},
                   "latency": {"objective": "500ms", "tolerance": "2%", "ceiling": "30%"},
                   "metrics": [{"name": "quality", "ratio": {"bad": "bad{r=\"{{revision}}\"}", "total": "all{r=\"{{revision}}\"}", "ceiling": 5}},
                               {"name": "queue", "value": {"query": "queue", "max": "-2.5", "breaches": 4}},
                               {"name": "drift", "drift": {"measure": "Cosine", "baseline": "b", "candidate": "c", "max": "0.15",
                                                           "minRequests": 30, "breaches": 2}}],
                   "undecided": {"after": "2h", "then": "Promote"}},
      "revisionHistoryLimit": 3,
      "paused": true}})");
  Spec spec;
  spec.workload = PodsWorkload{4, 8000, 5s, 300s, {R"({"spec":{"containers":[{"name":"model"}]}})"}};
  spec.traffic = GatewayApiTraffic{{}, {{R"({"name":"public","namespace":"gateways"})"}}, {"a.example.com"}};
  spec.strategy.steps = {{Percent::from_basis_points(50), 90s, false}, {Percent::whole(25), 0s, true}};
  spec.strategy.bake = 10min;
  spec.strategy.scale_down_delay = 1min;
  spec.strategy.verify = 90s;
  spec.analysis =
      Analysis{{"http://p:9090", SeriesPreset::variant_label, {{"job", "gateway"}}},
               1s,
               20s,
               {Percent::from_basis_points(50), Percent::whole(20), Percent::whole(2), Percent::whole(3)},
               LatencyAnalysis{500ms, Percent::whole(2), Percent::whole(30)},
               {{"quality", RatioMetric{"bad{r=\"{{revision}}\"}", true, "all{r=\"{{revision}}\"}",
                                        Percent::whole(1), Percent::whole(5)}},
                {"queue", ValueMetric{"queue", std::nullopt, Bound{-2.5, "-2.5"}, 4}},
                {"drift", DriftMetric{DriftMeasure::cosine, "b", "c", Bound{0.15, "0.15"}, 30, 2}}},
               Undecided{2h, UndecidedEnd::promote}};
  spec.revision_history_limit = 3;
  spec.paused = true;
  EXPECT_EQ(decoded(object).spec, spec);
}

TEST(Spec, WhatIsLeftOutOrNullHasItsDefault) {
  auto object = json::parse(R"({
    "metadata": {"name": "sentiment"},
    "spec": {
      "workload": {"pods": {"template": {"spec": {"containers": [{}]}}}, "torchServe": null},
      "traffic": {"gatewayAPI": null, "replicas": {}},
      "strategy": {"canary": {"steps": [{"weight": 5}], "bake": null}},
      "analysis": null}})");
  Spec spec;
  spec.workload = PodsWorkload{1, 8080, 0s, 600s, {R"({"spec":{"containers":[{}]}})"}};
  spec.traffic = ReplicasTraffic{};
  spec.strategy.steps = {{Percent::whole(5), 0s, false}};
  spec.strategy.scale_down_delay = 30s;
  spec.strategy.verify = 2min;
  EXPECT_EQ(decoded(object).spec, spec);

  object["spec"]["analysis"] = {{"prometheus", {{"address", "http://p:9090"}}}};
  spec.analysis = Analysis{{"http://p:9090", SeriesPreset::revision_label, {}},
                           5s,
                           0s,
                           {Percent::whole(1), Percent::whole(10), Percent::whole(1), Percent::whole(5)}};
  EXPECT_EQ(decoded(object).spec, spec);
}

TEST(Spec, AVerificationIsSwitchedOffByZero) {
  json object = valid_deployment();
  object["spec"]["strategy"]["canary"]["verify"] = {{"duration", "0s"}};
  EXPECT_EQ(decoded(object).spec.strategy.verify, 0s);
}

TEST(Spec, TwoRoutes) {
  json object = valid_deployment();
  object["spec"]["traffic"] = {{"gatewayAPI", {{"routes", {{{"name", "one"}}, {{"name", "two"}}}}}}};
  const auto spec = decoded(object).spec;
  EXPECT_EQ(spec.traffic, Traffic(GatewayApiTraffic{{{"one"}, {"two"}}, {}, {}}));
}

TEST(Spec, ThePlatformsGateway) {
  json object = valid_deployment();
  object["spec"]["workload"] = json::parse(
      R"({"torchServe": {"managementURL": "http://t:8081", "model": {"name": "text", "version": "2.0", "url": "text.mar"}}})");
  object["spec"]["traffic"] = {{"seraphimGateway", json::object()}};
  EXPECT_EQ(decoded(object).spec.workload,
            Workload(TorchServeWorkload{"http://t:8081", "text", "2.0", "text.mar", 1, 600s}));
  json& server = object["spec"]["workload"]["torchServe"];
  server["managementURL"] = "https://t:8081";
  server["tokenSecret"] = {{"name", "keys"}};
  EXPECT_EQ(decoded(object).spec.workload,
            Workload(TorchServeWorkload{"https://t:8081", "text", "2.0", "text.mar", 1, 600s,
                                        TokenSecret{"keys", "token", false}}));
  server["managementURL"] = "http://t:8081";
  server["tokenSecret"] = {{"name", "keys"}, {"key", "management"}, {"overPlainHTTP", true}};
  EXPECT_EQ(std::get<TorchServeWorkload>(decoded(object).spec.workload).token_secret,
            (TokenSecret{"keys", "management", true}));
  EXPECT_EQ(decoded(object).spec.traffic,
            Traffic(SeraphimGatewayTraffic{"seraphim-inference", "app", 8080, 10s}));
  object["spec"]["traffic"]["seraphimGateway"] = {
      {"deployment", "gateway"}, {"container", "main"}, {"port", 80}, {"settle", "1m"}};
  EXPECT_EQ(decoded(object).spec.traffic, Traffic(SeraphimGatewayTraffic{"gateway", "main", 80, 1min}));
  object["spec"]["traffic"]["seraphimGateway"] =
      json::parse(R"({"routes": [{"name": "one"}, {"name": "two"}]})");
  object["spec"]["analysis"] = {{"prometheus", {{"address", "http://p:9090"}}}};
  EXPECT_EQ(decoded(object).spec.traffic, Traffic(SeraphimGatewayTraffic{.routes = {{"one"}, {"two"}}}));
}

TEST(Spec, TheExamplesHaveNoProblems) {
  int count = 0;
  for (const char* file : {"sentiment.yaml", "own-route.yaml", "replicas.yaml", "platform-gateway.yaml",
                           "platform-gateway-routes.yaml", "prediction-drift.yaml"}) {
    for (const json& document : read_yaml_documents(std::string("manifests/examples/") + file)) {
      if (document.at("kind") != kKind) continue;
      EXPECT_EQ(document.at("apiVersion"), std::string(kGroup) + "/" + kVersion);
      EXPECT_THAT(decode_deployment(document).problems, IsEmpty()) << file;
      ++count;
    }
  }
  EXPECT_EQ(count, 6);
}

}  // namespace
}  // namespace seraphim::api
