#include "prometheus/metrics_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "kubernetes/fake_transport.h"
#include "prometheus/form.h"

namespace seraphim::prometheus {
namespace {

using analysis::CounterSample;
using analysis::NoSamples;
using analysis::Samples;
using kubernetes::TransportError;
using kubernetes::testing::FakeTransport;
using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

/// Servers by address, and which of them were asked for.
struct Net {
  std::map<std::string, std::shared_ptr<FakeTransport>> servers;
  std::vector<std::string> made;

  FakeTransport& server(const std::string& address) {
    auto& server = servers[address];
    if (!server) server = std::make_shared<FakeTransport>();
    return *server;
  }
  MetricsSource source() {
    return MetricsSource([this](const std::string& address) -> std::shared_ptr<kubernetes::Transport> {
      made.push_back(address);
      if (!servers.contains(address)) throw std::runtime_error("not a URL");
      return servers.at(address);
    });
  }
};

Want want(std::string id, std::string space = "shop") {
  api::PrometheusSource source;
  source.address = "http://p:9090";
  return {.id = id,
          .source = source,
          .object_namespace = std::move(space),
          .object_name = "web",
          .baseline = id + "-1",
          .candidate = id + "-2",
          .window = seconds(15)};
}

json series(json labels, double at, const std::string& value) {
  labels["__name__"] = "seraphim_inference_requests_total";
  return {{"metric", std::move(labels)}, {"values", json::array({json::array({at, value})})}};
}

std::string matrix(std::vector<json> all) {
  return json{{"status", "success"}, {"data", {{"resultType", "matrix"}, {"result", std::move(all)}}}}.dump();
}

std::string query_of(const kubernetes::Request& request) {
  return request.body.substr(0, request.body.find('&'));
}

std::string encoded(const std::string& promql) {
  return "query=" + percent_encode(promql);
}

const Samples& samples(const Fetched& fetched, const std::string& id) {
  return std::get<Samples>(fetched.answers.at(id));
}

TEST(MetricsSource, AWindowMayEndInThePast) {
  Net net;
  net.server("http://p:9090").answer(200, matrix({}));
  const std::vector<Want> wants{want("a")};
  net.source().fetch(wants, seconds(2), {}, api::Time(seconds(1'700'000'000)));
  EXPECT_THAT(net.server("http://p:9090").requests().at(0).body, HasSubstr("&time=2023-11-14T22%3A13%3A20Z"));
}

TEST(MetricsSource, OneQueryForManyObjects) {
  Net net;
  net.server("http://p:9090")
      .answer(
          200,
          matrix({series({{"namespace", "shop"}, {"revision", "a-1"}, {"pod", "x"}, {"outcome", "success"}},
                         10.5, "7"),
                  series({{"namespace", "shop"}, {"revision", "a-2"}, {"pod", "y"}, {"outcome", "timeout"}},
                         10.75, "1"),
                  series({{"namespace", "shop"}, {"revision", "b-2"}, {"pod", "z"}, {"outcome", "success"}},
                         11, "3")}));
  const std::vector<Want> wants{want("a"), want("b")};
  const Fetched fetched = net.source().fetch(wants, seconds(2));
  EXPECT_EQ(fetched.queries, 1);
  EXPECT_EQ(
      query_of(net.server("http://p:9090").requests().at(0)),
      encoded(R"(seraphim_inference_requests_total{namespace="shop",revision=~"a-1|a-2|b-1|b-2"}[15s])"));
  const auto& a = samples(fetched, "a");
  ASSERT_EQ(a.baseline.size(), 1u);
  ASSERT_EQ(a.candidate.size(), 1u);
  EXPECT_EQ(a.baseline[0].outcome, "success");
  EXPECT_EQ(a.baseline[0].value, 7);
  EXPECT_EQ(a.baseline[0].at, api::Time(milliseconds(10500)));
  EXPECT_EQ(a.candidate[0].outcome, "timeout");
  EXPECT_NE(a.candidate[0].target, a.baseline[0].target);
  EXPECT_TRUE(samples(fetched, "b").baseline.empty());
  EXPECT_EQ(samples(fetched, "b").candidate.size(), 1u);
}

TEST(MetricsSource, SameRevisionNameInTwoNamespacesIsTwoRevisions) {
  Net net;
  net.server("http://p:9090")
      .answer(200,
              matrix({series({{"namespace", "shop"}, {"revision", "a-1"}, {"outcome", "success"}}, 1, "7"),
                      series({{"namespace", "test"}, {"revision", "a-1"}, {"outcome", "success"}}, 1, "8")}));
  std::vector<Want> wants{want("a", "shop"), want("a", "test")};
  wants[1].id = "a in test";
  const Fetched fetched = net.source().fetch(wants, seconds(2));
  ASSERT_EQ(samples(fetched, "a").baseline.size(), 1u);
  EXPECT_EQ(samples(fetched, "a").baseline[0].value, 7);
  ASSERT_EQ(samples(fetched, "a in test").baseline.size(), 1u);
  EXPECT_EQ(samples(fetched, "a in test").baseline[0].value, 8);
}

TEST(MetricsSource, AUsersNamespaceMatcherReplacesOurs) {
  Net net;
  net.server("http://p:9090")
      .answer(200, matrix({series({{"revision", "a-1"}, {"outcome", "success"}}, 1, "7")}));
  std::vector<Want> wants{want("a")};
  wants[0].source.match_labels = {{"namespace", ""}};
  const Fetched fetched = net.source().fetch(wants, seconds(2));
  EXPECT_EQ(query_of(net.server("http://p:9090").requests().at(0)),
            encoded(R"(seraphim_inference_requests_total{namespace="",revision=~"a-1|a-2"}[15s])"));
  EXPECT_EQ(samples(fetched, "a").baseline.size(), 1u);
}

TEST(MetricsSource, AGatewayIsOneTargetForBothVariants) {
  Net net;
  net.server("http://p:9090")
      .answer(
          200,
          matrix(
              {series({{"variant", "baseline"}, {"instance", "gw:8080"}, {"outcome", "success"}}, 1, "7"),
               series({{"variant", "candidate"}, {"instance", "gw:8080"}, {"outcome", "error"}}, 1, "2")}));
  std::vector<Want> wants{want("a")};
  wants[0].source.preset = api::SeriesPreset::variant_label;
  wants[0].source.match_labels = {{"job", "seraphim-gateway"}};
  const Fetched fetched = net.source().fetch(wants, seconds(2));
  EXPECT_EQ(
      query_of(net.server("http://p:9090").requests().at(0)),
      encoded(
          R"(seraphim_inference_requests_total{job="seraphim-gateway",variant=~"baseline|candidate"}[15s])"));
  const auto& a = samples(fetched, "a");
  ASSERT_EQ(a.baseline.size(), 1u);
  ASSERT_EQ(a.candidate.size(), 1u);
  EXPECT_EQ(a.baseline[0].target, a.candidate[0].target);
}

TEST(MetricsSource, APromotedRevisionIsTheGatewaysBaseline) {
  Net net;
  net.server("http://p:9090")
      .answer(200, matrix({series({{"variant", "baseline"}, {"outcome", "success"}}, 1, "7"),
                           series({{"variant", "candidate"}, {"outcome", "success"}}, 1, "2")}));
  std::vector<Want> wants{want("a")};
  wants[0].source.preset = api::SeriesPreset::variant_label;
  wants[0].promoted = true;
  const Fetched fetched = net.source().fetch(wants, seconds(2));
  const auto& a = samples(fetched, "a");
  ASSERT_EQ(a.baseline.size(), 1u);
  ASSERT_EQ(a.candidate.size(), 1u);
  EXPECT_EQ(a.candidate[0].value, 7);
  EXPECT_EQ(a.baseline[0].value, 2);
}

TEST(MetricsSource, TargetsAreToldApartByEveryLabelButTheOutcome) {
  Net net;
  const auto of = [](const char* pod, const char* port, const char* outcome) {
    return series(
        {{"namespace", "shop"}, {"revision", "a-1"}, {"pod", pod}, {"instance", port}, {"outcome", outcome}},
        1, "1");
  };
  net.server("http://p:9090")
      .answer(200, matrix({of("x", "1", "success"), of("x", "1", "error"), of("x", "2", "success"),
                           of("y", "1", "success")}));
  const std::vector<Want> wants{want("a")};
  const Fetched fetched = net.source().fetch(wants, seconds(2));
  const auto& all = samples(fetched, "a").baseline;
  std::set<std::string> targets;
  for (const CounterSample& sample : all) targets.insert(sample.target);
  EXPECT_EQ(all.size(), 4u);
  EXPECT_EQ(targets.size(), 3u);
}

TEST(MetricsSource, ManyObjectsAreAskedForInChunks) {
  Net net;
  net.server("http://p:9090").otherwise([](const auto&) { return kubernetes::testing::ok(matrix({})); });
  std::vector<Want> wants;
  for (int i = 0; i < 101; ++i) wants.push_back(want("o" + std::to_string(i)));
  const Fetched fetched = net.source().fetch(wants, seconds(2));
  EXPECT_EQ(fetched.queries, 3);
  EXPECT_EQ(fetched.answers.size(), 101u);
  for (const auto& request : net.server("http://p:9090").requests()) EXPECT_LT(request.body.size(), 4000u);
}

TEST(MetricsSource, OneQuestionForEachServerAndWayOfAsking) {
  Net net;
  for (const char* address : {"http://p:9090", "http://q:9090/prom"}) {
    net.server(address).otherwise([](const auto&) { return kubernetes::testing::ok(matrix({})); });
  }
  std::vector<Want> wants{want("a"), want("b"), want("c"), want("d"), want("e")};
  wants[1].source.address = "http://p:9090/";  // the same server
  wants[2].source.address = "http://q:9090/prom";
  wants[3].source.match_labels = {{"job", "models"}};
  wants[4].window = std::chrono::minutes(10);
  MetricsSource source = net.source();
  EXPECT_EQ(source.fetch(wants, seconds(2)).queries, 4);
  EXPECT_EQ(net.server("http://p:9090").requests().size(), 3u);
  source.fetch(wants, seconds(2));
  EXPECT_THAT(net.made, ::testing::UnorderedElementsAre("http://p:9090", "http://q:9090/prom"))
      << "connections are kept";
  source.fetch(std::span(wants).first(1), seconds(2));
  source.fetch(wants, seconds(2));
  EXPECT_EQ(net.made.size(), 3u) << "a server that nobody wants is let go";
}

TEST(MetricsSource, AnUnreachableServerIsAskedOnceAndHurtsNobodyElse) {
  Net net;
  net.server("http://p:9090").fail(TransportError::connect);
  net.server("http://q:9090").answer(200, matrix({}));
  std::vector<Want> wants;
  for (int i = 0; i < 60; ++i) wants.push_back(want("o" + std::to_string(i)));
  wants.push_back(want("other"));
  wants.back().source.address = "http://q:9090";
  const Fetched fetched = net.source().fetch(wants, seconds(2));
  EXPECT_EQ(net.server("http://p:9090").requests().size(), 1u);
  ASSERT_EQ(fetched.answers.size(), 61u);
  for (int i = 0; i < 60; ++i) {
    const auto& no = std::get<NoSamples>(fetched.answers.at("o" + std::to_string(i)));
    EXPECT_EQ(no.reason, "MetricsUnavailable");
    EXPECT_THAT(no.message, HasSubstr("http://p:9090 cannot be reached"));
  }
  EXPECT_TRUE(std::holds_alternative<Samples>(fetched.answers.at("other")));
}

TEST(MetricsSource, ARefusedQueryDoesNotSilenceTheServer) {
  Net net;
  net.server("http://p:9090")
      .answer(400, R"({"status":"error","errorType":"bad_data","error":"no"})")
      .answer(200, matrix({}));
  std::vector<Want> wants{want("a"), want("b")};
  wants[1].source.match_labels = {{"job", "x"}};
  const Fetched fetched = net.source().fetch(wants, seconds(2));
  EXPECT_TRUE(std::holds_alternative<NoSamples>(fetched.answers.at("a")));
  EXPECT_TRUE(std::holds_alternative<Samples>(fetched.answers.at("b")));
}

TEST(MetricsSource, HistoryThatIsTooMuchIsDoneWithout) {
  Net net;
  net.server("http://p:9090").fail(TransportError::too_large).answer(200, matrix({}));
  std::vector<Want> wants{want("a")};
  wants[0].window = std::chrono::minutes(10);
  wants[0].essential_window = seconds(15);
  EXPECT_TRUE(std::holds_alternative<Samples>(net.source().fetch(wants, seconds(2)).answers.at("a")));
  const auto requests = net.server("http://p:9090").requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_THAT(requests[0].body, HasSubstr(percent_encode("[600s]")));
  EXPECT_THAT(requests[1].body, HasSubstr(percent_encode("[15s]")));
  net.server("http://p:9090").fail(TransportError::connect);
  net.source().fetch(wants, seconds(2));
  EXPECT_EQ(net.server("http://p:9090").requests().size(), 3u) << "nobody at home: no use in asking for less";
}

TEST(MetricsSource, HistoryIsAskedForAFewObjectsAtATime) {
  Net net;
  net.server("http://p:9090").otherwise([](const auto&) { return kubernetes::testing::ok(matrix({})); });
  std::vector<Want> wants;
  for (int i = 0; i < 12; ++i) wants.push_back(want("o" + std::to_string(i)));
  for (Want& each : wants) each.window = std::chrono::minutes(10);
  EXPECT_EQ(net.source().fetch(wants, seconds(2)).queries, 3);
}

TEST(MetricsSource, ABadAddressIsTheUsersToCorrect) {
  Net net;
  const std::vector<Want> wants{want("a")};
  const Fetched fetched = net.source().fetch(wants, seconds(2));
  EXPECT_EQ(std::get<NoSamples>(fetched.answers.at("a")).message,
            "analysis.prometheus.address http://p:9090 cannot be used: not a URL");
}

TEST(MetricsSource, ABadMatchLabelIsNotSent) {
  Net net;
  net.server("http://p:9090");
  std::vector<Want> wants{want("a")};
  wants[0].source.match_labels = {{"app.kubernetes.io/name", "x"}};
  const Fetched fetched = net.source().fetch(wants, seconds(2));
  EXPECT_THAT(std::get<NoSamples>(fetched.answers.at("a")).message, HasSubstr("is not a label name"));
  EXPECT_TRUE(net.server("http://p:9090").requests().empty());
}

TEST(MetricsSource, ResultOfTheWrongTypeIsSaid) {
  Net net;
  net.server("http://p:9090")
      .answer(200, R"({"status":"success","data":{"resultType":"vector","result":[]}})");
  const std::vector<Want> wants{want("a")};
  const Fetched fetched = net.source().fetch(wants, seconds(2));
  EXPECT_THAT(std::get<NoSamples>(fetched.answers.at("a")).message, HasSubstr("single values"));
}

TEST(MetricsSource, SeriesWithoutOutcomeCannotBeJudged) {
  Net net;
  net.server("http://p:9090")
      .answer(200, matrix({series({{"namespace", "shop"}, {"revision", "a-1"}}, 1, "7")}));
  const std::vector<Want> wants{want("a"), want("b")};
  const Fetched fetched = net.source().fetch(wants, seconds(2));
  EXPECT_THAT(std::get<NoSamples>(fetched.answers.at("a")).message, HasSubstr("no label outcome"));
  EXPECT_TRUE(std::holds_alternative<Samples>(fetched.answers.at("b")));
}

TEST(MetricsSource, WarningsAreForTheLog) {
  Net net;
  net.server("http://p:9090")
      .answer(200,
              R"({"status":"success","data":{"resultType":"matrix","result":[]},"warnings":["partial"]})");
  const std::vector<Want> wants{want("a")};
  const Fetched fetched = net.source().fetch(wants, seconds(2));
  EXPECT_THAT(fetched.warnings, ::testing::ElementsAre("Prometheus at http://p:9090 warns: partial"));
  EXPECT_TRUE(std::holds_alternative<Samples>(fetched.answers.at("a")));
}

TEST(MetricsSource, NobodyWantsAnything) {
  Net net;
  const Fetched fetched = net.source().fetch({}, seconds(2));
  EXPECT_TRUE(fetched.answers.empty());
  EXPECT_TRUE(net.made.empty());
}

}  // namespace
}  // namespace seraphim::prometheus
