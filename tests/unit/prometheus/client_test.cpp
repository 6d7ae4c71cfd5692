// Each way in which a question to Prometheus can fail is one clear sentence.
#include "prometheus/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kubernetes/fake_transport.h"
#include "prometheus/form.h"

namespace seraphim::prometheus {
namespace {

using kubernetes::TransportError;
using kubernetes::testing::FakeTransport;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr const char* kEmptyMatrix = R"({"status":"success","data":{"resultType":"matrix","result":[]}})";

TEST(Form, EncodesWhatPromqlIsMadeOf) {
  EXPECT_EQ(percent_encode(R"(a{b="c d",e=~"x|y\\.z"}[15s])"),
            "a%7Bb%3D%22c%20d%22%2Ce%3D~%22x%7Cy%5C%5C.z%22%7D%5B15s%5D");
  EXPECT_EQ(percent_encode("+&=%\n\xC3\xA9"), "%2B%26%3D%25%0A%C3%A9");
  EXPECT_EQ(encode_form({{"query", "up == 1"}, {"timeout", "2s"}}), "query=up%20%3D%3D%201&timeout=2s");
}

TEST(Client, PostsAForm) {
  FakeTransport transport;
  transport.answer(200, kEmptyMatrix);
  ASSERT_TRUE(Client(transport, "http://p:9090").query("up{a=\"b\"}[5s]", seconds(2)));
  ASSERT_EQ(transport.requests().size(), 1u);
  const auto request = transport.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/api/v1/query");
  EXPECT_EQ(request.content_type, "application/x-www-form-urlencoded");
  EXPECT_EQ(request.body, "query=up%7Ba%3D%22b%22%7D%5B5s%5D&timeout=2000ms");
  EXPECT_EQ(transport.timeouts().at(0), seconds(2));
}

TEST(Client, AsksAboutAnotherTimeThanNow) {
  FakeTransport transport;
  transport.answer(200, kEmptyMatrix);
  const api::Time at{std::chrono::milliseconds(1'700'000'000'250)};
  ASSERT_TRUE(Client(transport, "http://p:9090").query("up", seconds(2), {}, at));
  EXPECT_THAT(transport.requests().at(0).body, HasSubstr("&time=2023-11-14T22%3A13%3A20.250Z"));
}

TEST(Client, AsksForCurvesToo) {
  FakeTransport transport;
  transport.answer(200, R"({"status":"success","data":{"resultType":"matrix","result":[
      {"metric":{"revision":"a"},"values":[[1700000000,"1"],[1700000005,"NaN"],[1700000010,"3"]]}]}})");
  const api::Time from{std::chrono::milliseconds(1'700'000'000'000)};
  const auto answer = Client(transport, "http://p:9090")
                          .query_range("rate(a[15s])", from, from + seconds(10), seconds(5), seconds(2));
  ASSERT_TRUE(answer);
  EXPECT_EQ(std::get<Matrix>(answer->data).series.at(0).points,
            (std::vector<Point>{{from, 1}, {from + seconds(10), 3}}));
  EXPECT_EQ(transport.requests().at(0).target, "/api/v1/query_range");
  EXPECT_EQ(
      transport.requests().at(0).body,
      "query=rate%28a%5B15s%5D%29&start=2023-11-14T22%3A13%3A20Z&end=2023-11-14T22%3A13%3A30Z&step=5000ms&"
      "timeout=2000ms");
}

QueryError failure_of(const kubernetes::Response& response) {
  FakeTransport transport;
  transport.answer(response);
  const auto answer = Client(transport, "http://p:9090/prom").query("up", seconds(2));
  EXPECT_FALSE(answer);
  return answer ? QueryError{QueryError::Kind::nonsense, "an answer"} : answer.error();
}

struct Broken {
  TransportError error;
  const char* says;
};
class BrokenExchange : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenExchange, IsUnreachableAndNamesTheServer) {
  const auto error = failure_of(kubernetes::testing::broken(GetParam().error));
  EXPECT_EQ(error.kind, QueryError::Kind::unreachable);
  EXPECT_THAT(error.message, HasSubstr("Prometheus at http://p:9090/prom"));
  EXPECT_THAT(error.message, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(All, BrokenExchange,
                         ::testing::Values(Broken{TransportError::connect,
                                                  "cannot be reached (scripted failure): check analysis."},
                                           Broken{TransportError::timeout, "did not answer within 2000 ms"},
                                           Broken{TransportError::tls, "TLS connection"},
                                           Broken{TransportError::cancelled, "the operator stops"},
                                           Broken{TransportError::reset, "broke: "},
                                           Broken{TransportError::eof, "broke: "},
                                           Broken{TransportError::protocol, "broke: "},
                                           Broken{TransportError::credentials, "broke: "}));

TEST(Client, TooMuchIsARefusal) {
  const auto error = failure_of(kubernetes::testing::broken(TransportError::too_large));
  EXPECT_EQ(error.kind, QueryError::Kind::refused);
  EXPECT_THAT(error.message, HasSubstr("the answer of Prometheus at http://p:9090/prom is too large"));
}

TEST(Client, ErrorOfPrometheusIsPassedOn) {
  const auto error = failure_of(kubernetes::testing::reply(
      500,
      R"({"status":"error","errorType":"internal","error":"query processing would load too many samples"})"));
  EXPECT_EQ(error.kind, QueryError::Kind::refused);
  EXPECT_EQ(
      error.message,
      "Prometheus at http://p:9090/prom answered HTTP 500: internal: query processing would load too many "
      "samples");
}

TEST(Client, AnErrorWithStatus200IsStillAnError) {
  const auto error =
      failure_of(kubernetes::testing::ok(R"({"status":"error","errorType":"timeout","error":"too slow"})"));
  EXPECT_EQ(error.kind, QueryError::Kind::refused);
  EXPECT_THAT(error.message, HasSubstr("says timeout: too slow"));
}

TEST(Client, OtherServersErrorsAreQuotedAndExplained) {
  EXPECT_THAT(failure_of(kubernetes::testing::reply(502, "<html>\nBad Gateway</html>")).message,
              HasSubstr(R"(HTTP 502 with "<html>\nBad Gateway</html>")"));
  EXPECT_THAT(failure_of(kubernetes::testing::reply(404, "404 page not found")).message,
              HasSubstr("HTTP 404: check scheme, port and path"));
  EXPECT_THAT(failure_of(kubernetes::testing::reply(301, "")).message, HasSubstr("check scheme"));
  EXPECT_THAT(failure_of(kubernetes::testing::reply(403, "")).message,
              HasSubstr("does not let the operator in"));
}

TEST(Client, GarbageIsNotAnAnswer) {
  const auto error = failure_of(kubernetes::testing::ok("it works!"));
  EXPECT_EQ(error.kind, QueryError::Kind::nonsense);
  EXPECT_THAT(error.message, HasSubstr("cannot be used: it is not JSON"));
  EXPECT_THAT(error.message, HasSubstr("check that analysis.prometheus.address is a Prometheus server"));
}

TEST(Client, StopsWhenAsked) {
  FakeTransport transport;
  std::stop_source stop;
  stop.request_stop();
  const auto answer = Client(transport, "http://p").query("up", seconds(2), stop.get_token());
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("the operator stops"));
}

}  // namespace
}  // namespace seraphim::prometheus
