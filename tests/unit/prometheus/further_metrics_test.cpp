// Latencies by histogram buckets, and the queries that users write themselves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "analysis/increments.h"
#include "kubernetes/fake_transport.h"
#include "prometheus/form.h"
#include "prometheus/latency.h"
#include "prometheus/metrics_source.h"

namespace seraphim::prometheus {
namespace {

using analysis::NoSamples;
using analysis::Samples;
using analysis::Side;
using nlohmann::json;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

Matrix::Series bucket(const std::string& le, double count) {
  return {{{"le", le}}, {{api::Time(10s), count}}, {}};
}

/// The good and all requests of a side's only target.
std::pair<double, double> good_and_all(const std::vector<analysis::CounterSample>& side) {
  std::pair<double, double> counts{-1, -1};
  for (const auto& sample : side)
    (sample.outcome == std::string(1, analysis::kGood) ? counts.first : counts.second) = sample.value;
  return counts;
}

TEST(LatencyBuckets, TheSmallestAtOrAboveTheObjectiveIsTaken) {
  LatencyReader reader;
  for (const Side side : {Side::baseline, Side::candidate}) {
    reader.add(side, "pod", bucket("0.25", 3));
    reader.add(side, "pod", bucket("0.5", 5));
    reader.add(side, "pod", bucket("1.0", 7));
    reader.add(side, "pod", bucket("+Inf", 8));
  }
  const auto between = std::get<Samples>(reader.samples(300ms));
  EXPECT_EQ(between.basis, "the bucket up to 0.5 s");
  EXPECT_EQ(good_and_all(between.baseline), std::pair(5.0, 8.0));
  EXPECT_EQ(good_and_all(between.candidate), std::pair(5.0, 8.0));
  EXPECT_EQ(std::get<Samples>(reader.samples(500ms)).basis, "the bucket up to 0.5 s");
  EXPECT_EQ(std::get<Samples>(reader.samples(501ms)).basis, "the bucket up to 1 s");
  const auto above = reader.samples(2s);
  EXPECT_THAT(
      std::get<NoSamples>(above).message,
      HasSubstr("at or above the objective of 2 s is common to all pods; the largest common one is 1 s"));
}

TEST(LatencyBuckets, OnlyOneThatAllPodsHaveIsTaken) {
  LatencyReader reader;
  for (const char* le : {"0.5", "1", "+Inf"}) reader.add(Side::baseline, "old", bucket(le, 4));
  for (const char* le : {"0.4", "1.0", "+Inf"}) reader.add(Side::candidate, "new", bucket(le, 6));
  EXPECT_EQ(std::get<Samples>(reader.samples(300ms)).basis, "the bucket up to 1 s")
      << "1 and 1.0 are the same";
  reader.add(Side::candidate, "odd", bucket("+Inf", 6));
  EXPECT_TRUE(std::holds_alternative<NoSamples>(reader.samples(300ms)));
}

TEST(LatencyBuckets, NothingSeenIsNoFault) {
  const auto samples = std::get<Samples>(LatencyReader{}.samples(300ms));
  EXPECT_TRUE(samples.baseline.empty());
  EXPECT_TRUE(samples.basis.empty());
}

TEST(LatencyBuckets, OfANativeHistogramThoseThatBeginBelowTheObjectiveAreGood) {
  Matrix::Series native;
  native.histograms = {{api::Time(10s), 10, {{-0.001, 0.001, 1}, {0.25, 0.5, 4}, {0.5, 1, 3}, {1, 2, 2}}}};
  LatencyReader reader;
  reader.add(Side::candidate, "pod", native);
  const auto samples = std::get<Samples>(reader.samples(500ms));
  EXPECT_EQ(good_and_all(samples.candidate), std::pair(5.0, 10.0));
  EXPECT_THAT(samples.basis, HasSubstr("native"));
  EXPECT_EQ(good_and_all(std::get<Samples>(reader.samples(600ms)).candidate), std::pair(8.0, 10.0));
  reader.add(Side::baseline, "pod", bucket("+Inf", 8));
  EXPECT_THAT(std::get<NoSamples>(reader.samples(500ms)).message, HasSubstr("the same kind"));
}

class UserQueries : public ::testing::Test {
 protected:
  /// Answers by what the decoded query contains.
  void serve(std::map<std::string, json> results, const std::string& type) {
    server_->otherwise([results = std::move(results), type](const kubernetes::Request& request) {
      json found = json::array();
      for (const auto& [query, result] : results) {
        if (request.body.find("query=" + percent_encode(query) + "&") != std::string::npos) found = result;
      }
      return kubernetes::testing::ok(
          json{{"status", "success"}, {"data", {{"resultType", type}, {"result", found}}}}.dump());
    });
  }
  Answer ask(analysis::Series series, api::Duration resolution = api::Duration::zero()) {
    Want want{.id = "web",
              .source = {},
              .object_namespace = "shop",
              .object_name = "web",
              .baseline = "web-1",
              .candidate = "web-2",
              .baseline_version = "1.0",
              .candidate_version = "2.0",
              .series = std::move(series),
              .resolution = resolution,
              .window = 15s};
    want.source.address = "http://p:9090/";
    const std::vector<Want> wants{want};
    return source_.fetch(wants, 2s).answers.at("web");
  }

  std::shared_ptr<kubernetes::testing::FakeTransport> server_ =
      std::make_shared<kubernetes::testing::FakeTransport>();
  MetricsSource source_{[this](const std::string&) { return server_; }};
};

json counter(const std::string& instance, const std::string& code, const std::string& value) {
  return {{"metric", {{"job", "web"}, {"instance", instance}, {"code", code}}},
          {"values", json::array({json::array({10, value})})}};
}

TEST_F(UserQueries, ARatioAsksForBothCountersOfBothRevisions) {
  serve({{R"(hits{r="web-1",code=~"2.."}[15s])",
          json::array({counter("a", "200", "5"), counter("a", "204", "1")})},
         {R"(hits{r="web-1"}[15s])", json::array({counter("a", "200", "5"), counter("a", "500", "2")})},
         {R"(hits{r="web-2",code=~"2.."}[15s])", json::array({counter("b", "200", "7")})},
         {R"(hits{r="web-2"}[15s])", json::array({counter("b", "200", "7")})}},
        "matrix");
  const auto answer =
      ask(analysis::RatioSeries{R"(hits{r="{{revision}}",code=~"2.."})", R"(hits{r="{{revision}}"})", false});
  EXPECT_EQ(server_->requests().size(), 4u);
  const auto& samples = std::get<Samples>(answer);
  ASSERT_EQ(samples.baseline.size(), 4u);
  ASSERT_EQ(samples.candidate.size(), 2u);
  EXPECT_EQ(samples.baseline[0].outcome.front(), analysis::kGood);
  EXPECT_NE(samples.baseline[0].outcome, samples.baseline[1].outcome) << "series are told apart";
  EXPECT_EQ(samples.baseline[2].outcome.front(), analysis::kTotalOfGood);
  EXPECT_EQ(samples.baseline[0].value + samples.baseline[1].value, 6);
  EXPECT_EQ(samples.baseline[2].value + samples.baseline[3].value, 7);
  EXPECT_EQ(samples.baseline[0].target, samples.baseline[3].target) << "one process counts them all";
  EXPECT_NE(samples.baseline[0].target, samples.candidate[0].target);
}

TEST_F(UserQueries, ARatioOfBadEventsSaysSo) {
  serve({{R"(bad{r="web-2"}[15s])", json::array({counter("b", "1", "3")})},
         {R"(all{r="web-2"}[15s])", json::array({counter("b", "1", "9")})}},
        "matrix");
  const auto answer =
      ask(analysis::RatioSeries{R"(bad{r="{{revision}}"})", R"(all{r="{{revision}}"})", true});
  const auto& candidate = std::get<Samples>(answer).candidate;
  ASSERT_EQ(candidate.size(), 2u);
  EXPECT_EQ(candidate[0].outcome.front(), analysis::kBad);
  EXPECT_EQ(candidate[1].outcome.front(), analysis::kTotalOfBad);
}

TEST_F(UserQueries, AValueIsAskedForOnceWithItsPlaceholdersFilled) {
  serve({{R"(max(q{r="web-2",n="shop"}) - max(q{r="web-1"}))",
          json::array({{{"metric", json::object()}, {"value", json::array({11, "2.5"})}}})}},
        "vector");
  const auto answer =
      ask(analysis::ValueSeries{R"(max(q{r="{{candidate}}",n="{{namespace}}"}) - max(q{r="{{stable}}"}))"});
  const auto& candidate = std::get<Samples>(answer).candidate;
  ASSERT_EQ(candidate.size(), 1u);
  EXPECT_EQ(candidate[0].value, 2.5);
  EXPECT_EQ(candidate[0].at, api::Time(11s));
}

TEST_F(UserQueries, VersionsOfModelsAreFilledIn) {
  serve({{R"(q{model_version="2.0"} - q{model_version="1.0"})",
          json::array({{{"metric", json::object()}, {"value", json::array({11, "2.5"})}}})}},
        "vector");
  const auto answer = ask(analysis::ValueSeries{
      R"(q{model_version="{{candidateVersion}}"} - q{model_version="{{stableVersion}}"})"});
  EXPECT_EQ(std::get<Samples>(answer).candidate.size(), 1u);
}

TEST_F(UserQueries, SeveralValuesAreNone) {
  const json one{{"metric", json::object()}, {"value", json::array({11, "2.5"})}};
  serve({{"q", json::array({one, one})}}, "vector");
  EXPECT_THAT(std::get<NoSamples>(ask(analysis::ValueSeries{"q"})).message,
              HasSubstr("is 2 values; write a query with one"));
}

TEST_F(UserQueries, AHistoryOfValuesIsASubquery) {
  serve({{"(max(q))[15s:5s]",
          json::array({{{"metric", json::object()},
                        {"values", json::array({json::array({5, "1"}), json::array({10, "2"})})}}})}},
        "matrix");
  const auto answer = ask(analysis::ValueSeries{"max(q)"}, 5s);
  EXPECT_EQ(std::get<Samples>(answer).candidate.size(), 2u);
}

json by_label(const std::string& label, const std::string& value) {
  return {{"metric", {{"label", label}}}, {"value", json::array({11, value})}};
}

analysis::DriftSeries predictions() {
  return {R"(sum by (label) (p{v="{{stableVersion}}"}))", R"(sum by (label) (p{v="{{candidateVersion}}"}))"};
}

TEST_F(UserQueries, ADriftAsksForBothSidesByLabel) {
  serve({{R"(sum by (label) (p{v="1.0"}))", json::array({by_label("no", "90"), by_label("yes", "10")})},
         {R"(sum by (label) (p{v="2.0"}))", json::array({by_label("no", "7.5")})}},
        "vector");
  const auto answer = ask(predictions());
  EXPECT_EQ(server_->requests().size(), 2u);
  const auto& samples = std::get<Samples>(answer);
  ASSERT_EQ(samples.baseline.size(), 2u);
  ASSERT_EQ(samples.candidate.size(), 1u);
  EXPECT_EQ(samples.baseline[1], (analysis::CounterSample{"", "label=yes", 10, api::Time(11s)}));
  EXPECT_EQ(samples.candidate[0], (analysis::CounterSample{"", "label=no", 7.5, api::Time(11s)}));
}

TEST_F(UserQueries, OneQueryOfADriftMayServeBothSides) {
  serve({{R"(p{r="web-1"})", json::array({by_label("no", "90")})},
         {R"(p{r="web-2"})", json::array({by_label("no", "7")})}},
        "vector");
  const auto answer = ask(analysis::DriftSeries{R"(p{r="{{revision}}"})", R"(p{r="{{revision}}"})"});
  EXPECT_EQ(std::get<Samples>(answer).baseline.at(0).value, 90);
  EXPECT_EQ(std::get<Samples>(answer).candidate.at(0).value, 7);
}

TEST_F(UserQueries, ADriftWithValuesThatAreNoNumbersIsNone) {
  for (const char* odd : {"NaN", "+Inf"}) {
    serve({{R"(sum by (label) (p{v="1.0"}))", json::array({by_label("no", "90")})},
           {R"(sum by (label) (p{v="2.0"}))", json::array({by_label("no", "7"), by_label("yes", odd)})}},
          "vector");
    EXPECT_THAT(std::get<NoSamples>(ask(predictions())).message,
                HasSubstr("has values that are no finite numbers; write a query of counts"))
        << odd;
  }
}

TEST_F(UserQueries, ADriftOfAWindowIsNone) {
  serve({{R"(p[5m])", json::array({counter("a", "200", "5")})}}, "matrix");
  EXPECT_THAT(std::get<NoSamples>(ask(analysis::DriftSeries{"p[5m]", "p[5m]"})).message,
              HasSubstr("is a window of samples; write a query with one value for each label"));
}

TEST_F(UserQueries, AHistoryOfADriftIsTwoSubqueries) {
  const auto over_time = [](const std::string& label) {
    return json{{"metric", {{"label", label}}},
                {"values", json::array({json::array({5, "1"}), json::array({10, "2"})})}};
  };
  serve({{R"((sum by (label) (p{v="1.0"}))[15s:5s])", json::array({over_time("no"), over_time("yes")})},
         {R"((sum by (label) (p{v="2.0"}))[15s:5s])", json::array({over_time("no")})}},
        "matrix");
  const auto samples = std::get<Samples>(ask(predictions(), 5s));
  EXPECT_EQ(samples.baseline.size(), 4u);
  EXPECT_EQ(samples.candidate.size(), 2u);
}

TEST_F(UserQueries, ARefusalIsNoSamples) {
  server_->otherwise([](const auto&) {
    return kubernetes::testing::reply(400,
                                      R"({"status":"error","errorType":"bad_data","error":"parse error"})");
  });
  EXPECT_THAT(std::get<NoSamples>(ask(analysis::ValueSeries{"max("})).message, HasSubstr("parse error"));
  EXPECT_EQ(std::get<NoSamples>(ask(analysis::RatioSeries{"a", "b", false})).reason, "MetricsUnavailable");
  EXPECT_EQ(std::get<NoSamples>(ask(predictions())).reason, "MetricsUnavailable");
}

}  // namespace
}  // namespace seraphim::prometheus
