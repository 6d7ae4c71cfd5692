// When Prometheus is asked about whom, and whose answers are kept.
#include "operator/metrics_collector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "kubernetes/fake_transport.h"
#include "kubernetes/hand_clock.h"

namespace seraphim::op {
namespace {

using kubernetes::ObjectKey;
using nlohmann::json;
using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const ObjectKey kWeb{"shop", "web"}, kApi{"shop", "api"};

class MetricsCollectorTest : public ::testing::Test {
 protected:
  MetricsCollectorTest() {
    collector_.on_sooner([this] { ++wakes_; });
    server_->otherwise([](const auto&) { return kubernetes::testing::ok(matrix({})); });
  }

  static std::string matrix(const std::vector<std::string>& revisions) {
    json series = json::array();
    for (const auto& revision : revisions) {
      series.push_back(
          {{"metric", {{"namespace", "shop"}, {"revision", revision}, {"pod", "p"}, {"outcome", "success"}}},
           {"values", json::array({json::array({10.5, "7"})})}});
    }
    return json{{"status", "success"}, {"data", {{"resultType", "matrix"}, {"result", series}}}}.dump();
  }
  static Question question(const std::string& name, std::chrono::milliseconds interval = 5s) {
    Question question;
    question.source.address = "http://p:9090";
    question.interval = interval;
    question.baseline = name + "-1";
    question.candidate = name + "-2";
    return question;
  }
  std::size_t samples(const ObjectKey& key, const std::string& baseline, const std::string& candidate) {
    const auto answers = collector_.latest(key, baseline, candidate);
    if (!answers) return 0;
    const auto& found = std::get<analysis::Samples>(answers->requests);
    return found.baseline.size() + found.candidate.size();
  }
  /// From now on; nothing when nobody is compared.
  std::optional<std::chrono::milliseconds> next() {
    const auto due = collector_.next_due();
    if (!due) return std::nullopt;
    return std::chrono::duration_cast<std::chrono::milliseconds>(*due - clock_.steady());
  }
  std::size_t asked() { return server_->requests().size(); }

  kubernetes::testing::HandClock clock_;
  std::shared_ptr<kubernetes::testing::FakeTransport> server_ =
      std::make_shared<kubernetes::testing::FakeTransport>();
  std::vector<std::string> addresses_;
  prometheus::MetricsSource source_{
      [this](const std::string& address) -> std::shared_ptr<kubernetes::Transport> {
        addresses_.push_back(address);
        return server_;
      }};
  MetricsCollector collector_{source_, clock_};
  int wakes_ = 0;
};

TEST_F(MetricsCollectorTest, NobodyIsComparedAndNobodyIsAsked) {
  EXPECT_EQ(next(), std::nullopt);
  EXPECT_THAT(collector_.step({}), IsEmpty());
  EXPECT_EQ(asked(), 0u);
}

TEST_F(MetricsCollectorTest, AsksAtOnceThenOncePerInterval) {
  collector_.watch(kWeb, question("web"));
  EXPECT_EQ(wakes_, 1);
  EXPECT_EQ(next(), 0ms);
  EXPECT_THAT(collector_.step({}), ElementsAre(kWeb));
  EXPECT_EQ(next(), 5000ms);
  EXPECT_THAT(collector_.step({}), IsEmpty()) << "not due yet";
  clock_.advance(4900ms);
  EXPECT_THAT(collector_.step({}), IsEmpty());
  EXPECT_EQ(asked(), 1u);
  clock_.advance(100ms);
  EXPECT_THAT(collector_.step({}), ElementsAre(kWeb));
  EXPECT_EQ(asked(), 2u);
}

TEST_F(MetricsCollectorTest, RepeatingAQuestionChangesNothing) {
  collector_.watch(kWeb, question("web"));
  server_->answer(200, matrix({"web-1"}));
  collector_.step({});
  clock_.advance(1s);
  collector_.watch(kWeb, question("web"));
  EXPECT_EQ(wakes_, 1);
  EXPECT_EQ(next(), 4000ms);
  EXPECT_EQ(samples(kWeb, "web-1", "web-2"), 1u) << "the answer was dropped";
}

TEST_F(MetricsCollectorTest, OneQueryForAllThatAreDueTogether) {
  collector_.watch(kWeb, question("web"));
  clock_.advance(40ms);
  collector_.watch(kApi, question("api"));
  server_->answer(200, matrix({"web-1", "web-2", "api-2"}));
  EXPECT_THAT(collector_.step({}), ElementsAre(kApi, kWeb));
  ASSERT_EQ(asked(), 1u);
  EXPECT_THAT(server_->requests()[0].body, AllOf(HasSubstr("web-1"), HasSubstr("api-2")));
  EXPECT_EQ(samples(kWeb, "web-1", "web-2"), 2u);
  EXPECT_EQ(samples(kApi, "api-1", "api-2"), 1u);
}

TEST_F(MetricsCollectorTest, ThoseThatAreDueAlmostNowGoAlong) {
  collector_.watch(kWeb, question("web"));
  collector_.step({});
  clock_.advance(40ms);
  collector_.watch(kApi, question("api"));
  collector_.step({});
  clock_.advance(4960ms);  // web is due, api in 40 ms
  EXPECT_THAT(collector_.step({}), ElementsAre(kApi, kWeb));
  clock_.advance(2s);
  collector_.watch(kApi, question("other"));
  EXPECT_THAT(collector_.step({}), ElementsAre(kApi)) << "web is due much later";
}

TEST_F(MetricsCollectorTest, HoweverManyObjectsAServerIsAskedAtMostTwiceInAnInterval) {
  constexpr int kObjects = 30;
  for (int i = 0; i < kObjects; ++i) {
    clock_.advance(170ms);
    collector_.watch({"shop", "web-" + std::to_string(i)}, question("web-" + std::to_string(i)));
    collector_.step({});
  }
  const auto before = asked();
  std::map<std::string, int> answers;
  for (const auto end = clock_.steady() + 50s; *next() + clock_.steady() < end;) {
    clock_.advance(*next());
    for (const auto& key : collector_.step({})) ++answers[key.name];
  }
  EXPECT_LE(asked() - before, 20u);
  EXPECT_EQ(answers.size(), static_cast<std::size_t>(kObjects));
  for (const auto& [name, count] : answers) EXPECT_GE(count, 9) << name;
}

TEST_F(MetricsCollectorTest, TheNextLookIsSoonAfterTheNextScrape) {
  collector_.watch(kWeb, question("web", 1s));
  const double wall = static_cast<double>(clock_.wall().time_since_epoch().count()) / 1000;
  json values = json::array({json::array({wall - 1.7, "7"}), json::array({wall - 0.7, "8"})});
  json series = json::array(
      {{{"metric", {{"namespace", "shop"}, {"revision", "web-2"}, {"pod", "p"}, {"outcome", "success"}}},
        {"values", values}}});
  server_->answer(
      200, json{{"status", "success"}, {"data", {{"resultType", "matrix"}, {"result", series}}}}.dump());
  collector_.step({});
  EXPECT_EQ(next(), 1350ms) << "scraped 700 ms ago and every second: 300 ms are too soon, 1300 are not";
}

TEST_F(MetricsCollectorTest, AnotherPairAsksAtOnceAndForgetsTheAnswer) {
  collector_.watch(kWeb, question("web"));
  server_->answer(200, matrix({"web-1"}));
  collector_.step({});
  clock_.advance(1s);
  auto next_pair = question("web");
  next_pair.candidate = "web-3";
  collector_.watch(kWeb, next_pair);
  EXPECT_EQ(wakes_, 2);
  EXPECT_EQ(next(), 0ms);
  EXPECT_FALSE(collector_.latest(kWeb, "web-1", "web-3").has_value());
  EXPECT_FALSE(collector_.latest(kWeb, "web-1", "web-2").has_value()) << "that is not asked about any more";
}

TEST_F(MetricsCollectorTest, AnotherBaselineOrServerAsksAtOnceToo) {
  auto changed = question("web");
  collector_.watch(kWeb, changed);
  collector_.step({});
  changed.baseline = "web-0";
  collector_.watch(kWeb, changed);
  EXPECT_EQ(next(), 0ms);
  collector_.step({});
  changed.promoted = true;
  collector_.watch(kWeb, changed);
  EXPECT_EQ(next(), 0ms) << "the roles at the gateway changed";
  collector_.step({});
  changed.source.address = "http://q:9090";
  collector_.watch(kWeb, changed);
  EXPECT_EQ(next(), 0ms);
  collector_.step({});
  EXPECT_THAT(addresses_, ElementsAre("http://p:9090", "http://q:9090"));
}

TEST_F(MetricsCollectorTest, AShorterIntervalCountsFromNowALongerOneFromTheNextTime) {
  collector_.watch(kWeb, question("web", 60s));
  collector_.step({});
  collector_.watch(kWeb, question("web", 2s));
  EXPECT_EQ(wakes_, 2);
  EXPECT_EQ(next(), 2000ms);
  collector_.watch(kWeb, question("web", 30s));
  EXPECT_EQ(next(), 2000ms);
  clock_.advance(2s);
  collector_.step({});
  EXPECT_EQ(next(), 30000ms);
}

TEST_F(MetricsCollectorTest, AnAnswerIsForThePairThatWasAskedAbout) {
  collector_.watch(kWeb, question("web"));
  server_->answer(200, matrix({"web-1"}));
  collector_.step({});
  EXPECT_TRUE(collector_.latest(kWeb, "web-1", "web-2").has_value());
  EXPECT_FALSE(collector_.latest(kWeb, "web-1", "web-9").has_value());
  EXPECT_FALSE(collector_.latest(kWeb, "web-9", "web-2").has_value());
  EXPECT_FALSE(collector_.latest(kApi, "web-1", "web-2").has_value());
}

TEST_F(MetricsCollectorTest, TheForgottenAreNotAskedAbout) {
  collector_.watch(kWeb, question("web"));
  collector_.forget(kWeb);
  EXPECT_EQ(next(), std::nullopt);
  EXPECT_THAT(collector_.step({}), IsEmpty());
  EXPECT_EQ(asked(), 0u);
}

TEST_F(MetricsCollectorTest, AnAnswerAboutTheForgottenIsDropped) {
  collector_.watch(kWeb, question("web"));
  server_->otherwise([this](const auto&) {
    collector_.forget(kWeb);
    return kubernetes::testing::ok(matrix({"web-1"}));
  });
  EXPECT_THAT(collector_.step({}), IsEmpty());
  EXPECT_FALSE(collector_.latest(kWeb, "web-1", "web-2").has_value());
}

TEST_F(MetricsCollectorTest, AnAnswerToAQuestionThatChangedMeanwhileIsDropped) {
  using Change = void (*)(Question&);
  const std::pair<const char*, Change> changes[] = {
      {"baseline", [](Question& question) { question.baseline = "web-0"; }},
      {"candidate", [](Question& question) { question.candidate = "web-3"; }},
      {"server", [](Question& question) { question.source.address = "http://q:9090"; }}};
  for (const auto& [what, change] : changes) {
    SCOPED_TRACE(what);
    collector_.forget(kWeb);
    collector_.watch(kWeb, question("web"));
    auto changed = question("web");
    change(changed);
    server_->otherwise([&](const auto&) {
      collector_.watch(kWeb, changed);
      return kubernetes::testing::ok(matrix({"web-1"}));
    });
    EXPECT_THAT(collector_.step({}), IsEmpty());
    EXPECT_FALSE(collector_.latest(kWeb, changed.baseline, changed.candidate).has_value());
    EXPECT_EQ(next(), 0ms) << "the new question is to be asked at once";
  }
}

TEST_F(MetricsCollectorTest, AServerThatRefusesALongWindowIsAskedForTheEssentialOne) {
  auto patient = question("web");
  patient.window = 600s;
  patient.essential_window = 15s;
  collector_.watch(kWeb, patient);
  server_->answer(422, R"({"status":"error","errorType":"execution","error":"too many samples"})")
      .answer(200, matrix({"web-1"}));
  EXPECT_THAT(collector_.step({}), ElementsAre(kWeb));
  ASSERT_EQ(asked(), 2u);
  EXPECT_THAT(server_->requests()[0].body, HasSubstr("%5B600s%5D"));
  EXPECT_THAT(server_->requests()[1].body, HasSubstr("%5B15s%5D"));
  EXPECT_EQ(samples(kWeb, "web-1", "web-2"), 1u);
}

TEST_F(MetricsCollectorTest, AServerThatFailsIsAnAnswerToo) {
  collector_.watch(kWeb, question("web"));
  server_->otherwise([](const auto&) { return kubernetes::testing::reply(500, "no"); });
  EXPECT_THAT(collector_.step({}), ElementsAre(kWeb));
  const auto answers = collector_.latest(kWeb, "web-1", "web-2");
  ASSERT_TRUE(answers.has_value());
  EXPECT_EQ(std::get<analysis::NoSamples>(answers->requests).reason, "MetricsUnavailable");
}

TEST_F(MetricsCollectorTest, FurtherMetricsAreAskedForInTheSameTick) {
  Question more = question("web");
  more.window = 15s;
  more.metrics.emplace("latency", Question::Metric{analysis::LatencySeries{500ms}, 15s});
  more.metrics.emplace("queue", Question::Metric{analysis::ValueSeries{"max(queue)"}, 15s});
  server_->otherwise([](const kubernetes::Request& request) {
    if (request.body.find("max%28queue%29") == std::string::npos)
      return kubernetes::testing::ok(matrix({"web-2"}));
    return kubernetes::testing::ok(
        R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[11,"4"]}]}})");
  });
  collector_.watch(kWeb, more);
  EXPECT_THAT(collector_.step({}), ElementsAre(kWeb));
  EXPECT_EQ(asked(), 3u);
  const auto answers = collector_.latest(kWeb, "web-1", "web-2");
  ASSERT_TRUE(answers.has_value());
  EXPECT_EQ(std::get<analysis::Samples>(answers->requests).candidate.size(), 1u);
  ASSERT_EQ(answers->metrics.size(), 2u);
  EXPECT_EQ(std::get<analysis::Samples>(answers->metrics.at("queue")).candidate.at(0).value, 4);
}

}  // namespace
}  // namespace seraphim::op
