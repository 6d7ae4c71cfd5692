// model test (M1): a version is tried past the gateway and through it, and it is proved who answered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster_desk.h"

namespace seraphim::cli {
namespace {

using kubernetes::Request;
using kubernetes::testing::ok;
using kubernetes::testing::reply;
using testing::ClusterDesk;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::json;

/// TorchServe and the gateway, which both answer at every address.
struct Served : ClusterDesk {
  std::string variant = "candidate", version = "2.0", outcome = "success";
  int torch_serve_status = 200;
  int torch_serve_fails = 0;  ///< so many more times
  std::map<std::string, int> counted{};

  Served() {
    web->otherwise([this](const Request& request) { return answer(request); });
  }

  kubernetes::Response answer(const Request& request) {
    if (request.target == "/metrics") {
      std::string page;
      for (const auto& [labels, count] : counted)
        page += "seraphim_inference_requests_total{" + labels + "} " + std::to_string(count) + ".0\n";
      return ok(page);
    }
    if (request.target == "/predict") {
      ++counted["variant=\"" + variant + "\",outcome=\"" + outcome + "\""];
      return ok(
          json{{"prediction", "positive"}, {"model_variant", variant}, {"model_version", version}}.dump());
    }
    if (torch_serve_fails > 0 && torch_serve_fails-- > 0)
      return reply(404, R"({"type":"ModelVersionNotFoundException"})");
    return torch_serve_status == 200 ? ok(R"({"prediction":"positive"})")
                                     : reply(torch_serve_status, R"({"type":"ServiceUnavailableException"})");
  }
  Request sent_to(const std::string& target) const {
    for (const auto& request : web->requests()) {
      if (request.target == target) return request;
    }
    return {};
  }
};

TEST(ModelTest, M1AsksTorchServeAndTheGatewaysCandidateAndSaysWhichIsWhich) {
  Served desk;
  const auto said = desk.run({"model", "test", "--model-version", "2.0", "--text", "well"});
  EXPECT_EQ(said.code, kGood) << said.err;
  EXPECT_EQ(said.out,
            "torchserve http://localhost:8080, POST /predictions/custom-text/2.0: it answered\n"
            "{\"prediction\":\"positive\"}\n"
            "gateway http://localhost:8000, POST /predict with X-Canary: candidate: the candidate answered, "
            "version 2.0, and the gateway counted a success\n"
            "{\"model_variant\":\"candidate\",\"model_version\":\"2.0\",\"prediction\":\"positive\"}\n");
  const Request direct = desk.sent_to("/predictions/custom-text/2.0");
  EXPECT_EQ(direct.content_type, "text/plain");
  EXPECT_EQ(direct.body, "well");
  EXPECT_THAT(direct.headers, IsEmpty());
  const Request forced = desk.sent_to("/predict");
  EXPECT_EQ(json::parse(forced.body), (json{{"text", "well"}}));
  ASSERT_EQ(forced.headers.size(), 1u);
  EXPECT_EQ(forced.headers[0].name + ": " + forced.headers[0].value, "X-Canary: candidate");
}

TEST(ModelTest, M1AMadeUpAnswerIsNoAnswer) {
  Served desk;
  desk.outcome = "http_error";
  const auto said = desk.run({"model", "test"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.err, HasSubstr("the answer of the candidate was made up: the gateway counted a failure"));
  EXPECT_THAT(said.out, HasSubstr("torchserve http://localhost:8080"))
      << "the other way is told all the same";
}

TEST(ModelTest, M1TheBaselineIsNotTheCandidate) {
  Served desk;
  desk.variant = "baseline";
  EXPECT_THAT(desk.run({"model", "test", "--force-header", "X-Beta"}).err,
              HasSubstr("the baseline answered, although X-Beta: candidate was sent; pass the gateway's "
                        "CANARY_FORCE_HEADER as --force-header"));
}

TEST(ModelTest, M1AnotherVersionThanTheOneAskedForIsNoProof) {
  Served desk;
  desk.version = "1.0";  // without weight the operator points the candidate's variables at the stable version
  const auto said = desk.run({"model", "test", "--model-version", "2.0"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.err, HasSubstr("the gateway's candidate is version 1.0 and not 2.0; a version becomes the "
                                  "candidate with its first weight: until then pass --through torchserve"));
  EXPECT_EQ(desk.run({"model", "test"}).code, kGood) << "any version will do when none is named";
}

TEST(ModelTest, M1OneWayAlone) {
  Served desk;
  desk.torch_serve_status = 503;
  auto said = desk.run({"model", "test"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.err,
              HasSubstr("torchserve http://localhost:8080, POST /predictions/custom-text: HTTP 503: "
                        "{\"type\":\"ServiceUnavailableException\"}"));
  said = desk.run({"model", "test", "--through", "gateway", "--gateway-url", "http://gw/", "-o", "json"});
  EXPECT_EQ(said.code, kGood) << said.err;
  const json all = json::parse(said.out);
  EXPECT_EQ(all["answered"], true);
  ASSERT_EQ(all["ways"].size(), 1u);
  EXPECT_EQ(all["ways"][0]["way"], "gateway");
  EXPECT_EQ(all["ways"][0]["url"], "http://gw");
  EXPECT_EQ(all["ways"][0]["variant"], "candidate");
  desk.torch_serve_status = 200;
  desk.outcome = "error";
  EXPECT_EQ(desk.run({"model", "test", "--through", "torchserve"}).code, kGood);
  EXPECT_EQ(desk.run({"model", "test", "--through", "air"}).code, kUnusable);
}

TEST(ModelTest, M1WaitsForAVersionThatComesUp) {
  Served desk;
  desk.torch_serve_fails = 3;
  EXPECT_EQ(desk.run({"model", "test", "--through", "torchserve"}).code, kBad) << "once, unless told to wait";
  desk.torch_serve_fails = 3;
  desk.pauses = 0;
  EXPECT_EQ(desk.run({"model", "test", "--through", "torchserve", "--wait", "1m"}).code, kGood);
  EXPECT_EQ(desk.pauses, 3);
  desk.torch_serve_status = 404;
  EXPECT_EQ(desk.run({"model", "test", "--through", "torchserve", "--wait", "10s"}).code, kBad);
}

TEST(ModelTest, M1AVersionThatNeverAnswersIsExplained) {
  ClusterDesk desk;
  desk.web->fail(kubernetes::TransportError::timeout);
  const auto said = desk.run({"model", "test", "--through", "torchserve"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.err,
              HasSubstr("no answer within 30s; a version whose worker keeps failing answers never"));
}

}  // namespace
}  // namespace seraphim::cli
