// The command as people run it: options, files, tables, exit codes.
#include "cli/simulate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/recorded_prometheus.h"
#include "cli/timeline_text.h"
#include "replay/real_operator.h"

namespace seraphim::cli {
namespace {

using replay::testing::recorded;
using testing::Desk;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const replay::History& good() {
  static const auto kHistory = recorded({.length = std::chrono::seconds(600)});
  return kHistory;
}
const replay::History& bad() {
  static const auto kHistory = recorded({.candidate_rate = 0.2});
  return kHistory;
}

TEST(Simulate, AGoodCandidateIsExitZero) {
  Desk desk(good());
  const auto outcome = desk.simulate();
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("\na-2 would be promoted\n"));
  EXPECT_THAT(outcome.out, HasSubstr("WeightRaised: the weight of a-2 went from 0% to 10% for step 1 of 3"));
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(desk.addresses, std::vector<std::string>{"http://prometheus:9090"});
}

TEST(Simulate, ABadOneIsExitOne) {
  Desk desk(bad());
  const auto outcome = desk.simulate({"--prometheus", "http://elsewhere:9090/"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("a-2 would be rolled back: ErrorRate"));
  EXPECT_EQ(desk.addresses, std::vector<std::string>{"http://elsewhere:9090"});
}

TEST(Simulate, AnExportedHistoryGivesTheSame) {
  Desk desk(bad());
  const auto asked = desk.simulate({"--export", desk.path("history.json"), "--from", "20m"});
  EXPECT_EQ(asked.code, 1) << asked.err;
  const auto requests = desk.transport().requests().size();
  const auto read =
      desk.run({"simulate", "-f", desk.path("manifest.yaml"), "--history", desk.path("history.json")});
  EXPECT_EQ(read.out, asked.out);
  EXPECT_EQ(read.code, 1);
  EXPECT_EQ(desk.transport().requests().size(), requests) << "a file needs no server";
}

TEST(Simulate, ALongSpanIsAskedForByTheHour) {
  Desk desk(good());
  const auto outcome = desk.simulate({"--from", "3h"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(desk.transport().requests().size(), 4U);  // and the ten minutes before
  EXPECT_EQ(desk.simulate().out.substr(100), outcome.out.substr(100));
}

TEST(Simulate, TheManifestMayComeFromStdin) {
  Desk desk(good());
  desk.input = testing::kManifest;
  EXPECT_EQ(desk.run({"simulate", "-f", "-", "--stable", "a-1", "--candidate", "a-2"}).code, 0);
}

TEST(Simulate, ChartAndJson) {
  Desk desk(bad());
  const auto outcome = desk.simulate({"--chart", desk.path("chart.svg"), "--output", "json"});
  EXPECT_EQ(outcome.code, 1);
  const auto timeline = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(timeline.at("outcome"), "RolledBack");
  EXPECT_GT(timeline.at("looks").size(), 5U);
  EXPECT_EQ(timeline.at("weights").back().at("weight"), "0%");
  const std::string chart = desk.read("chart.svg");
  EXPECT_THAT(chart, StartsWith("<svg "));
  EXPECT_THAT(chart, EndsWith("</svg>\n"));
  EXPECT_THAT(chart, HasSubstr("rolled back"));
  EXPECT_THAT(chart, Not(HasSubstr("nan")));
}

TEST(Simulate, AsksForEveryMetricOfTheSpec) {
  Desk desk(good());
  std::string manifest = testing::kManifest;
  const std::string interval = "interval: 1s";
  manifest.replace(manifest.find(interval), interval.size(), interval + ", latency: {objective: 500ms}");
  desk.write("manifest.yaml", manifest);
  const auto outcome = desk.simulate({"--export", desk.path("history.json")});
  EXPECT_NE(outcome.code, 2) << outcome.err;
  EXPECT_TRUE(nlohmann::json::parse(desk.read("history.json")).at("metrics").contains("latency"));
}

std::string manifest_with_metric(const std::string& metric) {
  std::string manifest = testing::kManifest;
  const std::string interval = "interval: 1s";
  return manifest.replace(manifest.find(interval), interval.size(), interval + ", metrics: [" + metric + "]");
}

/// Two labels, each second of the history; so many of 1000 predictions are "no".
nlohmann::json predictions(const nlohmann::json& history, int no) {
  nlohmann::json of_no = {{"target", ""}, {"outcome", "label=no"}},
                 of_yes = {{"target", ""}, {"outcome", "label=yes"}};
  const auto span = history.at("to").get<std::int64_t>() - history.at("from").get<std::int64_t>();
  for (std::int64_t at = 0; at <= span; at += 1000) {
    for (const int value : {static_cast<int>(at), no}) of_no["points"].push_back(value);
    for (const int value : {static_cast<int>(at), 1000 - no}) of_yes["points"].push_back(value);
  }
  return nlohmann::json::array({of_no, of_yes});
}

TEST(Simulate, ADriftIsReplayed) {
  Desk desk(good());
  EXPECT_EQ(desk.simulate({"--export", desk.path("history.json"), "--from", "20m"}).code, 0);
  desk.write(
      "manifest.yaml",
      manifest_with_metric("{name: drift, drift: {measure: KL, baseline: 'p{r=\"{{stable}}\"}', candidate: "
                           "'p{r=\"{{candidate}}\"}', max: \"0.15\"}}"));
  for (const bool drifted : {false, true}) {
    auto history = nlohmann::json::parse(desk.read("history.json"));
    history["metrics"]["drift"] = {{"baseline", predictions(history, 500)},
                                   {"candidate", predictions(history, drifted ? 950 : 510)}};
    desk.write("with-drift.json", history.dump());
    const auto outcome =
        desk.run({"simulate", "-f", desk.path("manifest.yaml"), "--history", desk.path("with-drift.json")});
    EXPECT_EQ(outcome.code, drifted ? 1 : 0) << outcome.err;
    EXPECT_THAT(outcome.out,
                HasSubstr(drifted ? "a-2 would be rolled back: MetricDrifted: drift: KL 0.830 between "
                                    "1000 stable and 1000 candidate events is above 0.15 in 3 looks"
                                  : "a-2 would be promoted"));
  }
}

TEST(Simulate, TheStableModelsVersionIsToBeToldWhereAMetricAsksForIt) {
  Desk desk(good());
  std::string manifest =
      manifest_with_metric("{name: queue, value: {query: 'q{v=\"{{stableVersion}}\"}', max: \"1\"}}");
  const std::string pods = manifest.substr(
      manifest.find("pods: "), manifest.find('\n', manifest.find("pods: ")) - manifest.find("pods: "));
  manifest.replace(
      manifest.find(pods), pods.size(),
      "torchServe: {managementURL: 'http://t:8081', model: {name: text, version: '2.0', url: a.mar}}");
  const std::string route = "{gatewayAPI: {routes: [{name: sentiment}]}}";
  manifest.replace(manifest.find(route), route.size(), "{seraphimGateway: {}}");
  desk.write("manifest.yaml", manifest);
  const auto refused = desk.simulate();
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("asks for {{stableVersion}}; write --stable-version"));
  (void)desk.simulate({"--stable-version", "1.0"});
  bool asked = false;
  for (const auto& request : desk.transport().requests())
    asked = asked || testing::decode_form(request.body).find("q{v=\"1.0\"}") != std::string::npos;
  EXPECT_TRUE(asked);
}

struct Refused {
  std::vector<std::string> more;
  const char* says;
};
class Refusals : public ::testing::TestWithParam<Refused> {};

TEST_P(Refusals, AreExitTwoWithASentence) {
  Desk desk(good());
  const auto outcome = desk.simulate(GetParam().more);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, Refusals,
    ::testing::Values(
        Refused{{"--from", "yesterday"}, "--from \"yesterday\" is no time: write 2026"},
        Refused{{"--from", "10m", "--to", "20m"}, "--from must be before --to"},
        Refused{{"--stable", "a-1"}, "--stable and --candidate are required"},
        Refused{{"--stable", "a-1", "--candidate", "a-9"}, "the server has these revisions: a-1, a-2"},
        Refused{{"--history", "/nowhere.json"}, "/nowhere.json cannot be read: No such file"},
        Refused{{"--chart", "/nowhere/c.svg"}, "/nowhere/c.svg cannot be written: No such file"},
        Refused{{"--looks", "/dev/null"}, "/dev/null holds no look at shop/sentiment"},
        Refused{{"--output", "yaml"}, "--output"}, Refused{{"--aa", "--looks", "x"}, "excludes"},
        Refused{{"--what"}, "--what"}));

TEST(Simulate, ManifestsThatCannotBeUsed) {
  Desk desk(good());
  const auto refusal = [&](const std::string& manifest) {
    desk.write("manifest.yaml", manifest);
    const auto outcome = desk.simulate();
    EXPECT_EQ(outcome.code, 2);
    return outcome.err;
  };
  EXPECT_THAT(refusal("kind: Service"), HasSubstr("holds 0 objects of kind SeraphimDeployment"));
  EXPECT_THAT(refusal("a: [1"), HasSubstr("is not YAML that can be used"));
  std::string manifest = testing::kManifest;
  EXPECT_THAT(refusal(manifest + "---\n" + manifest), HasSubstr("holds 2 objects"));
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = manifest;
    return text.replace(text.find(from), from.size(), to);
  };
  EXPECT_THAT(refusal(replaced("weight: 10", "weight: 110")),
              HasSubstr("spec.strategy.canary.steps[0].weight"));
  EXPECT_THAT(
      refusal(replaced("  analysis: {prometheus: {address: \"http://prometheus:9090\"}, interval: 1s}", "")),
      HasSubstr("spec.analysis is missing"));
}

TEST(Simulate, AServerThatIsAwayIsExitTwo) {
  Desk desk(good());
  desk.transport().fail(kubernetes::TransportError::connect);
  const auto outcome = desk.simulate();
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("Prometheus at http://prometheus:9090 cannot be reached"));
}

TEST(Simulate, AaReportsFalseAlarms) {
  Desk desk(good());
  const std::vector<std::string> words{"simulate", "-f",  desk.path("manifest.yaml"),
                                       "--stable", "a-1", "--aa"};
  const auto outcome = desk.run(words);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("a-1-0 as the candidate: "));
  EXPECT_THAT(outcome.out, EndsWith("aa: 2 replays, 0 false alarms\n"));
  Desk alone(recorded({.stable_pods = 1}));
  auto there = words;
  there[2] = alone.path("manifest.yaml");
  const auto refused = alone.run(there);
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("needs two or more; the history has samples of 1"));
}

TEST(Simulate, ComparesWithTheOperatorsLog) {
  Desk desk(bad());
  auto object = replay::testing::manifest();
  replay::testing::RealOperator real(object, bad(), 7);
  std::string log;
  for (auto line : real.work()) {
    const std::string ours = api::revision_name(object.name, object.spec.workload);
    line.replace(line.find(ours), ours.size(), "a-2");
    log += line + "\n";
  }
  desk.write("operator.log", "something else\n" + log);
  const auto same = desk.simulate({"--compare", desk.path("operator.log")});
  EXPECT_EQ(same.code, 1) << same.err;
  EXPECT_THAT(same.err, HasSubstr(" looks, 0 differ\n"));
  const auto place = log.find("look: candidate ", log.size() / 2) + std::string("look: candidate ").size();
  log.insert(place, "9");
  desk.write("operator.log", log);
  const auto other = desk.simulate({"--compare", desk.path("operator.log")});
  EXPECT_EQ(other.code, 3);
  EXPECT_THAT(other.err, HasSubstr(" looks, 1 differ\n"));
  EXPECT_THAT(other.err, HasSubstr(": counts: candidate "));
}

TEST(Program, HelpAndVersion) {
  Desk desk(good());
  EXPECT_EQ(desk.run({"--version"}).code, 0);
  EXPECT_THAT(desk.run({"--version"}).out, StartsWith("kubectl-seraphim "));
  const auto help = desk.run({"simulate", "--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.out, HasSubstr("Exit codes: 0 it would be promoted"));
  EXPECT_EQ(desk.run({}).code, 2);
  EXPECT_EQ(desk.run({"fly"}).code, 2);
}

TEST(Table, ReadsAsAStory) {
  replay::Timeline timeline;
  timeline.stable = "a-1";
  timeline.candidate = "a-2";
  timeline.from = replay::testing::kBegin;
  timeline.to = timeline.from + std::chrono::seconds(3);
  api::EvidenceStatus evidence;
  evidence.candidate_requests = 12;
  evidence.candidate_failures = 3;
  evidence.baseline_requests = 110;
  evidence.rollback_evidence = "101 of 100";
  evidence.promotion_evidence = "0.2 of 20";
  timeline.looks.push_back({timeline.from + std::chrono::milliseconds(1120), 1, api::Percent::whole(10),
                            api::Phase::rolled_back, "RollBack:ErrorRateWorseThanStable", evidence});
  rollout::Narrative started, back;
  started.reason = "CandidateStarted";
  started.message = "a-2 comes up";
  back.reason = "RolledBack";
  back.message = "rolled back a-2";
  timeline.story = {{timeline.from, started}, {timeline.looks[0].at, back}};
  timeline.outcome = replay::Outcome::rolled_back;
  timeline.reason = "ErrorRateWorseThanStable";
  timeline.message = "candidate 3 of 12 requests failed";
  EXPECT_EQ(to_table(timeline),
            R"(a-2 beside a-1, 2024-12-18T00:00:00Z to 2024-12-18T00:00:03Z

time          step  weight       candidate          stable       rollback      promotion  verdict
00:00:00.000  CandidateStarted: a-2 comes up
00:00:01.120     1     10%         3 of 12        0 of 110     101 of 100      0.2 of 20  RollBack:ErrorRateWorseThanStable
00:00:01.120  RolledBack: rolled back a-2

a-2 would be rolled back: ErrorRateWorseThanStable: candidate 3 of 12 requests failed
)");
}

}  // namespace
}  // namespace seraphim::cli
