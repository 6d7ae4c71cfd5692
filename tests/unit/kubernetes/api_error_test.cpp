#include "kubernetes/api_error.h"

#include <gmock/gmock.h>

#include "kubernetes/api_status.h"
#include "kubernetes/fake_transport.h"

namespace seraphim::kubernetes::testing {

using namespace std::chrono_literals;
using Kind = ApiError::Kind;

namespace {

struct ErrorCase {
  int http;
  std::string reason;
  Kind kind;
  bool retriable, may_have_landed;
};

}  // namespace

class ApiErrorKinds : public ::testing::TestWithParam<ErrorCase> {};

TEST_P(ApiErrorKinds, FollowFromStatusAndReason) {
  const auto& expected = GetParam();
  const ApiError error =
      to_api_error(refuse(expected.http, expected.reason, "because"), "apply ReplicaSet d/web");
  EXPECT_EQ(error.kind, expected.kind);
  EXPECT_EQ(error.retriable(), expected.retriable);
  EXPECT_EQ(error.may_have_landed, expected.may_have_landed);
  EXPECT_EQ(error.http, expected.http);
  EXPECT_EQ(error.reason, expected.reason);
  EXPECT_EQ(error.message, "apply ReplicaSet d/web: HTTP " + std::to_string(expected.http) + " " +
                               expected.reason + ": because");
}

INSTANTIATE_TEST_SUITE_P(
    Table, ApiErrorKinds,
    ::testing::Values(ErrorCase{400, "BadRequest", Kind::invalid, false, false},
                      ErrorCase{401, "Unauthorized", Kind::unauthorized, true, false},
                      ErrorCase{403, "Forbidden", Kind::forbidden, false, false},
                      ErrorCase{404, "NotFound", Kind::not_found, false, false},
                      ErrorCase{408, "Timeout", Kind::unavailable, true, false},
                      ErrorCase{409, "AlreadyExists", Kind::already_exists, false, false},
                      ErrorCase{409, "Conflict", Kind::conflict, false, false},
                      ErrorCase{410, "Expired", Kind::gone, false, false},
                      ErrorCase{413, "RequestEntityTooLarge", Kind::invalid, false, false},
                      ErrorCase{415, "UnsupportedMediaType", Kind::invalid, false, false},
                      ErrorCase{422, "Invalid", Kind::invalid, false, false},
                      ErrorCase{429, "TooManyRequests", Kind::too_many, true, false},
                      ErrorCase{500, "InternalError", Kind::unavailable, true, true},
                      ErrorCase{503, "ServiceUnavailable", Kind::unavailable, true, true},
                      ErrorCase{504, "Timeout", Kind::unavailable, true, true},
                      ErrorCase{302, "Found", Kind::unavailable, true, false}),
    [](const auto& test) { return std::to_string(test.param.http) + test.param.reason; });

TEST(ApiError, BrokenExchangesAreUnavailableAndTellWhetherTheyMayHaveLanded) {
  const ApiError sent = to_api_error(broken(TransportError::reset, true), "patch X d/a");
  EXPECT_EQ(sent.kind, Kind::unavailable);
  EXPECT_TRUE(sent.may_have_landed);
  EXPECT_TRUE(sent.retriable());
  EXPECT_EQ(sent.message, "patch X d/a: no answer from the API server (reset): scripted failure");
  EXPECT_FALSE(to_api_error(broken(TransportError::connect, false), "x").may_have_landed);
}

TEST(ApiError, AStopIsNoFailureOfTheServer) {
  const ApiError error = to_api_error(broken(TransportError::cancelled), "get X d/a");
  EXPECT_EQ(error.kind, Kind::cancelled);
  EXPECT_FALSE(error.retriable());
}

TEST(ApiError, RetryAfterComesFromTheHeaderOrElseFromTheStatus) {
  Response response = reply(429, R"({"kind":"Status","code":429,"details":{"retryAfterSeconds":7}})");
  EXPECT_EQ(to_api_error(response, "x").retry_after, 7s);
  response.status.retry_after = 3s;
  EXPECT_EQ(to_api_error(response, "x").retry_after, 3s);
  EXPECT_FALSE(to_api_error(refuse(429, "TooManyRequests"), "x").retry_after.has_value());
}

TEST(ApiError, ABodyThatIsNoStatusIsNotRepeatedToPeople) {
  for (const std::string body :
       {"<html>secret</html>", R"({"secret":1})", R"("secret")", R"({"kind":"Secret"})", ""}) {
    const ApiError error = to_api_error(reply(502, body), "get X d/a");
    EXPECT_EQ(error.kind, Kind::unavailable);
    EXPECT_EQ(error.message, "get X d/a: HTTP 502, and the answer does not say why");
  }
}

TEST(ApiError, MessagesAreOneLineOfBoundedLength) {
  const std::string text = std::string(999, 'x') + "\xc3\xa4" + std::string(5000, 'y');
  const ApiStatus status = parse_api_status(R"({"kind":"Status","message":"a\nb\tc"})");
  EXPECT_EQ(status.message, "a b c");
  EXPECT_EQ(parse_api_status(R"({"kind":"Status","message":")" + text + "\"}").message,
            std::string(999, 'x') + "...");
}

TEST(ApiStatus, IsTotal) {
  for (const std::string body :
       {R"({"kind":"Status","code":"x","reason":1,"message":[],"details":7})",
        R"({"kind":"Status","details":{"causes":[1,{"reason":2}],"retryAfterSeconds":"9"}})",
        R"({"kind":"Status","code":99999999999999999999,"details":{"retryAfterSeconds":-5}})"}) {
    const ApiStatus status = parse_api_status(body);
    EXPECT_EQ(status.code, 0) << body;
    EXPECT_FALSE(status.retry_after.has_value()) << body;
    EXPECT_FALSE(status.version_too_large) << body;
  }
}

}  // namespace seraphim::kubernetes::testing
