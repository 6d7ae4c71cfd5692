// A TorchServe that asks for a token, and the Secret that holds it: read when needed, again when it is
// refused, and told to nobody.
#include "workload/secret_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "kubernetes/fake_transport.h"
#include "kubernetes/hand_clock.h"
#include "workload/torch_serve_client.h"

namespace seraphim::workload {
namespace {

using kubernetes::Request;
using kubernetes::Response;
using kubernetes::TransportError;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

const ServerKey::Token kWhere{"shop", "torchserve", "token", true};
const std::string kMarker = "MARKER-77a1", kMarkerInBase64 = "TUFSS0VSLTc3YTE=";

/// A TorchServe that wants this token; what it is sent stands in for the header.
class TokenTorchServe {
 public:
  explicit TokenTorchServe(std::shared_ptr<HeldToken> held) : held_(std::move(held)) {}

  Response answer(const Request&) {
    ++asked;
    sent = held_->bearer_token();
    if (sent == wanted) return kubernetes::testing::ok("[]");
    return kubernetes::testing::reply(status,
                                      json{{"code", status}, {"type", type}, {"message", said}}.dump());
  }

  std::string wanted = "first", sent{}, type = "InvalidKeyException";
  std::string said = "Token Authorization failed. Token either incorrect, expired, or not provided correctly";
  int status = 400, asked = 0;

 private:
  const std::shared_ptr<HeldToken> held_;
};

class SecretTokenTest : public ::testing::Test {
 protected:
  SecretTokenTest() {
    keep("Zmlyc3QK");  // "first" and a line break, as echo writes it
    api_server_.otherwise([this](const Request& request) {
      if (secret_.is_null()) return kubernetes::testing::refuse(refuse_with_, reason_);
      EXPECT_EQ(request.target, "/api/v1/namespaces/shop/secrets/torchserve");
      return kubernetes::testing::ok(secret_.dump());
    });
    auto inner = std::make_unique<kubernetes::testing::FakeTransport>();
    inner->otherwise([this](const Request& request) { return torch_serve_.answer(request); });
    transport_ = std::make_unique<TokenTransport>(
        std::move(inner), held_, [this](const auto& stop) { return read_token(client_, kWhere, stop); },
        clock_);
  }
  void keep(const std::string& base64, const std::string& key = "token") {
    secret_ = {{"kind", "Secret"}, {"data", {{key, base64}}}};
  }
  void refuse(int http, const std::string& reason) {
    secret_ = nullptr;
    refuse_with_ = http;
    reason_ = reason;
  }
  /// What the status says of a question; empty when it was answered.
  std::string problem() {
    TorchServeClient client(*transport_, "http://t:8081", token_text({"http://t:8081", kWhere}));
    const auto versions = client.versions("text", {});
    return versions ? "" : versions.error().message;
  }
  std::size_t reads() const { return api_server_.requests().size(); }

  json secret_;
  int refuse_with_ = 404;
  std::string reason_ = "NotFound";
  kubernetes::testing::HandClock clock_;
  kubernetes::testing::FakeTransport api_server_;
  kubernetes::ApiClient client_{api_server_};
  std::shared_ptr<HeldToken> held_ = std::make_shared<HeldToken>();
  TokenTorchServe torch_serve_{held_};
  std::unique_ptr<TokenTransport> transport_;
};

TEST_F(SecretTokenTest, TheTokenIsReadOnceAndSent) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(problem(), "");
  EXPECT_EQ(torch_serve_.sent, "first") << "without the line break";
  EXPECT_EQ(reads(), 1u);
}

TEST_F(SecretTokenTest, AnotherTokenIsReadWhenTheOldOneIsRefused) {
  EXPECT_EQ(problem(), "");
  const std::pair<int, const char*> refusals[] = {
      {400, "InvalidKeyException"}, {401, "Unauthorized"}, {403, "Forbidden"}};
  const std::pair<const char*, const char*> tokens[] = {
      {"second", "c2Vjb25k"}, {"third", "dGhpcmQ="}, {"fourth", "Zm91cnRo"}};
  for (std::size_t i = 0; i < 3; ++i) {
    torch_serve_.status = refusals[i].first;
    torch_serve_.type = refusals[i].second;
    torch_serve_.wanted = tokens[i].first;
    keep(tokens[i].second);
    EXPECT_EQ(problem(), "") << refusals[i].first;
    EXPECT_EQ(torch_serve_.sent, tokens[i].first);
    EXPECT_EQ(reads(), i + 2);
  }
}

TEST_F(SecretTokenTest, ATokenThatStaysWrongIsNotSentTwiceAndIsSaid) {
  torch_serve_.wanted = "another";
  EXPECT_THAT(problem(),
              AllOf(HasSubstr("TorchServe at http://t:8081 answered 400"),
                    HasSubstr("it refuses the token in key token of Secret shop/torchserve, which was "
                              "read again: write the management key of its key_file.json there")));
  EXPECT_EQ(torch_serve_.asked, 1);
  EXPECT_EQ(reads(), 2u);
}

TEST_F(SecretTokenTest, ItIsReadAgainAfterAWhile) {
  EXPECT_EQ(problem(), "");
  keep("c2Vjb25k");
  clock_.advance(5min - 1s);
  EXPECT_EQ(problem(), "");
  EXPECT_EQ(torch_serve_.sent, "first");
  clock_.advance(1s);
  torch_serve_.wanted = "second";
  EXPECT_EQ(problem(), "");
  EXPECT_EQ(torch_serve_.asked, 3) << "no refusal was needed";
}

TEST_F(SecretTokenTest, AnOldTokenWillDoWhileTheSecretCannotBeRead) {
  EXPECT_EQ(problem(), "");
  clock_.advance(5min);
  refuse(503, "ServiceUnavailable");
  EXPECT_EQ(problem(), "");
  torch_serve_.wanted = "another";
  EXPECT_THAT(problem(), HasSubstr("it refuses the token"));
  EXPECT_THAT(problem(), HasSubstr("could not read Secret shop/torchserve")) << "from then on";
}

TEST_F(SecretTokenTest, WithoutATokenNothingIsSentAndWhatToDoIsSaid) {
  refuse(404, "NotFound");
  EXPECT_EQ(problem(),
            "could not list the versions of text: there is no token for TorchServe at http://t:8081: Secret "
            "shop/torchserve does not exist: create it, or correct torchServe.tokenSecret.name");
  refuse(403, "Forbidden");
  EXPECT_THAT(problem(), HasSubstr("the operator may not read Secret shop/torchserve: name it in the chart's "
                                   "torchServe.tokenSecrets"));
  keep("Zmlyc3Q=", "other");
  EXPECT_THAT(problem(), HasSubstr("Secret shop/torchserve has no key token: add it, or correct "
                                   "torchServe.tokenSecret.key"));
  keep("IAo=");
  EXPECT_THAT(problem(), HasSubstr("key token of Secret shop/torchserve is empty"));
  keep("Zmlyc3QKWC1IZWFkZXI6IDE=");  // first\nX-Header: 1
  EXPECT_THAT(problem(), HasSubstr("key token of Secret shop/torchserve is not one word"));
  keep("%%%");
  EXPECT_THAT(problem(), HasSubstr("key token of Secret shop/torchserve is empty"));
  secret_ = {{"kind", "Secret"}, {"data", {{"token", 7}}}};
  EXPECT_THAT(problem(), HasSubstr("has no key token"));
  EXPECT_EQ(torch_serve_.asked, 0);
}

TEST_F(SecretTokenTest, AsSoonAsThereIsATokenItGoesOn) {
  refuse(404, "NotFound");
  EXPECT_NE(problem(), "");
  keep("Zmlyc3Q=");
  EXPECT_EQ(problem(), "");
}

TEST_F(SecretTokenTest, NobodyIsToldTheToken) {
  std::vector<std::string> told;
  keep(kMarkerInBase64);
  torch_serve_.said = "the token " + kMarker + " is unknown here";
  told.push_back(problem());
  torch_serve_.status = 500;
  torch_serve_.type = "InternalServerException";
  told.push_back(problem());
  keep("TUFSS0VSLTc3YTEgYW5kIG1vcmU=");  // with " and more" behind it
  held_->hold({});
  told.push_back(problem());
  for (const auto& text : told) {
    EXPECT_NE(text, "");
    EXPECT_THAT(text, AllOf(Not(HasSubstr(kMarker)), Not(HasSubstr(kMarkerInBase64))));
  }
  EXPECT_THAT(told[0], HasSubstr("the token *** is unknown here"));
}

TEST_F(SecretTokenTest, ATokenOfAsterisksIsStruckOutAndItGoesOn) {
  torch_serve_.status = 500;
  torch_serve_.type = "InternalServerException";
  torch_serve_.wanted = "another";
  torch_serve_.said = "2 * 3 ** 4 *** 5";
  const std::pair<const char*, const char*> tokens[] = {
      {"Kg==", "2 *** 3 ****** 4 ********* 5"}, {"Kio=", "2 * 3 *** 4 **** 5"}, {"Kioq", "2 * 3 ** 4 *** 5"}};
  for (const auto& [token, told] : tokens) {
    keep(token);
    held_->hold({});
    EXPECT_THAT(problem(), HasSubstr(told)) << token;
  }
}

TEST_F(SecretTokenTest, ADefaultVersionThatMayNotGoIsNoMatterOfTokens) {
  torch_serve_.status = 403;
  torch_serve_.type = "InvalidModelVersionException";
  torch_serve_.wanted = "another";
  EXPECT_THAT(problem(), Not(HasSubstr("token")));
  EXPECT_EQ(reads(), 1u);
}

TEST_F(SecretTokenTest, StopMeansStop) {
  std::stop_source source;
  source.request_stop();
  const auto response = transport_->call({.target = "/models/text/all"}, 5s, source.get_token());
  EXPECT_EQ(response.status.error, TransportError::cancelled);
  EXPECT_EQ(torch_serve_.asked, 0);
}

}  // namespace
}  // namespace seraphim::workload
