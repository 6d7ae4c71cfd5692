// What each verb sends, and what it makes of the answer.
#include "kubernetes/api_client_script.h"

namespace seraphim::kubernetes::testing {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Kind = ApiError::Kind;

TEST_F(ApiClientTest, Gets) {
  transport_.answer(200, R"({"kind":"ReplicaSet"})");
  const auto object = client_.get(kReplicaSets, kWeb);
  ASSERT_TRUE(object.has_value());
  EXPECT_EQ((*object)["kind"], "ReplicaSet");
  EXPECT_EQ(only_request().method, "GET");
  EXPECT_EQ(only_request().target, "/apis/apps/v1/namespaces/d/replicasets/web");
  EXPECT_TRUE(only_request().body.empty());
  EXPECT_THAT(records_, ElementsAre("get ReplicaSet 200 none"));
}

TEST_F(ApiClientTest, Lists) {
  transport_.answer(200, R"({"items":[]})");
  ASSERT_TRUE(client_.list(kReplicaSets, "d", "a=b", 20).has_value());
  EXPECT_EQ(only_request().target, "/apis/apps/v1/namespaces/d/replicasets?limit=20&labelSelector=a%3Db");
}

TEST_F(ApiClientTest, ListsByFields) {
  transport_.answer(200, R"({"items":[]})");
  ASSERT_TRUE(client_.list_by_fields(kReplicaSets, "d", "a.b=c,d=e", 20).has_value());
  EXPECT_EQ(only_request().target,
            "/apis/apps/v1/namespaces/d/replicasets?limit=20&fieldSelector=a.b%3Dc%2Cd%3De");
}

TEST_F(ApiClientTest, Creates) {
  transport_.answer(201, live().dump());
  ASSERT_TRUE(client_.create(kReplicaSets, "d", kObject).has_value());
  EXPECT_EQ(only_request().method, "POST");
  EXPECT_EQ(only_request().target,
            "/apis/apps/v1/namespaces/d/replicasets?fieldManager=me%20%26%20co&fieldValidation=Strict");
  EXPECT_EQ(only_request().content_type, "application/json");
  EXPECT_EQ(json::parse(only_request().body), kObject);
}

TEST_F(ApiClientTest, Applies) {
  transport_.answer(200, kObject.dump());
  ASSERT_TRUE(client_.apply(kReplicaSets, kWeb, kObject, true, "status").has_value());
  EXPECT_EQ(only_request().method, "PATCH");
  EXPECT_EQ(only_request().content_type, "application/apply-patch+yaml");
  EXPECT_EQ(only_request().target,
            "/apis/apps/v1/namespaces/d/replicasets/web/status?fieldManager=me%20%26%20co&force=true"
            "&fieldValidation=Strict");
  EXPECT_EQ(json::parse(only_request().body), kObject);
}

TEST_F(ApiClientTest, AppliesWithoutForce) {
  transport_.answer(200, kObject.dump());
  ASSERT_TRUE(client_.apply(kReplicaSets, kWeb, kObject, false).has_value());
  EXPECT_THAT(only_request().target, HasSubstr("&force=false&"));
}

TEST_F(ApiClientTest, Patches) {
  transport_.answer(200).answer(200);
  ASSERT_TRUE(
      client_.json_patch(kReplicaSets, kWeb, json::array({{{"op", "remove"}, {"path", "/x"}}})).has_value());
  ASSERT_TRUE(client_.merge_patch(kReplicaSets, kWeb, {{"x", nullptr}}, "scale").has_value());
  const auto requests = transport_.requests();
  EXPECT_EQ(requests[0].content_type, "application/json-patch+json");
  EXPECT_EQ(requests[0].body, R"([{"op":"remove","path":"/x"}])");
  EXPECT_EQ(requests[0].target, "/apis/apps/v1/namespaces/d/replicasets/web?fieldManager=me%20%26%20co");
  EXPECT_EQ(requests[1].content_type, "application/merge-patch+json");
  EXPECT_EQ(requests[1].body, R"({"x":null})");
  EXPECT_THAT(requests[1].target, HasSubstr("/web/scale?"));
}

TEST_F(ApiClientTest, AJsonPatchThatDoesNotFitIsAConflict) {  // the body is what a 1.36 server says
  const std::string misfit =
      R"({"kind":"Status","message":"the server rejected our request due to an error in our )"
      R"(request","reason":"Invalid","details":{},"code":422})";
  const std::string invalid = R"({"kind":"Status","message":"x is invalid","reason":"Invalid","code":422,)"
                              R"("details":{"causes":[{"reason":"FieldValueInvalid","field":"spec"}]}})";
  transport_.answer(422, misfit).answer(422, invalid).answer(422, misfit);
  const auto result = client_.json_patch(kReplicaSets, kWeb, json::array());
  EXPECT_EQ(result.error().kind, Kind::conflict);
  EXPECT_EQ(result.error().message, "patch ReplicaSet d/web: the object is not as the patch expects");
  EXPECT_EQ(client_.json_patch(kReplicaSets, kWeb, json::array()).error().kind, Kind::invalid);
  EXPECT_EQ(client_.merge_patch(kReplicaSets, kWeb, json::object()).error().kind, Kind::invalid);
}

TEST_F(ApiClientTest, Replaces) {
  transport_.answer(200);
  ASSERT_TRUE(client_.replace(kReplicaSets, kWeb, kObject).has_value());
  EXPECT_EQ(only_request().method, "PUT");
  EXPECT_EQ(only_request().content_type, "application/json");
}

TEST_F(ApiClientTest, TextThatIsNotUtf8IsSentAllTheSame) {
  transport_.answer(200);
  ASSERT_TRUE(client_.merge_patch(kReplicaSets, kWeb, {{"x", "\xff"}}).has_value());
  EXPECT_EQ(only_request().body, "{\"x\":\"\xef\xbf\xbd\"}");
}

TEST_F(ApiClientTest, AnAnswerThatIsNoObjectIsAnError) {
  transport_.answer(200, "<html>").answer(200, "[]");
  const auto write = client_.merge_patch(kReplicaSets, kWeb, json::object());
  EXPECT_EQ(write.error().kind, Kind::unavailable);
  EXPECT_TRUE(write.error().may_have_landed);
  EXPECT_FALSE(client_.get(kReplicaSets, kWeb).error().may_have_landed);
}

// --- Delete

TEST_F(ApiClientTest, DeletesExactlyTheObjectWithThisUid) {
  transport_.answer(200);
  EXPECT_TRUE(client_.remove(kReplicaSets, kWeb, "u1").has_value());
  EXPECT_EQ(only_request().method, "DELETE");
  EXPECT_EQ(only_request().target, "/apis/apps/v1/namespaces/d/replicasets/web");
  EXPECT_EQ(json::parse(only_request().body), (json{{"kind", "DeleteOptions"},
                                                    {"apiVersion", "v1"},
                                                    {"preconditions", {{"uid", "u1"}}},
                                                    {"propagationPolicy", "Background"}}));
}

TEST_F(ApiClientTest, DeletingWhatIsGoneIsSuccess) {
  transport_.answer(refuse(404, "NotFound"));
  EXPECT_TRUE(client_.remove(kReplicaSets, kWeb, "u1").has_value());
  transport_.answer(refuse(409, "Conflict")).answer(200, live({{"metadata", {{"uid", "u2"}}}}).dump());
  EXPECT_TRUE(client_.remove(kReplicaSets, kWeb, "u1").has_value());
  transport_.answer(refuse(409, "Conflict")).answer(refuse(404, "NotFound"));
  EXPECT_TRUE(client_.remove(kReplicaSets, kWeb, "u1").has_value());
}

TEST_F(ApiClientTest, AConflictThatIsNotAboutTheUidIsAnError) {
  transport_.answer(refuse(409, "Conflict")).answer(200, live().dump());
  EXPECT_EQ(client_.remove(kReplicaSets, kWeb, "u1").error().kind, Kind::conflict);
  transport_.answer(refuse(409, "Conflict")).answer(refuse(403, "Forbidden"));
  EXPECT_EQ(client_.remove(kReplicaSets, kWeb, "u1").error().kind, Kind::forbidden);
}

TEST_F(ApiClientTest, ADeleteWithoutAUidIsRefusedHere) {
  EXPECT_EQ(client_.remove(kReplicaSets, kWeb, "").error().kind, Kind::invalid);
  EXPECT_TRUE(transport_.requests().empty());
}

TEST_F(ApiClientTest, MessagesNameTheCallAndNoBody) {
  transport_.answer(refuse(403, "Forbidden", "you cannot"));
  json secret = kObject;
  secret["spec"]["password"] = "hunter2";
  const auto result = client_.apply(kReplicaSets, kWeb, secret, true, "status");
  EXPECT_EQ(result.error().message, "apply ReplicaSet d/web/status: HTTP 403 Forbidden: you cannot");
  EXPECT_THAT(result.error().message, Not(HasSubstr("hunter2")));
}

}  // namespace seraphim::kubernetes::testing
