// compare, errors and traffic (R2, E4, C1, C2): the platform's questions, put right.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/comparison_text.h"
#include "cli/figures_text.h"
#include "cluster_desk.h"
#include "recorded_prometheus.h"

namespace seraphim::cli {
namespace {

using testing::ClusterDesk;
using ::testing::HasSubstr;
using testing::json;
using ::testing::Not;
using Points = std::vector<std::pair<int, double>>;  // seconds before now, value

/// A Prometheus with the counters that a test names.
struct MeasuredDesk : ClusterDesk {
  json series = json::array();
  json quantiles = json::array();
  std::map<std::string, json> predictions{};  ///< answers to the queries that contain this
  std::vector<std::string> questions{};

  MeasuredDesk() {
    cluster->object()["status"]["weight"] = {{"desired", "5%"}, {"applied", "5%"}};
    web->otherwise([this](const kubernetes::Request& request) {
      const std::string form = testing::decode_form(request.body);
      questions.push_back(form);
      for (const auto& [query, result] : predictions) {
        if (form.find(query) == std::string::npos) continue;
        return kubernetes::testing::ok(
            json{{"status", "success"}, {"data", {{"resultType", "vector"}, {"result", result}}}}.dump());
      }
      const bool quantile = form.find("histogram_quantile") != std::string::npos;
      return kubernetes::testing::ok(
          json{{"status", "success"},
               {"data",
                {{"resultType", quantile ? "vector" : "matrix"}, {"result", quantile ? quantiles : series}}}}
              .dump());
    });
  }
  void add(const std::string& label, const std::string& who, const std::string& outcome,
           const Points& points) {
    json values = json::array();
    for (const auto& [ago, value] : points) {
      const auto at = now - std::chrono::seconds(ago);
      values.push_back({static_cast<double>(at.time_since_epoch().count()) / 1000, std::to_string(value)});
    }
    series.push_back({{"metric",
                       {{"__name__", "seraphim_inference_requests_total"},
                        {label, who},
                        {"namespace", "shop"},
                        {"pod", who + "-0"},
                        {"outcome", outcome}}},
                      {"values", values}});
  }
  void add_both() {
    add("revision", name_of(1), "success", {{60, 100}, {30, 300}, {1, 640}});
    add("revision", name_of(1), "timeout", {{60, 0}, {30, 0}, {1, 1}});
    add("revision", name_of(2), "success", {{60, 0}, {30, 10}, {1, 27}});
    add("revision", name_of(2), "http_error", {{30, 1}, {1, 3}});
  }
};

TEST(Compare, R2TellsFiguresEvidenceAndTheOperatorsVerdict) {
  MeasuredDesk desk;
  desk.add_both();
  desk.quantiles = json::array({{{"metric", {{"revision", desk.name_of(2)}}}, {"value", {1, "0.0412"}}},
                                {{"metric", {{"revision", desk.name_of(1)}}}, {"value", {1, "NaN"}}}});
  const auto said = desk.run({"compare", "web"});
  EXPECT_EQ(said.code, kGood) << said.err;
  EXPECT_THAT(said.out, HasSubstr("requests     541             30\n"));
  EXPECT_THAT(said.out, HasSubstr("errors       1               3\n"));
  EXPECT_THAT(said.out, HasSubstr("error ratio  0.2 %           10.0 %\n"));
  EXPECT_THAT(said.out, HasSubstr("requests/s   9.17            0.51\n"));
  EXPECT_THAT(said.out, HasSubstr("p95 latency  none            41 ms\n")) << "NaN is no value";
  EXPECT_THAT(said.out, HasSubstr("Verdict: not worse so far"));
  EXPECT_EQ(desk.addresses.front(), "http://prometheus:9090");
}

TEST(Compare, R2ADriftIsLookedAtToo) {
  MeasuredDesk desk;
  desk.add_both();
  desk.cluster->object()["spec"]["analysis"]["metrics"] =
      json::array({{{"name", "drift"},
                    {"drift",
                     {{"measure", "KL"},
                      {"baseline", "predictions{r=\"{{stable}}\"}"},
                      {"candidate", "predictions{r=\"{{candidate}}\"}"},
                      {"max", "0.15"}}}}});
  const auto counts = [&](int no, int yes) {
    const auto at = static_cast<double>(desk.now.time_since_epoch().count()) / 1000;
    const auto of = [&](const char* label, int count) {
      return json{{"metric", {{"label", label}}}, {"value", json::array({at, std::to_string(count)})}};
    };
    return json::array({of("no", no), of("yes", yes)});
  };
  desk.predictions["predictions{r=\"" + desk.name_of(1) + "\"}"] = counts(500, 500);
  desk.predictions["predictions{r=\"" + desk.name_of(2) + "\"}"] = counts(475, 25);
  const auto said = desk.run({"compare", "web"});
  EXPECT_EQ(said.code, kBad) << said.err;
  EXPECT_THAT(said.out,
              HasSubstr("KL 0.830 between 1000 stable and 500 candidate events is above 0.15 in 1 of 3 "
                        "looks in a row"));
  EXPECT_THAT(said.out, HasSubstr("Verdict: suspicious"));
}

TEST(Compare, R2NoDataIsNeverGood) {
  MeasuredDesk desk;
  const auto said = desk.run({"compare", "web"});
  EXPECT_EQ(said.code, kUnusable);
  EXPECT_THAT(said.err, HasSubstr("has no sample of seraphim_inference_requests_total"));
}

TEST(Compare, R2TheVerdictDecidesTheExitCode) {
  Compared compared;
  EXPECT_EQ(exit_code_of(compared), kGood);
  compared.assessment.suspicious = true;
  EXPECT_EQ(exit_code_of(compared), kBad);
  compared.assessment.suspicious = false;
  compared.assessment.verdict = analysis::RollBack{"ErrorRateWorseThanStable", "3 of 4"};
  EXPECT_EQ(exit_code_of(compared), kBad);
  EXPECT_EQ(verdict_text(compared.assessment), "worse: ErrorRateWorseThanStable: 3 of 4");
  compared.assessment.verdict = analysis::Unavailable{"MetricsStale", "too old"};
  EXPECT_EQ(exit_code_of(compared), kUnusable);
  compared.assessment.verdict = analysis::Promote{};
  EXPECT_EQ(exit_code_of(compared), kGood);
}

TEST(Compare, R2IsJsonForScripts) {
  MeasuredDesk desk;
  desk.add_both();
  const auto said = desk.run({"compare", "web", "-o", "json", "--prometheus", "http://localhost:9090/"});
  ASSERT_EQ(said.code, kGood) << said.err;
  const json all = json::parse(said.out);
  EXPECT_EQ(all["candidate"]["errors"], 3);
  EXPECT_EQ(all["candidate"]["errorRatio"], 0.1);
  EXPECT_TRUE(all["candidate"]["p95Seconds"].is_null());
  EXPECT_EQ(all["stable"]["byOutcome"]["timeout"], 1);
  EXPECT_EQ(all["verdict"], "Continue");
  EXPECT_EQ(desk.addresses.front(), "http://localhost:9090");
}

TEST(Compare, R2WithoutACandidateThereIsNothingToCompare) {
  MeasuredDesk desk;
  desk.add_both();
  desk.cluster->object()["status"].erase("candidateRevision");
  const auto said = desk.run({"compare", "web"});
  EXPECT_EQ(said.code, kUnusable);
  EXPECT_THAT(said.err, HasSubstr("nothing is compared now"));
}

TEST(Errors, E4AreDividedByTheRequestsOfTheSameRevision) {
  MeasuredDesk desk;
  desk.add_both();
  const auto said = desk.run({"errors", "web"});
  EXPECT_EQ(said.code, kGood) << said.err;
  EXPECT_THAT(said.out,
              HasSubstr(desk.name_of(2) + "  30        3       10.0 %       0.051     http_error 3\n"));
  EXPECT_EQ(desk.run({"errors", "web", "--most", "5%"}).code, kBad) << "a blended rate would be 0.7 %";
  EXPECT_EQ(desk.run({"errors", "web", "--most", "10%"}).code, kGood);
}

TEST(Errors, C2OfTheGatewayNeedNoCluster) {
  MeasuredDesk desk;
  desk.add("variant", "baseline", "success", {{60, 0}, {1, 90}});
  const auto said = desk.run({"errors", "--gateway"});
  EXPECT_EQ(said.code, kGood) << said.err;
  EXPECT_THAT(said.out, HasSubstr("baseline   90        0       0.0 %        0.000\n"))
      << "no error is 0, not nothing";
  EXPECT_THAT(said.out, HasSubstr("candidate  0         0       none         0.000\n"))
      << "no traffic is not 0 %";
  EXPECT_TRUE(desk.cluster->requests.empty());
  EXPECT_EQ(desk.addresses.front(), "http://localhost:9090");
  EXPECT_THAT(desk.web->requests().at(0).body,
              HasSubstr("%7Bvariant%3D~%22baseline%7Ccandidate%22%7D%5B300s%5D"));
}

TEST(Traffic, C1IsComparedWithWhatTheRouterWasTold) {
  MeasuredDesk desk;
  desk.add_both();
  auto said = desk.run({"traffic", "web"});
  EXPECT_EQ(said.code, kGood) << said.err;
  EXPECT_THAT(said.out, HasSubstr(desk.name_of(2) + "  30        0.51        5.3 %   5.0 %\n"));
  desk.cluster->object()["status"]["weight"]["applied"] = "50%";
  said = desk.run({"traffic", "web"});
  EXPECT_EQ(said.code, kBad);
  EXPECT_THAT(said.out, HasSubstr("the router does not do what it was told"));
  desk.cluster->object()["status"]["stepStartedAt"] = api::format_time(desk.now - std::chrono::seconds(20));
  said = desk.run({"traffic", "web"});
  EXPECT_EQ(said.code, kGood) << "half of the window is of another weight";
  EXPECT_THAT(said.out, HasSubstr("the weight was changed within the window"));
}

TEST(Figures, AProcessThatRestartedCountsFromZero) {
  const auto at = [](int second) { return api::Time(std::chrono::seconds(second)); };
  analysis::Samples samples;
  samples.baseline = {
      {"a", "success", 100, at(0)}, {"a", "success", 110, at(5)}, {"a", "success", 4, at(10)}};
  const Figures figures = figures_of(samples);
  EXPECT_EQ(figures.baseline.requests(), 14);
  EXPECT_EQ(figures.span, std::chrono::seconds(10));
  EXPECT_EQ(figures.candidate.error_ratio(), std::nullopt);
}

}  // namespace
}  // namespace seraphim::cli
