// What the client asks a TorchServe for, and what it makes of each answer. The bodies are those of 0.11.0, to
// the letter.
#include "workload/torch_serve_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kubernetes/fake_transport.h"

namespace seraphim::workload {
namespace {

using kubernetes::ApiError;
using kubernetes::TransportError;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Wait = TorchServeClient::Wait;

std::string refusal(int code, const std::string& type, const std::string& message) {
  return "{\n  \"code\": " + std::to_string(code) + ",\n  \"type\": \"" + type + "\",\n  \"message\": \"" +
         message + "\"\n}\n";
}

class TorchServeClientTest : public ::testing::Test {
 protected:
  /// "GET /models/text/all"
  std::string last() const {
    const auto requests = transport_.requests();
    return requests.empty() ? "" : requests.back().method + " " + requests.back().target;
  }
  ApiError error_of(const kubernetes::Result<void>& result) {
    EXPECT_FALSE(result);
    return result ? ApiError{} : result.error();
  }
  ApiError add_error() { return error_of(client_.add("text", "v2.mar", 1, Wait::for_workers, {})); }
  ApiError scale_error() { return error_of(client_.scale("text", "2.0", 2, Wait::for_workers, {})); }
  ApiError remove_error() { return error_of(client_.remove("text", "1.0", {})); }

  kubernetes::testing::FakeTransport transport_;
  TorchServeClient client_{transport_, "http://t:8081"};
};

TEST_F(TorchServeClientTest, ListsVersionsWithTheirWorkers) {
  transport_.answer(200, R"([{"modelName": "text", "modelVersion": "1.0", "modelUrl": "text-v1.mar",
      "runtime": "python", "minWorkers": 2, "maxWorkers": 2, "batchSize": 1, "loadedAtStartup": false,
      "workers": [{"id": "9001", "startTime": "2026-11-28T06:33:44.383Z", "status": "READY", "pid": 16399},
                  {"id": "9002", "startTime": "2026-11-28T06:33:45.081Z", "status": "UNLOADING", "pid": -1}],
      "jobQueueStatus": {"remainingCapacity": 100, "pendingRequests": 0}},
     {"modelName": "text", "modelVersion": "2.0", "modelUrl": "text-v2.mar", "minWorkers": 0, "maxWorkers": 0,
      "workers": []}])");
  const auto versions = client_.versions("text", {});
  EXPECT_EQ(last(), "GET /models/text/all");
  ASSERT_TRUE(versions);
  const ModelVersion first{"1.0", "text-v1.mar", 2, {{"9001", "READY"}, {"9002", "UNLOADING"}}};
  EXPECT_THAT(*versions, ElementsAre(first, ModelVersion{"2.0", "text-v2.mar", 0}));
  EXPECT_EQ(versions->front().ready(), 1);
}

TEST_F(TorchServeClientTest, AnUnknownModelHasNoVersions) {
  transport_.answer(404, refusal(404, "ModelNotFoundException", "Model not found: text"));
  const auto versions = client_.versions("text", {});
  ASSERT_TRUE(versions);
  EXPECT_THAT(*versions, IsEmpty());
  transport_.answer(404, refusal(404, "ModelNotFoundException", "Model not found: text"));
  EXPECT_EQ(client_.default_version("text", {}).value(), "");
}

TEST_F(TorchServeClientTest, AServerThatIsNoManagementApiIsNoEmptyOne) {
  const std::string no_path = refusal(404, "ResourceNotFoundException",
                                      "Requested resource is not found, please refer to API document.");
  for (const auto& [http, body] :
       {std::pair{404, no_path}, std::pair{200, std::string("<html>")}, std::pair{200, std::string("{}")},
        std::pair{404, std::string("nothing")}}) {
    transport_.answer(http, body);
    const auto versions = client_.versions("text", {});
    ASSERT_FALSE(versions) << body;
    EXPECT_THAT(versions.error().message, HasSubstr("list the versions of text")) << body;
  }
  transport_.answer(404, no_path);
  EXPECT_THAT(client_.versions("text", {}).error().message, HasSubstr("check that torchServe.managementURL"));
}

TEST_F(TorchServeClientTest, AModelWithoutAVersionTellsTheDefaultOne) {
  transport_.answer(200, R"([{"modelName": "text", "modelVersion": "1.0", "modelUrl": "text-v1.mar"}])");
  EXPECT_EQ(client_.default_version("text", {}).value(), "1.0");
  EXPECT_EQ(last(), "GET /models/text");
}

TEST_F(TorchServeClientTest, RegistersUnderTheSpecsNameWithWorkersAndWaits) {
  transport_.answer(200, R"({"status": "Model \"text\" Version: 2.0 registered with 1 initial workers"})");
  EXPECT_TRUE(client_.add("text", "http://a/b c.mar?x=1&y", 3, Wait::for_workers, {}));
  EXPECT_EQ(last(),
            "POST "
            "/models?url=http%3A%2F%2Fa%2Fb%20c.mar%3Fx%3D1%26y&model_name=text&initial_workers=3&"
            "synchronous=true");
  transport_.answer(202, R"({"status": "Processing worker updates..."})");
  EXPECT_TRUE(client_.add("text", "v2.mar", 1, Wait::not_at_all, {}));
  EXPECT_THAT(last(), HasSubstr("synchronous=false"));
}

TEST_F(TorchServeClientTest, AMissingArchiveIsSaidWithWhatToDo) {
  transport_.answer(404, refusal(404, "ModelNotFoundException", "Model not found at: v2.mar"));
  const ApiError error = add_error();
  EXPECT_EQ(error.kind, ApiError::Kind::not_found);
  EXPECT_EQ(error.message,
            "could not register v2.mar as text: TorchServe at http://t:8081 answered 404: Model not found "
            "at: v2.mar; "
            "put the archive into the server's model store, or correct model.url");
}

TEST_F(TorchServeClientTest, RefusedRegistrations) {
  transport_.answer(400, refusal(400, "BadRequestException", "Parameter url is required."));
  EXPECT_EQ(add_error().kind, ApiError::Kind::invalid);
  transport_.answer(
      400, refusal(400, "DownloadArchiveException", "Failed to download archive from: http://x/v2.mar"));
  ApiError error = add_error();
  EXPECT_EQ(error.kind, ApiError::Kind::invalid);
  EXPECT_THAT(error.message, AllOf(HasSubstr("Failed to download"), HasSubstr("allowed_urls")));
  transport_.answer(
      409, refusal(409, "ConflictStatusException", "Model version 2.0 is already registered for model text"));
  error = add_error();
  EXPECT_EQ(error.kind, ApiError::Kind::already_exists);
  EXPECT_EQ(error.http, 409);
  transport_.answer(
      500, refusal(500, "InternalServerException", "Failed to start workers for model text version: 2.0"));
  error = add_error();
  EXPECT_EQ(error.kind, ApiError::Kind::invalid) << "the same again ends the same";
  EXPECT_THAT(error.message, HasSubstr("correct the archive's handler"));
}

TEST_F(TorchServeClientTest, AServerThatCannotNowIsAskedLater) {
  transport_.answer(503, refusal(503, "ServiceUnavailableException", "no"));
  EXPECT_EQ(add_error().kind, ApiError::Kind::unavailable);
  transport_.fail(TransportError::connect, false);
  ApiError error = add_error();
  EXPECT_EQ(error.kind, ApiError::Kind::unavailable);
  EXPECT_FALSE(error.may_have_landed);
  EXPECT_THAT(error.message, AllOf(HasSubstr("http://t:8081"), HasSubstr("check torchServe.managementURL")));
  transport_.fail(TransportError::timeout);
  EXPECT_TRUE(add_error().may_have_landed);
  transport_.fail(TransportError::cancelled);
  EXPECT_EQ(add_error().kind, ApiError::Kind::cancelled);
}

TEST_F(TorchServeClientTest, AServerThatWantsATokenIsSaidSo) {
  transport_.answer(
      403, R"({"code": 403, "type": "InvalidKeyException", "message": "Token Authorization failed."})");
  const ApiError error = add_error();
  EXPECT_EQ(error.kind, ApiError::Kind::forbidden);
  EXPECT_THAT(error.message, HasSubstr("--disable-token-auth"));
  // 0.12.0 says it so.
  transport_.answer(400,
                    refusal(400, "InvalidKeyException",
                            "Token Authorization failed. Token either incorrect, expired, or not provided "
                            "correctly"));
  const ApiError newer = add_error();
  EXPECT_EQ(newer.kind, ApiError::Kind::forbidden);
  EXPECT_THAT(newer.message,
              HasSubstr("name the Secret that holds its management key in torchServe.tokenSecret"));
}

TEST_F(TorchServeClientTest, ScalesToExactlySoManyWorkers) {
  transport_.answer(202, R"({"status": "Processing worker updates..."})");
  EXPECT_TRUE(client_.scale("text", "2.0", 0, Wait::not_at_all, {}));
  EXPECT_EQ(last(), "PUT /models/text/2.0?min_worker=0&max_worker=0&synchronous=false");
  transport_.answer(200, R"({"status": "Workers scaled to 2 for model: text"})");
  EXPECT_TRUE(client_.scale("text", "2.0", 2, Wait::for_workers, {}));
  EXPECT_THAT(last(), HasSubstr("min_worker=2&max_worker=2&synchronous=true"));
  transport_.answer(404, refusal(404, "ModelVersionNotFoundException",
                                 "Model version: 9.0 does not exist for model: text"));
  EXPECT_EQ(scale_error().kind, ApiError::Kind::not_found);
  transport_.answer(
      500, refusal(500, "InternalServerException", "Failed to start workers for model text version: 4.0"));
  EXPECT_EQ(scale_error().kind, ApiError::Kind::invalid);
}

TEST_F(TorchServeClientTest, SetsTheDefaultVersion) {
  transport_.answer(200,
                    R"({"status": "Default vesion succsesfully updated for model \"text\" to \"2.0\""})");
  EXPECT_TRUE(client_.set_default("text", "2.0", {}));
  EXPECT_EQ(last(), "PUT /models/text/2.0/set-default");
  transport_.answer(
      404, refusal(404, "ModelVersionNotFoundException", "Model version 9.0 does not exist for model text"));
  EXPECT_EQ(error_of(client_.set_default("text", "9.0", {})).kind, ApiError::Kind::not_found);
}

TEST_F(TorchServeClientTest, WhatIsGoneIsRemoved) {
  transport_.answer(200, R"({"status": "Model \"text\" unregistered"})");
  EXPECT_TRUE(client_.remove("text", "1.0", {}));
  EXPECT_EQ(last(), "DELETE /models/text/1.0");
  transport_.answer(404, refusal(404, "ModelVersionNotFoundException",
                                 "Model version: 1.0 does not exist for model: text"));
  EXPECT_TRUE(client_.remove("text", "1.0", {}));
  transport_.answer(404, refusal(404, "ModelNotFoundException", "Model not found: text"));
  EXPECT_TRUE(client_.remove("text", "1.0", {}));
  transport_.answer(404, refusal(404, "ResourceNotFoundException", "Requested resource is not found"));
  EXPECT_EQ(remove_error().kind, ApiError::Kind::invalid) << "this is no TorchServe";
}

TEST_F(TorchServeClientTest, TheDefaultVersionIsNotRemoved) {
  transport_.answer(
      403, refusal(403, "InvalidModelVersionException", "Cannot remove default version for model text"));
  const ApiError error = remove_error();
  EXPECT_EQ(error.kind, ApiError::Kind::conflict);
  EXPECT_THAT(error.message, HasSubstr("another version must become the default one before"));
}

TEST_F(TorchServeClientTest, NothingOfANameEscapesItsPlaceInThePath) {
  transport_.answer(200, "{}");
  EXPECT_TRUE(client_.remove("a/b?", "1 0#", {}));
  EXPECT_EQ(last(), "DELETE /models/a%2Fb%3F/1%200%23");
}

TEST_F(TorchServeClientTest, TheBoundsReachTheTransport) {
  transport_.answer(200, "[]");
  (void)client_.versions("text", {std::chrono::milliseconds(1234)});
  EXPECT_THAT(transport_.timeouts(), ElementsAre(std::chrono::milliseconds(1234)));
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(client_.versions("text", {std::chrono::seconds(1), source.get_token()}).error().kind,
            ApiError::Kind::cancelled);
}

}  // namespace
}  // namespace seraphim::workload
