#include "gateway_service.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

namespace seraphim::demo {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

constexpr const char* kFourLetters = R"({"text": "good"})";
constexpr const char* kFiveLetters = R"({"text": "hello"})";

class FakeBackend final : public GatewayBackend {
 public:
  BackendAnswer post(const std::string& url, const std::string& text,
                     std::chrono::milliseconds timeout) override {
    calls.push_back("POST " + url + " " + text);
    last_timeout = timeout;
    return answer;
  }
  BackendAnswer get(const std::string& url, std::chrono::milliseconds timeout) override {
    calls.push_back("GET " + url);
    last_timeout = timeout;
    return answer;
  }

  BackendAnswer answer{BackendAnswer::Kind::answered, 200, "", R"({"prediction": "positive"})"};
  std::vector<std::string> calls;
  std::chrono::milliseconds last_timeout{};
};

class GatewayServiceTest : public ::testing::Test {
 protected:
  std::optional<std::string> look_up(const char* name) const {
    const auto found = variables_.find(name);
    return found == variables_.end() ? std::nullopt : std::optional(found->second);
  }
  Json predict(const char* body, const RoutingHeaders& headers = {}, int status = 200) {
    const Answer answer = service_.predict(body, headers);
    EXPECT_EQ(answer.status, status) << answer.body;
    return Json::parse(answer.body);
  }
  bool exposes(const std::string& line) const {
    return service_.metrics().find("\n" + line + "\n") != std::string::npos;
  }

  std::map<std::string, std::string> variables_;
  FakeBackend backend_;
  double draw_ = 0.5;
  GatewayService service_{[this](const char* name) { return look_up(name); }, backend_,
                          [this] { return draw_; }};
};

TEST_F(GatewayServiceTest, SendsToTheModelOfTheVariant) {
  (void)predict(kFourLetters);
  variables_ = {{"TS_URL", "http://ts:8080"}, {"MODEL_NAME", "a"}, {"MODEL_VERSION_CANDIDATE", "2.0"}};
  (void)predict(kFourLetters);
  (void)predict(kFourLetters, {.forced = "candidate"});
  variables_["MODEL_NAME_BASELINE"] = "b";
  variables_["MODEL_VERSION_BASELINE"] = "1.0";
  variables_["TS_URL_CANDIDATE"] = "http://other:8080";
  (void)predict(kFourLetters);
  (void)predict(kFourLetters, {.forced = "candidate"});
  EXPECT_EQ(
      backend_.calls,
      (std::vector<std::string>{
          "POST http://localhost:8080/predictions/custom-text good", "POST http://ts:8080/predictions/a good",
          "POST http://ts:8080/predictions/a/2.0 good", "POST http://ts:8080/predictions/b/1.0 good",
          "POST http://other:8080/predictions/b/2.0 good"}));
}

TEST_F(GatewayServiceTest, ReadsItsEnvironmentAtEachRequest) {
  EXPECT_EQ(predict(kFourLetters)["model_variant"], "baseline");
  variables_["CANARY_PERCENT"] = "0.6";
  EXPECT_EQ(predict(kFourLetters)["model_variant"], "candidate");
  variables_["CANARY_PERCENT"] = "40";
  EXPECT_EQ(predict(kFourLetters)["model_variant"], "baseline");
  EXPECT_EQ(backend_.last_timeout, 3000ms);
  variables_["TS_TIMEOUT_MS"] = "500";
  (void)predict(kFourLetters);
  EXPECT_EQ(backend_.last_timeout, 500ms);
}

TEST_F(GatewayServiceTest, AnswersWithWhatTorchServeSaid) {
  const Json plain = predict(kFourLetters);
  EXPECT_EQ(plain["prediction"], R"({"prediction": "positive"})") << "an answer without a type is a text";
  EXPECT_EQ(plain["version"], "v0");
  EXPECT_EQ(plain["model_version"], "");
  EXPECT_TRUE(plain["latency_ms"].is_number());
  backend_.answer.content_type = "application/json";
  EXPECT_EQ(predict(kFourLetters)["prediction"], "positive");
  EXPECT_TRUE(exposes(R"(seraphim_inference_requests_total{outcome="success",variant="baseline"} 2.0)"));
}

TEST_F(GatewayServiceTest, HidesEveryFailureOfTheBackend) {
  using Kind = BackendAnswer::Kind;
  const std::pair<BackendAnswer, const char*> cases[] = {
      {{Kind::timed_out}, "timeout"},
      {{Kind::failed}, "error"},
      {{Kind::answered, 503, "", ""}, "http_error"},
      {{Kind::answered, 200, "application/json", "{"}, "error"}};
  for (const auto& [answer, outcome] : cases) {
    backend_.answer = answer;
    EXPECT_EQ(predict(kFourLetters)["prediction"], "positive") << outcome;
    EXPECT_EQ(predict(kFiveLetters)["prediction"], "negative") << outcome;
    EXPECT_NE(service_.metrics().find(std::string("outcome=\"") + outcome), std::string::npos) << outcome;
  }
  EXPECT_TRUE(exposes(R"(seraphim_inference_requests_total{outcome="error",variant="baseline"} 4.0)"));
  EXPECT_TRUE(exposes(R"(seraphim_inference_latency_seconds_count{variant="baseline"} 8.0)"));
}

TEST_F(GatewayServiceTest, APredictionThatIsNoTextIsCountedGoodAndFails) {
  backend_.answer = {BackendAnswer::Kind::answered, 200, "application/json", R"({"prediction": 1})"};
  (void)predict(kFourLetters, {}, 500);
  EXPECT_TRUE(exposes(R"(seraphim_inference_requests_total{outcome="success",variant="baseline"} 1.0)"));
}

TEST_F(GatewayServiceTest, BadBodiesAreRefusedAndNotCounted) {
  for (const char* body : {"", "{}", R"({"text": ""})", R"({"text": 1})", "[]"}) (void)predict(body, {}, 422);
  (void)predict((R"({"text": ")" + std::string(10'001, 'a') + "\"}").c_str(), {}, 422);
  EXPECT_TRUE(backend_.calls.empty());
  EXPECT_EQ(service_.metrics().find("_total{"), std::string::npos);
}

TEST_F(GatewayServiceTest, NoNumberFailsStickyRequests) {
  variables_["CANARY_PERCENT"] = "nan";
  (void)predict(kFourLetters, {.user = "bob"}, 500);
  EXPECT_EQ(predict(kFourLetters)["model_variant"], "baseline");
}

TEST_F(GatewayServiceTest, ANewProcessExportsNamesOnly) {
  const std::string text = service_.metrics();
  EXPECT_EQ(text.rfind("# HELP process_start_time_seconds", 0), 0u);
  EXPECT_EQ(text.substr(text.find("# HELP seraphim")),
            "# HELP seraphim_inference_requests_total Total number of inference requests\n"
            "# TYPE seraphim_inference_requests_total counter\n"
            "# HELP seraphim_inference_latency_seconds Inference latency in seconds\n"
            "# TYPE seraphim_inference_latency_seconds histogram\n");
  (void)predict(kFourLetters, {.forced = "v2"});
  EXPECT_TRUE(exposes(R"(seraphim_inference_latency_seconds_bucket{le="1.0",variant="candidate"} 1.0)"));
  EXPECT_TRUE(exposes(R"(seraphim_inference_latency_seconds_bucket{le="+Inf",variant="candidate"} 1.0)"));
}

TEST_F(GatewayServiceTest, IsReadyWhenTorchServeAnswers) {
  EXPECT_EQ(Json::parse(service_.ready().body), Json({{"ready", true}, {"torchserve", "healthy"}}));
  EXPECT_EQ(backend_.calls, std::vector<std::string>{"GET http://localhost:8080/ping"});
  EXPECT_EQ(backend_.last_timeout, 2s);
  backend_.answer = {BackendAnswer::Kind::failed};
  EXPECT_EQ(service_.ready().status, 503);
  EXPECT_EQ(service_.health().status, 200) << "which checks nothing";
}

TEST_F(GatewayServiceTest, SaysWhatItRunsWith) {
  variables_ = {{"TS_URL", "http://ts:8080"}, {"CANARY_PERCENT", " 1_0 "}};
  EXPECT_EQ(service_.set_log_level(std::nullopt).status, 422);
  EXPECT_EQ(service_.set_log_level("DEBUG").status, 200);
  EXPECT_EQ(Json::parse(service_.config().body)["environment"],
            Json({{"ts_url", "http://ts:8080"}, {"canary_percent", " 1_0 "}, {"log_level", "DEBUG"}}));
}

}  // namespace
}  // namespace seraphim::demo
