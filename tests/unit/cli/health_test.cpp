// kubectl-seraphim health: the platform's own words, and checks that mean something.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/health_words.h"
#include "cli/request_counter.h"
#include "cluster_desk.h"

namespace seraphim::cli {
namespace {

using testing::ClusterDesk;
using ::testing::HasSubstr;
using testing::json;
using ::testing::Not;

/// The whole platform, well.
struct Platform : ClusterDesk {
  std::map<std::string, std::pair<int, std::string>> pages{
      {"/healthz", {200, R"({"ok":true,"version":"v0"})"}},
      {"/readyz", {200, R"({"ready":true,"torchserve":"healthy"})"}},
      {"/ping", {200, R"({"status":"Healthy"})"}},
      {"/models", {200, R"({"models":[{"modelName":"custom-text","modelUrl":"a.mar"}]})"}},
      {"/models/custom-text/all", {200, R"([{"modelVersion":"1.0","workers":[{"status":"READY"}]},
                 {"modelVersion":"2.0","workers":[{"status":"UNLOADING"},{"status":"READY"}]}])"}},
      {"/-/healthy", {200, "Prometheus Server is Healthy.\n"}},
      {"/-/ready", {200, "Prometheus Server is Ready.\n"}},
      {"/api/health", {200, R"({"database":"ok"})"}},
      {"/api/v1/targets", {200, targets(4, 4)}}};
  std::map<std::string, int> counted{{"success", 3}, {"timeout", 1}};
  std::string outcome = "success";   ///< of the next prediction
  std::string variant = "baseline";  ///< that answers it
  int others_fail = 0;               ///< requests of others, while it is made
  int predictions = 0;

  Platform() {
    context_namespace = "seraphim";
    cluster->objects["/apis/apps/v1/namespaces/seraphim/deployments/seraphim-inference"] = {
        {"metadata", {{"name", "seraphim-inference"}}},
        {"spec", {{"replicas", 2}}},
        {"status",
         {{"readyReplicas", 2}, {"conditions", json::array({{{"type", "Available"}, {"status", "True"}}})}}}};
    web->otherwise([this](const kubernetes::Request& request) { return answer(request); });
  }

  static std::string targets(int up, int all) {
    json active = json::array();
    for (int i = 0; i < all; ++i)
      active.push_back({{"health", i < up ? "up" : "down"},
                        {"scrapeUrl", "http://t" + std::to_string(i)},
                        {"lastError", "refused"}});
    return json{{"status", "success"}, {"data", {{"activeTargets", active}}}}.dump();
  }

  kubernetes::Response answer(const kubernetes::Request& request) {
    if (request.target == "/metrics") {
      std::string page = "# TYPE seraphim_inference_requests_total counter\n";
      for (const auto& [name, count] : counted)
        page += "seraphim_inference_requests_total{outcome=\"" + name + "\",variant=\"" + variant + "\"} " +
                std::to_string(count) + ".0\n";
      return kubernetes::testing::ok(page);
    }
    if (request.target == "/predict") {
      ++predictions;
      if (!outcome.empty()) ++counted[outcome];
      counted["timeout"] += others_fail;
      return kubernetes::testing::ok(
          json{{"prediction", "{\n \"prediction\": 1}"}, {"model_variant", variant}}.dump());
    }
    const auto page = pages.find(request.target);
    if (page == pages.end()) return kubernetes::testing::reply(404, R"({"detail":"Not Found"})");
    return kubernetes::testing::reply(page->second.first, page->second.second);
  }
};

TEST(PlatformRow, 1cTheWholeOutputIsThatOfThePlatformsScriptWhenAllIsWell) {
  Platform desk;
  const auto said = desk.run({"health"});
  EXPECT_EQ(said.code, kGood);
  EXPECT_EQ(said.out, testing::all_good_health("4/4", {}));
  EXPECT_EQ(said.err, "");
  desk.pages["/api/v1/targets"] = {200, Platform::targets(2, 2)};
  EXPECT_EQ(desk.run({"health"}).out, testing::all_good_health("2/2", {})) << "counted, not written down";
}

TEST(PlatformRow, 1cEachLineIsThereBeforeTheNextIsAsked) {
  Platform desk;
  std::string when_grafana_was_asked;
  desk.web->otherwise([&](const kubernetes::Request& request) {
    if (request.target == "/api/health") when_grafana_was_asked = desk.said_so_far();
    return desk.answer(request);
  });
  const auto whole = desk.run({"health"}).out;
  EXPECT_THAT(when_grafana_was_asked, ::testing::EndsWith("✓ Prometheus\n"));
  EXPECT_THAT(whole, ::testing::StartsWith(when_grafana_was_asked));
}

TEST(Health, WhoAnsweredIsTheBaselineOrTheCandidate) {
  Platform desk;
  desk.variant = "shadow";
  EXPECT_THAT(desk.run({"health"}).out, HasSubstr("HTTP 200, but model_variant is shadow and neither"));
  desk.variant = "";
  EXPECT_THAT(desk.run({"health"}).out, HasSubstr("HTTP 200, but without prediction and model_variant"));
  desk.variant = "candidate";
  EXPECT_EQ(desk.run({"health"}).code, kGood);
}

TEST(Health, AVersionWithoutWorkersOnPurposeIsNoTroubleButTheDefaultOne) {
  Platform desk;
  desk.pages["/models/custom-text/all"] = {200, R"([{"modelVersion":"1.0","minWorkers":0,"workers":[]},
               {"modelVersion":"2.0","minWorkers":1,"workers":[{"status":"READY"}]}])"};
  desk.pages["/models/custom-text"] = {200, R"([{"modelVersion":"2.0"}])"};
  EXPECT_EQ(desk.run({"health"}).code, kGood) << "the operator leaves it so after a promotion";
  EXPECT_EQ(desk.run({"health", "--model", "custom-text/1.0"}).code, kBad) << "it was asked for";
  desk.pages["/models/custom-text"] = {200, R"([{"modelVersion":"1.0"}])"};
  EXPECT_THAT(desk.run({"health"}).out, HasSubstr("model custom-text 1.0 has no READY worker"));
  desk.pages.erase("/models/custom-text");
  EXPECT_EQ(desk.run({"health"}).code, kBad) << "which one is the default cannot be told";
}

TEST(Health, AFailedCheckDoesNotEndTheRun) {
  Platform desk;
  desk.pages.erase("/healthz");
  desk.pages["/api/health"] = {500, R"({"database":"ok"})"};
  const auto said = desk.run({"health"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.out, HasSubstr("✗ Gateway Health: GET http://localhost:8000/healthz: HTTP 404\n"));
  EXPECT_THAT(said.out, HasSubstr("✗ Grafana: GET http://localhost:3000/api/health: HTTP 500\n"));
  EXPECT_THAT(said.out, HasSubstr("✓ Inference endpoint\n"));
  EXPECT_THAT(said.out, HasSubstr("\n2 of 9 checks failed\n"));
  EXPECT_THAT(said.out, Not(HasSubstr("Platform is ready")));
}

TEST(Health, TheGatewayIsNotWellWithoutItsModelServer) {
  Platform desk;
  desk.pages["/readyz"] = {503, R"({"detail":"TorchServe not ready"})"};
  EXPECT_THAT(desk.run({"health"}).out,
              HasSubstr("✗ Gateway Health: GET http://localhost:8000/readyz: HTTP 503"));
}

TEST(Health, NotAllTargetsUpIsAFailure) {
  Platform desk;
  desk.pages["/api/v1/targets"] = {200, Platform::targets(1, 2)};
  const auto said = desk.run({"health"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.out, HasSubstr("✗ Prometheus targets (1/2 healthy): not up: http://t1 (refused)\n"));
  desk.pages["/api/v1/targets"] = {200, Platform::targets(0, 0)};
  EXPECT_THAT(desk.run({"health"}).out, HasSubstr("✗ Prometheus targets (0/0 healthy)"));
}

TEST(Health, AMadeUpPredictionIsCaughtByTheCounter) {
  Platform desk;
  desk.outcome = "http_error";
  auto said = desk.run({"health"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.out, HasSubstr("✗ Inference endpoint: the answer of the baseline was made up"));
  desk.outcome = "";  // another process counts it
  said = desk.run({"health"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.out, HasSubstr("in 5 tries no success was counted alone"));
  EXPECT_EQ(desk.predictions, 6) << "that is tried again";
}

TEST(Health, APredictionIsNoProofWhileOthersFail) {
  Platform desk;
  desk.others_fail = 1;
  const auto said = desk.run({"health"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_EQ(desk.predictions, 5);
}

TEST(Health, AModelWithoutAReadyWorkerIsAFailure) {
  Platform desk;
  desk.pages["/models/custom-text/all"] = {200, R"([{"modelVersion":"1.0","workers":[{"status":"READY"}]},
                                                    {"modelVersion":"2.0","workers":[]}])"};
  EXPECT_THAT(desk.run({"health"}).out,
              HasSubstr("✗ TorchServe Management: model custom-text 2.0 has no READY worker"));
  EXPECT_EQ(desk.run({"health", "--model", "custom-text/1.0"}).code, kGood);
  EXPECT_THAT(desk.run({"health", "--model", "custom-text/3.0"}).out,
              HasSubstr("custom-text 3.0 is not registered"));
}

TEST(Health, WorkloadsAreReadyInFull) {
  Platform desk;
  auto& deployment =
      desk.cluster->objects["/apis/apps/v1/namespaces/seraphim/deployments/seraphim-inference"];
  deployment["status"]["readyReplicas"] = 1;
  auto said = desk.run({"health", "--workloads-title", "Kubernetes Workloads"});
  EXPECT_THAT(said.out, HasSubstr("=== Kubernetes Workloads ===\n✗ All workloads running: Deployment "
                                  "seraphim-inference has 1 of 2 replicas ready\n"));
  desk.cluster->objects.clear();
  EXPECT_THAT(desk.run({"health"}).out, HasSubstr("nothing runs in namespace seraphim"));
  said = desk.run({"health", "--no-workloads"});
  EXPECT_EQ(said.code, kGood);
  EXPECT_THAT(said.out, Not(HasSubstr("Docker")));
}

TEST(Health, UrlsAreTheUsersAndShownAtTheEnd) {
  Platform desk;
  const auto said = desk.run({"health", "--grafana-url", "https://grafana.example.com/", "-o", "json"});
  EXPECT_EQ(said.code, kGood);
  const json all = json::parse(said.out);
  EXPECT_EQ(all["healthy"], true);
  EXPECT_EQ(all["checks"].size(), 9u);
  EXPECT_EQ(all["checks"][2]["name"], "TorchServe Inference");
  EXPECT_EQ(all["urls"]["grafana"], "https://grafana.example.com");
  EXPECT_THAT(desk.addresses, ::testing::Contains("https://grafana.example.com"));
}

TEST(Health, AnAddressIsTheFlagsElseTheEnvironments) {
  Platform desk;
  setenv("SERAPHIM_GRAFANA_URL", "http://grafana.test", 1);
  setenv("SERAPHIM_GATEWAY_URL", "http://gateway.test/", 1);
  const auto said = desk.run({"health", "--gateway-url", "http://pod.test"});
  unsetenv("SERAPHIM_GRAFANA_URL");
  unsetenv("SERAPHIM_GATEWAY_URL");
  EXPECT_THAT(said.out, HasSubstr("📊 Monitoring: http://grafana.test\n"));
  EXPECT_THAT(said.out, HasSubstr("🔍 API: http://pod.test\n"));
  EXPECT_THAT(desk.addresses, Not(::testing::Contains("http://gateway.test")));
}

TEST(RequestCounter, ReadsWhatTheGatewayExports) {
  const auto counter = read_request_counter(
      "# HELP seraphim_inference_requests_total Total\n"
      "seraphim_inference_requests_total{outcome=\"success\",variant=\"baseline\"} 3.0\n"
      "seraphim_inference_requests_created{outcome=\"success\",variant=\"baseline\"} 1.7e9\n"
      "seraphim_inference_requests_total{outcome=\"timeout\",variant=\"candidate\"} 2.5e+01 1795521188\n"
      "seraphim_inference_requests_total{broken\n");
  EXPECT_EQ(counter, (RequestCounter{{{"baseline", "success"}, 3}, {{"candidate", "timeout"}, 25}}));
  const auto grown = growth_of({}, counter, "candidate");
  EXPECT_EQ(grown.failures, 25);
  EXPECT_EQ(grown.successes, 0);
}

}  // namespace
}  // namespace seraphim::cli
