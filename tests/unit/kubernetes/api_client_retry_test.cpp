// The immediate retry after a lost answer, and what may not be repeated.
#include "kubernetes/api_client_script.h"

namespace seraphim::kubernetes::testing {

using ::testing::ElementsAre;
using Kind = ApiError::Kind;

TEST_F(ApiClientTest, ABrokenConnectionIsTriedAgainOnceAtOnce) {
  for (const auto error : {TransportError::reset, TransportError::eof}) {
    for (const bool sent : {true, false}) {
      transport_.fail(error, sent).answer(200, kObject.dump());
      EXPECT_TRUE(client_.get(kReplicaSets, kWeb).has_value());
      transport_.fail(error, sent).answer(200, kObject.dump());
      EXPECT_TRUE(client_.apply(kReplicaSets, kWeb, kObject, true).has_value());
    }
  }
  EXPECT_EQ(transport_.requests().size(), 16u);
  EXPECT_EQ(transport_.requests()[2].body, transport_.requests()[3].body);
  EXPECT_EQ(records_.at(0), "get ReplicaSet 0 reset");
  EXPECT_EQ(records_.at(1), "get ReplicaSet 200 none");
}

TEST_F(ApiClientTest, ItIsNotTriedAThirdTime) {
  transport_.fail(TransportError::reset).fail(TransportError::reset, false);
  const auto result = client_.merge_patch(kReplicaSets, kWeb, json::object());
  EXPECT_EQ(result.error().kind, Kind::unavailable);
  EXPECT_TRUE(result.error().may_have_landed) << "the first try was sent";
  EXPECT_EQ(transport_.requests().size(), 2u);
}

TEST_F(ApiClientTest, NothingElseIsTriedAgain) {
  for (const auto error :
       {TransportError::connect, TransportError::tls, TransportError::timeout, TransportError::cancelled,
        TransportError::protocol, TransportError::too_large, TransportError::credentials}) {
    transport_.fail(error, false);
    EXPECT_FALSE(client_.get(kReplicaSets, kWeb).has_value()) << to_string(error);
  }
  for (const int http : {401, 429, 500, 503}) {
    transport_.answer(refuse(http, "X"));
    EXPECT_FALSE(client_.get(kReplicaSets, kWeb).has_value()) << http;
  }
  auto cut = broken(TransportError::eof);  // in the body: the head has told that it was done
  cut.status.http = 200;
  transport_.answer(cut);
  const auto result = client_.merge_patch(kReplicaSets, kWeb, json::object());
  EXPECT_TRUE(result.error().may_have_landed);
  EXPECT_EQ(transport_.requests().size(), 12u);
}

TEST_F(ApiClientTest, TheRetryGetsWhatTheFirstTryLeftOfTheTimeout) {
  clock_.step = 4s;
  transport_.fail(TransportError::eof).answer(200);
  EXPECT_TRUE(client_.get(kReplicaSets, kWeb).has_value());
  EXPECT_THAT(transport_.timeouts(), ElementsAre(10s, 6s));
}

TEST_F(ApiClientTest, NoRetryWhenTheTimeIsUp) {
  clock_.step = 10s;
  transport_.fail(TransportError::eof);
  EXPECT_FALSE(client_.get(kReplicaSets, kWeb).has_value());
  EXPECT_EQ(transport_.requests().size(), 1u);
}

TEST_F(ApiClientTest, NoRetryAfterAStop) {
  std::stop_source stop;
  transport_.otherwise([&](const Request&) {
    stop.request_stop();
    return broken(TransportError::eof);
  });
  EXPECT_FALSE(client_.get(kReplicaSets, kWeb, stop.get_token()).has_value());
  EXPECT_EQ(transport_.requests().size(), 1u);
}

TEST_F(ApiClientTest, ARefusalAfterALostAnswerMeansLookAgain) {
  for (const auto& answer : {refuse(409, "Conflict"), refuse(422, "Invalid")}) {
    transport_.fail(TransportError::reset).answer(answer);
    const auto result = client_.replace(kReplicaSets, kWeb, kObject);
    EXPECT_EQ(result.error().kind, Kind::conflict);
    EXPECT_TRUE(result.error().may_have_landed);
  }
  transport_.answer(refuse(422, "Invalid"));
  const auto plain = client_.replace(kReplicaSets, kWeb, kObject);
  EXPECT_EQ(plain.error().kind, Kind::invalid);
  EXPECT_FALSE(plain.error().may_have_landed);
}

TEST_F(ApiClientTest, ReadsNeverLand) {
  transport_.fail(TransportError::timeout, true);
  EXPECT_FALSE(client_.get(kReplicaSets, kWeb).error().may_have_landed);
}

TEST_F(ApiClientTest, RefusalsComeBackWithRetryAfter) {
  auto busy = refuse(429, "TooManyRequests");
  busy.status.retry_after = 5s;
  transport_.answer(busy);
  const auto result = client_.apply(kReplicaSets, kWeb, kObject, true);
  EXPECT_EQ(result.error().kind, Kind::too_many);
  EXPECT_EQ(result.error().retry_after, 5s);
  EXPECT_EQ(result.error().message, "apply ReplicaSet d/web: HTTP 429 TooManyRequests: no");
}

// --- Create

TEST_F(ApiClientTest, ACreateWhoseAnswerGotLostIsReadBack) {
  transport_.fail(TransportError::eof).answer(refuse(409, "AlreadyExists")).answer(200, live().dump());
  const auto result = client_.create(kReplicaSets, "d", kObject);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  EXPECT_EQ((*result)["metadata"]["uid"], "u1");
}

TEST_F(ApiClientTest, ANamesakeOfSomebodyElseIsNotTakenForTheOwnCreate) {
  for (const json& change : {json{{"spec", {{"replicas", 4}}}}, json{{"spec", {{"replicas", nullptr}}}},
                             json{{"spec", {{"args", {{{"a", 2}}}}}}},
                             json{{"spec", {{"args", json::array()}}}}, json{{"spec", 1}}}) {
    transport_.fail(TransportError::eof)
        .answer(refuse(409, "AlreadyExists"))
        .answer(200, live(change).dump());
    const auto result = client_.create(kReplicaSets, "d", kObject);
    ASSERT_FALSE(result.has_value()) << change;
    EXPECT_EQ(result.error().kind, Kind::already_exists);
    EXPECT_TRUE(result.error().may_have_landed);
  }
}

TEST_F(ApiClientTest, AnObjectThatWasThereBeforeTheFirstTryAlreadyExists) {
  transport_.answer(refuse(409, "AlreadyExists"));
  const auto result = client_.create(kReplicaSets, "d", kObject);
  EXPECT_EQ(result.error().kind, Kind::already_exists);
  EXPECT_FALSE(result.error().may_have_landed);
  EXPECT_EQ(transport_.requests().size(), 1u);
}

}  // namespace seraphim::kubernetes::testing
