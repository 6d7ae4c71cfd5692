// A metric that is a plain value with bounds: remembered only out of bounds, judged by so many looks in a
// row.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/assessment.h"
#include "analysis/scenario.h"

namespace seraphim::analysis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::kStart;

api::Metric queue_length(std::int32_t breaches = 3) {
  api::ValueMetric value{"max(queue)", std::nullopt, api::Bound{10, "10"}, breaches};
  return {"queue", value};
}

class ValueTest : public ::testing::Test {
 protected:
  ValueTest() {
    analysis_.prometheus.address = "http://prometheus";
    analysis_.interval = seconds(1);
    analysis_.metrics = {queue_length()};
  }
  Assessment look(std::optional<double> value, Stage stage = Stage::step) {
    now_ += seconds(1);
    ok_ += 10;
    Answers answers(Samples{{{"b", "success", ok_, now_}}, {{"c", "success", ok_, now_}}, {}});
    Samples one;
    if (value) one.candidate.push_back({"", "value", *value, now_});
    answers.metrics.emplace("queue", one);
    auto out = assess(analysis_, evidence_, answers, stage, 1, now_);
    evidence_ = out.evidence;
    return out;
  }
  api::Analysis analysis_;
  api::EvidenceStatus evidence_;
  api::Time now_ = kStart;
  double ok_ = 0;
};

TEST_F(ValueTest, WithinItsBoundsNothingIsRemembered) {
  look(10);
  const auto out = look(10);
  EXPECT_TRUE(std::holds_alternative<Continue>(out.verdict));
  EXPECT_TRUE(out.evidence.metrics.empty());
  EXPECT_FALSE(out.suspicious);
}

TEST_F(ValueTest, SoManyLooksInARowRollBackAndForGood) {
  look(3);
  EXPECT_TRUE(look(11).suspicious);
  look(11);
  EXPECT_TRUE(std::holds_alternative<Continue>(look(9).verdict)) << "not in a row";
  look(11);
  const auto second = look(12.5);
  EXPECT_TRUE(std::holds_alternative<Continue>(second.verdict));
  EXPECT_EQ(second.evidence.metrics.at(0).note, "12.5 is above 10 in 2 of 3 looks in a row");
  for (const double value : {13.0, 1.0}) {
    const auto out = look(value);
    const auto* verdict = std::get_if<RollBack>(&out.verdict);
    ASSERT_NE(verdict, nullptr);
    EXPECT_EQ(verdict->reason, "MetricOutOfBounds");
    EXPECT_EQ(verdict->message, "queue: 13 is above 10 in 3 looks in a row");
  }
}

TEST_F(ValueTest, TheSameAnswerCountsOnce) {
  look(3);
  look(11);
  Answers answers;
  answers.metrics.emplace("queue", Samples{{}, {{"", "value", 11, now_}}, {}});
  for (int i = 0; i < 5; ++i) {
    const auto out = assess(analysis_, evidence_, answers, Stage::step, 1, now_ + milliseconds(100));
    EXPECT_FALSE(std::holds_alternative<RollBack>(out.verdict));
    EXPECT_EQ(out.evidence, evidence_);
  }
}

TEST_F(ValueTest, NoValueIsNeitherGoodNorBadOnceThereIsTraffic) {
  look(3, Stage::priming);
  EXPECT_TRUE(std::holds_alternative<Continue>(look({}, Stage::priming).verdict));
  const auto out = look({});
  const auto* nothing = std::get_if<Unavailable>(&out.verdict);
  ASSERT_NE(nothing, nullptr);
  EXPECT_EQ(nothing->reason, "MetricsUnavailable");
  EXPECT_THAT(nothing->message, HasSubstr("queue: its query has no value"));
}

TEST_F(ValueTest, RightAfterARestartItIsAsFreshAsTheRest) {
  look(3);
  look(3);
  const auto out = assess(analysis_, evidence_, Answers{}, Stage::step, 1, now_ + milliseconds(500));
  EXPECT_TRUE(std::holds_alternative<Continue>(out.verdict));
  EXPECT_TRUE(out.fresh_at.has_value());
  EXPECT_EQ(out.evidence, evidence_);
}

TEST_F(ValueTest, AMinimumIsABoundToo) {
  std::get<api::ValueMetric>(analysis_.metrics[0].kind).min = api::Bound{0.5, "0.5"};
  std::get<api::ValueMetric>(analysis_.metrics[0].kind).breaches = 1;
  look(3);
  const auto out = look(0.25);
  ASSERT_TRUE(std::holds_alternative<RollBack>(out.verdict));
  EXPECT_EQ(std::get<RollBack>(out.verdict).message, "queue: 0.25 is below 0.5 in 1 looks in a row");
}

TEST_F(ValueTest, ExactlyAtABoundIsWithin) {
  std::get<api::ValueMetric>(analysis_.metrics[0].kind).min = api::Bound{0.5, "0.5"};
  EXPECT_FALSE(look(0.5).suspicious);
  EXPECT_FALSE(look(10).suspicious);
  EXPECT_TRUE(look(0.4).suspicious);
}

TEST_F(ValueTest, TheNewestOfSeveralValuesCounts) {
  for (const bool newest_first : {true, false}) {
    now_ += seconds(1);
    Samples two{{}, {{"", "value", 11, now_}, {"", "value", 3, now_ - milliseconds(500)}}, {}};
    if (!newest_first) std::swap(two.candidate[0], two.candidate[1]);
    Answers answers;
    answers.metrics.emplace("queue", two);
    EXPECT_TRUE(assess(analysis_, {}, answers, Stage::step, 1, now_).suspicious);
  }
}

TEST_F(ValueTest, AnAnswerWithoutSamplesPassesItsReasonOn) {
  look(3);
  Answers answers(Samples{{{"b", "success", ok_, now_}}, {{"c", "success", ok_, now_}}, {}});
  answers.metrics.emplace("queue", NoSamples{"MetricsUnavailable", "the query is refused"});
  const auto out = assess(analysis_, evidence_, answers, Stage::step, 1, now_);
  ASSERT_NE(testing::unavailable(out), nullptr);
  EXPECT_EQ(testing::unavailable(out)->reason, "MetricsUnavailable");
  EXPECT_EQ(testing::unavailable(out)->message, "queue: the query is refused");
}

TEST_F(ValueTest, AValueIsStaleAfterTheLimitAndNotAtIt) {
  look(3);
  const auto looked_later = [&](api::Duration later) {
    Answers answers(
        Samples{{{"b", "success", ok_ + 9, now_ + later}}, {{"c", "success", ok_ + 9, now_ + later}}, {}});
    answers.metrics.emplace("queue", Samples{{}, {{"", "value", 3, now_}}, {}});
    return assess(analysis_, evidence_, answers, Stage::step, 1, now_ + later);
  };
  EXPECT_EQ(testing::unavailable(looked_later(seconds(15))), nullptr);
  const auto stale = looked_later(seconds(15) + milliseconds(1));
  ASSERT_NE(testing::unavailable(stale), nullptr);
  EXPECT_EQ(testing::unavailable(stale)->reason, "MetricsStale");
  EXPECT_EQ(testing::unavailable(stale)->message, "queue: no value since " + api::format_time(now_));
}

TEST_F(ValueTest, TheOlderOfTwoMetricsSaysHowFreshAllIs) {
  look(3);
  const auto reach = [&](api::Duration requests_age, api::Duration value_age) {
    const api::Time now = now_ + seconds(5), requests_at = now - requests_age;
    Answers answers(
        Samples{{{"b", "success", ok_ + 9, requests_at}}, {{"c", "success", ok_ + 9, requests_at}}, {}});
    answers.metrics.emplace("queue", Samples{{}, {{"", "value", 3, now - value_age}}, {}});
    return now - *assess(analysis_, evidence_, answers, Stage::step, 1, now).fresh_at;
  };
  EXPECT_EQ(reach(seconds(1), seconds(3)), seconds(3));
  EXPECT_EQ(reach(seconds(3), seconds(1)), seconds(3));
  EXPECT_EQ(reach(seconds(2), -seconds(9)), seconds(2)) << "a clock that is ahead makes nothing fresher";
  EXPECT_EQ(reach(seconds(0), -seconds(9)), seconds(0));
}

TEST_F(ValueTest, SuspicionOutlivesARestart) {
  look(3);
  const auto restarted = [&] { return assess(analysis_, evidence_, Answers{}, Stage::step, 1, now_); };
  EXPECT_FALSE(restarted().suspicious);
  look(11);
  EXPECT_TRUE(restarted().suspicious) << "one breach is enough";
}

TEST_F(ValueTest, WithinItsBoundsItIsNoReasonToWait) {
  look(3, Stage::priming);
  Assessment out;
  for (int i = 0; i < 200 && !std::holds_alternative<Promote>(out.verdict); ++i) out = look(3, Stage::final);
  EXPECT_TRUE(std::holds_alternative<Promote>(out.verdict)) << out.summary;
  out = look(12.5, Stage::final);
  EXPECT_TRUE(std::holds_alternative<Continue>(out.verdict)) << "out of bounds it is one";
  EXPECT_THAT(out.summary, ::testing::StartsWith("candidate "));
  EXPECT_THAT(out.summary, ::testing::EndsWith("; queue: 12.5 is above 10 in 1 of 3 looks in a row"));
}

TEST_F(ValueTest, BeforeAnyRequestTheSummaryIsOfTheValueAlone) {
  now_ += seconds(1);
  Answers answers;
  answers.metrics.emplace("queue", Samples{{}, {{"", "value", 12.5, now_}}, {}});
  EXPECT_EQ(assess(analysis_, {}, answers, Stage::step, 1, now_).summary,
            "queue: 12.5 is above 10 in 1 of 3 looks in a row");
}

TEST_F(ValueTest, MemoryThatThisVersionDidNotWriteIsNone) {
  look(3);
  const auto breaches_known = [&](const std::string& state) {
    evidence_.metrics.resize(1);
    evidence_.metrics[0].name = "queue";
    evidence_.metrics[0].state = state;
    const auto out = look(11);
    if (std::holds_alternative<RollBack>(out.verdict)) return std::string("too many");
    return out.evidence.metrics.at(0).note;
  };
  const std::string none = "11 is above 10 in 1 of 3 looks in a row";
  EXPECT_EQ(breaches_known(R"([0,1,""])"), "11 is above 10 in 2 of 3 looks in a row");
  EXPECT_EQ(breaches_known(R"([0,2,""])"), "too many");
  EXPECT_EQ(breaches_known(R"([0,100,""])"), "too many");
  for (const char* state : {"", "7", "{}", R"({"at":0})", R"([0,2])", R"([0,2,"",""])", R"(["0",2,""])",
                            R"([0.5,2,""])", R"([0,"2",""])", R"([0,2.5,""])", R"([0,2,3])", R"([-1,2,""])",
                            R"([4000000000000001,2,""])", R"([0,-1,""])", R"([0,101,""])"}) {
    EXPECT_EQ(breaches_known(state), none) << state;
  }
}

}  // namespace
}  // namespace seraphim::analysis
