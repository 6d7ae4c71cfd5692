#include "model_service.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace seraphim::demo {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

constexpr const char* kGood = R"({"text": "hello"})";

/// Every sample of the exposition text, without its value.
bool has_sample(const ModelService& service, const std::string& series, const std::string& value) {
  return ("\n" + service.metrics()).find("\n" + series + " " + value + "\n") != std::string::npos;
}

std::string requests(const std::string& outcome) {
  return R"(seraphim_inference_requests_total{outcome=")" + outcome + R"(",variant="candidate"})";
}

ServerSettings candidate() {
  return {.variant = "candidate", .model_version = "v2"};
}

TEST(ModelService, ExportsEverySeriesAtZeroFromTheStart) {
  const ModelService service(candidate());
  for (const auto* outcome : {"success", "timeout", "http_error", "error"}) {
    EXPECT_TRUE(has_sample(service, requests(outcome), "0")) << service.metrics();
  }
  for (const auto* bound : {"0.005", "0.01", "0.025", "0.05", "0.075", "0.1", "0.25", "0.5", "0.75", "1.0",
                            "2.5", "5.0", "7.5", "10.0", "+Inf"}) {
    const auto series = R"(seraphim_inference_latency_seconds_bucket{variant="candidate",le=")" +
                        std::string(bound) + R"("})";
    EXPECT_TRUE(has_sample(service, series, "0")) << series << '\n' << service.metrics();
  }
}

TEST(ModelService, AnswersAPrediction) {
  ModelService service(candidate());
  const auto answer = service.predict(kGood);
  EXPECT_EQ(answer.status, 200);
  const auto body = Json::parse(answer.body);
  EXPECT_EQ(body["prediction"], "negative");
  EXPECT_EQ(body["model_variant"], "candidate");
  EXPECT_EQ(body["model_version"], "v2");
  EXPECT_TRUE(body["latency_ms"].is_number());
  EXPECT_TRUE(body["version"].is_string());
  EXPECT_TRUE(has_sample(service, requests("success"), "1"));
}

TEST(ModelService, BadBodiesAreRefusedAndNotCounted) {
  ModelService service(candidate());
  const auto long_text = Json{{"text", std::string(10001, 'x')}}.dump();
  for (const std::string& body : {std::string(""), std::string("{}"), std::string("[1]"),
                                  std::string(R"({"text": 1})"), std::string(R"({"text": ""})"), long_text}) {
    EXPECT_EQ(service.predict(body).status, 422) << body.substr(0, 40);
  }
  EXPECT_TRUE(has_sample(service, "seraphim_inference_latency_seconds_count{variant=\"candidate\"}", "0"));
  EXPECT_EQ(service.predict(Json{{"text", std::string(10000, 'x')}}.dump()).status, 200);
}

TEST(ModelService, FailuresAreHttpErrorsForTheClientToo) {
  auto settings = candidate();
  settings.failure_rate = 1;
  ModelService service(settings);
  EXPECT_EQ(service.predict(kGood).status, 500);
  EXPECT_TRUE(has_sample(service, requests("http_error"), "1"));
  EXPECT_TRUE(has_sample(service, "seraphim_inference_latency_seconds_count{variant=\"candidate\"}", "1"));
}

TEST(ModelService, FallbackHidesFailuresFromTheClientOnly) {
  auto settings = candidate();
  settings.failure_rate = 1;
  settings.fallback = true;
  ModelService service(settings);
  EXPECT_EQ(service.predict(kGood).status, 200);
  EXPECT_TRUE(has_sample(service, requests("http_error"), "1"));
}

TEST(ModelService, CountsWhatItPredicts) {
  auto settings = candidate();
  settings.positive_share = 0.25;
  ModelService service(settings);
  EXPECT_TRUE(has_sample(service, R"(demo_predictions_total{label="positive"})", "0")) << service.metrics();
  for (int i = 0; i < 20; ++i) service.predict(kGood);
  EXPECT_TRUE(has_sample(service, R"(demo_predictions_total{label="positive"})", "5")) << service.metrics();
  EXPECT_TRUE(has_sample(service, R"(demo_predictions_total{label="negative"})", "15")) << service.metrics();
}

TEST(ModelService, IsUnreadyWhileStartingAndWhenToldSo) {
  auto slow = candidate();
  slow.start_delay = 1h;
  auto never = candidate();
  never.never_ready = true;
  for (const auto& settings : {slow, never}) {
    ModelService service(settings);
    EXPECT_EQ(service.health().status, 200);
    EXPECT_EQ(service.ready().status, 503);
    EXPECT_EQ(service.predict(kGood).status, 503);
    EXPECT_TRUE(has_sample(service, requests("http_error"), "1"));
  }
}

TEST(ModelService, DrainingIsUnreadyAndStillServes) {
  ModelService service(candidate());
  EXPECT_EQ(service.ready().status, 200);
  service.start_draining();
  EXPECT_EQ(service.ready().status, 503);
  EXPECT_EQ(service.predict(kGood).status, 200);
}

TEST(ModelService, CanGoBadWhileRunning) {
  ModelService service(candidate());
  EXPECT_EQ(service.predict(kGood).status, 200);
  const auto answer = service.control(R"({"failureRate": "100%", "latency": "2ms"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(Json::parse(answer.body)["failureRate"], 1.0);
  EXPECT_EQ(Json::parse(answer.body)["latencyMs"], 2.0);
  EXPECT_EQ(service.predict(kGood).status, 500);
  EXPECT_EQ(service.control(R"({"ready": false})").status, 200);
  EXPECT_EQ(service.ready().status, 503);
}

TEST(ModelService, ABadControlRequestChangesNothing) {
  ModelService service(candidate());
  for (const auto* body : {"", "[]", R"({"failureRate": 20})", R"({"failureRate": 1, "latency": 20})",
                           R"({"failureRate": 1, "typo": 1})", R"({"ready": "yes"})"}) {
    EXPECT_EQ(service.control(body).status, 400) << body;
  }
  EXPECT_EQ(Json::parse(service.control().body)["failureRate"], 0.0);
}

}  // namespace
}  // namespace seraphim::demo
