// Drift between two distributions as a metric: so many looks in a row roll back, one holds, and what cannot
// be told is never good.
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
using CountsByLabel = std::map<std::string, double>;

class DriftTest : public ::testing::Test {
 protected:
  DriftTest() {
    analysis_.prometheus.address = "http://prometheus";
    analysis_.interval = seconds(1);
    analysis_.metrics = {{"drift", api::DriftMetric{api::DriftMeasure::kl, "b", "c", {0.15, "0.15"}}}};
  }
  api::DriftMetric& metric() { return std::get<api::DriftMetric>(analysis_.metrics[0].kind); }

  static std::vector<CounterSample> samples(const CountsByLabel& counts, api::Time at) {
    std::vector<CounterSample> all;
    for (const auto& [label, value] : counts) all.push_back({"", "label=" + label, value, at});
    return all;
  }
  Answers answers(const CountsByLabel& baseline, const CountsByLabel& candidate,
                  api::Duration age = seconds(0)) {
    ok_ += 10;
    Answers all(Samples{{{"b", "success", ok_, now_}}, {{"c", "success", ok_, now_}}, {}});
    all.metrics.emplace("drift", Samples{samples(baseline, now_ - age), samples(candidate, now_ - age), {}});
    return all;
  }
  Assessment look(const CountsByLabel& baseline, const CountsByLabel& candidate, Stage stage = Stage::step) {
    now_ += seconds(1);
    auto out = assess(analysis_, evidence_, answers(baseline, candidate), stage, 1, now_);
    evidence_ = out.evidence;
    return out;
  }
  /// Why it holds; empty when there is something to say.
  std::string held(const CountsByLabel& baseline, const CountsByLabel& candidate) {
    const auto out = look(baseline, candidate);
    const auto* nothing = testing::unavailable(out);
    return nothing == nullptr ? "" : nothing->reason + ": " + nothing->message;
  }

  api::Analysis analysis_;
  api::EvidenceStatus evidence_;
  api::Time now_ = kStart;
  double ok_ = 0;
};

const CountsByLabel kHalf{{"no", 500}, {"yes", 500}};
const CountsByLabel kMostlyNo{{"no", 475}, {"yes", 25}};  // KL from kHalf: 0.830

TEST_F(DriftTest, AlikeIsNoReasonToWait) {
  look(kHalf, {}, Stage::priming);
  Assessment out;
  for (int i = 0; i < 200 && !std::holds_alternative<Promote>(out.verdict); ++i)
    out = look(kHalf, {{"no", 51}, {"yes", 49}}, Stage::final);
  EXPECT_TRUE(std::holds_alternative<Promote>(out.verdict)) << out.summary;
  const auto& evidence = out.evidence.metrics.at(0);
  EXPECT_EQ(evidence.note, "KL 0.000 between 1000 stable and 100 candidate events, at most 0.15");
  EXPECT_EQ(evidence.baseline_requests, 1000);
  EXPECT_EQ(evidence.candidate_requests, 100);
  EXPECT_THAT(out.summary, HasSubstr("; drift: KL 0.000 between"));
  out = look(kHalf, kMostlyNo, Stage::final);
  EXPECT_TRUE(std::holds_alternative<Continue>(out.verdict)) << "drifted it is one";
}

TEST_F(DriftTest, SoManyLooksInARowRollBackAndForGood) {
  look(kHalf, kHalf);
  const auto first = look(kHalf, kMostlyNo);
  EXPECT_TRUE(first.suspicious);
  EXPECT_EQ(first.suspicion,
            "drift: KL 0.830 between 1000 stable and 500 candidate events is above 0.15 in 1 of 3 looks in a "
            "row; most at \"label=no\": 50.0 % of stable, 95.0 % of candidate");
  look(kHalf, kMostlyNo);
  EXPECT_TRUE(std::holds_alternative<Continue>(look(kHalf, kHalf).verdict)) << "not in a row";
  EXPECT_FALSE(look(kHalf, kHalf).suspicious);
  look(kHalf, kMostlyNo);
  look(kHalf, kMostlyNo);
  for (const CountsByLabel& candidate : {kMostlyNo, kHalf}) {
    const auto out = look(kHalf, candidate);
    const auto* verdict = std::get_if<RollBack>(&out.verdict);
    ASSERT_NE(verdict, nullptr);
    EXPECT_EQ(verdict->reason, "MetricDrifted");
    EXPECT_EQ(
        verdict->message,
        "drift: KL 0.830 between 1000 stable and 500 candidate events is above 0.15 in 3 looks in a row; "
        "most at \"label=no\": 50.0 % of stable, 95.0 % of candidate");
  }
}

TEST_F(DriftTest, WhatOneSideLacksIsZero) {
  look(kHalf, kHalf);
  const auto out = look({{"a", 200}}, {{"b", 200}});
  EXPECT_TRUE(out.suspicious);
  EXPECT_THAT(out.suspicion, HasSubstr("KL 20.723"));
  metric().measure = api::DriftMeasure::cosine;
  EXPECT_THAT(look({{"a", 200}}, {{"b", 200}}).suspicion, HasSubstr("Cosine 1.000"));
}

TEST_F(DriftTest, ExactlyAtTheBoundIsGood) {
  metric().measure = api::DriftMeasure::cosine;
  metric().max = {1.0, "1.0"};
  EXPECT_FALSE(look({{"a", 3}, {"b", 4}}, {}).suspicious);
  metric().min_requests = 1;
  const CountsByLabel left{{"a", 1e12}}, right{{"b", 1e12}};  // 1 - 0
  EXPECT_FALSE(look(left, right).suspicious);
  metric().max = {0.999, "0.999"};
  EXPECT_TRUE(look(left, right).suspicious);
}

TEST_F(DriftTest, ADistanceThatChanceMayBringIsNeitherGoodNorBad) {
  look(kHalf, kHalf);
  // KL 0.151 because of one label that is rare: of 100 events, 37 in 100 times none has it.
  const CountsByLabel stable{{"common", 990}, {"rare", 10}}, candidate{{"common", 100}};
  EXPECT_EQ(
      held(stable, candidate),
      "NotEnoughTraffic: drift: KL 0.151 between 1000 stable and 100 candidate events is above 0.15, and "
      "chance alone may bring that: more are needed");
  EXPECT_FALSE(look(stable, candidate).suspicious);
  // The same shares with so many events that it cannot be chance.
  const CountsByLabel many{{"common", 99'000}, {"rare", 1000}}, none{{"common", 10'000}};
  EXPECT_TRUE(look(many, none).suspicious);
}

TEST_F(DriftTest, TooFewEventsOfEitherSideHold) {
  look(kHalf, kHalf);
  const CountsByLabel enough{{"no", 50}, {"yes", 50}}, few{{"no", 50}, {"yes", 49}};
  EXPECT_EQ(held(enough, enough), "");
  EXPECT_THAT(
      held(enough, few),
      HasSubstr("NotEnoughTraffic: drift: 100 stable and 99 candidate events are counted, and of each 100 "
                "are needed"));
  EXPECT_THAT(held(few, enough), HasSubstr("99 stable and 100 candidate events"));
  EXPECT_THAT(held(enough, {}), HasSubstr("100 stable and 0 candidate events"));
  EXPECT_THAT(held({}, enough), HasSubstr("0 stable and 100 candidate events"));
  EXPECT_THAT(held({}, {}), HasSubstr("0 stable and 0 candidate events"));
  const CountsByLabel zeros{{"no", 0}, {"yes", 0}};
  EXPECT_THAT(held(enough, zeros), HasSubstr("NotEnoughTraffic"));
}

TEST_F(DriftTest, ANegativeValueHolds) {
  look(kHalf, kHalf);
  for (const bool of_candidate : {false, true}) {
    const CountsByLabel odd{{"no", 500}, {"yes", -1}};
    const std::string why = of_candidate ? held(kHalf, odd) : held(odd, kHalf);
    EXPECT_THAT(why, HasSubstr("MetricsUnavailable: drift: a value of its queries is negative"));
  }
}

TEST_F(DriftTest, OldValuesHold) {
  look(kHalf, kHalf);
  const auto at_age = [&](api::Duration age) {
    now_ += seconds(1);
    return assess(analysis_, evidence_, answers(kHalf, kHalf, age), Stage::step, 1, now_);
  };
  EXPECT_EQ(testing::unavailable(at_age(seconds(15))), nullptr);
  const auto stale = at_age(seconds(15) + milliseconds(1));
  ASSERT_NE(testing::unavailable(stale), nullptr);
  EXPECT_EQ(testing::unavailable(stale)->reason, "MetricsStale");
}

TEST_F(DriftTest, TheNewestTimeOfEachSideCounts) {
  look(kHalf, kHalf);
  now_ += seconds(1);
  Answers all = answers(kHalf, kHalf);
  auto& both = std::get<Samples>(all.metrics.at("drift"));
  for (const auto& old : samples(kMostlyNo, now_ - seconds(5))) {
    both.candidate.push_back(old);
    both.baseline.insert(both.baseline.begin(), old);
  }
  const auto out = assess(analysis_, evidence_, all, Stage::step, 1, now_);
  EXPECT_EQ(out.evidence.metrics.at(0).note,
            "KL 0.000 between 1000 stable and 1000 candidate events, at most 0.15");
}

TEST_F(DriftTest, TheSameAnswerCountsOnce) {
  look(kHalf, kHalf);
  look(kHalf, kMostlyNo);
  Answers again;
  again.metrics.emplace("drift", Samples{samples(kHalf, now_), samples(kMostlyNo, now_), {}});
  for (int i = 0; i < 5; ++i) {
    const auto out = assess(analysis_, evidence_, again, Stage::step, 1, now_ + milliseconds(100));
    EXPECT_FALSE(std::holds_alternative<RollBack>(out.verdict));
    EXPECT_EQ(out.evidence, evidence_);
  }
}

TEST_F(DriftTest, SuspicionAndTheVerdictOutliveARestart) {
  look(kHalf, kHalf);
  const auto restarted = [&] { return assess(analysis_, evidence_, Answers{}, Stage::step, 1, now_); };
  EXPECT_FALSE(restarted().suspicious);
  look(kHalf, kMostlyNo);
  EXPECT_TRUE(restarted().suspicious);
  EXPECT_THAT(restarted().suspicion, HasSubstr("in 1 of 3 looks"));
  look(kHalf, kMostlyNo);
  look(kHalf, kMostlyNo);
  EXPECT_TRUE(std::holds_alternative<RollBack>(restarted().verdict));
}

TEST_F(DriftTest, WithTheNumbersOfTheLastLookNothingIsWritten) {
  metric().min_requests = 0;
  look(kHalf, kHalf);
  look({}, {});
  const auto held_without_traffic = [&](const CountsByLabel& candidate) {
    now_ += seconds(1);
    ok_ -= 10;  // no requests
    return assess(analysis_, evidence_, answers(kHalf, candidate), Stage::step, 1, now_).evidence.metrics;
  };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(held_without_traffic(kHalf), evidence_.metrics);
  EXPECT_NE(held_without_traffic(kMostlyNo), evidence_.metrics);
}

TEST_F(DriftTest, WhereThereIsNothingToCompareNoAnswerIsAsGood) {
  for (const Stage stage : {Stage::priming, Stage::bake, Stage::verify}) {
    look(kHalf, kHalf, stage);
    now_ += seconds(1);
    Answers all = answers(kHalf, kHalf);
    all.metrics["drift"] = NoSamples{"MetricsUnavailable", "0/0 is no finite number"};
    const auto out = assess(analysis_, evidence_, all, stage, 1, now_);
    EXPECT_TRUE(std::holds_alternative<Continue>(out.verdict));
    EXPECT_EQ(out.fresh_at, now_);
  }
  now_ += seconds(1);
  Answers all = answers(kHalf, kHalf);
  all.metrics["drift"] = NoSamples{"MetricsUnavailable", "0/0 is no finite number"};
  EXPECT_NE(testing::unavailable(assess(analysis_, evidence_, all, Stage::step, 1, now_)), nullptr);
}

TEST_F(DriftTest, WhatIsDecidedStaysWhereThereIsNothingToCompare) {
  for (int i = 0; i < 3; ++i) look(kHalf, kMostlyNo);
  for (const Stage stage : {Stage::priming, Stage::bake})
    EXPECT_TRUE(std::holds_alternative<RollBack>(look(kHalf, kHalf, stage).verdict));
}

TEST_F(DriftTest, WithoutTrafficAndAfterThePromotionNothingIsCompared) {
  for (const Stage stage : {Stage::priming, Stage::bake, Stage::verify}) {
    look(kHalf, kHalf, stage);
    for (int i = 0; i < 4; ++i) {
      const auto out = look({}, kMostlyNo, stage);
      EXPECT_TRUE(std::holds_alternative<Continue>(out.verdict));
      EXPECT_FALSE(out.suspicious);
      EXPECT_EQ(out.fresh_at, now_);
      EXPECT_TRUE(out.evidence.metrics.empty());
    }
  }
}

TEST_F(DriftTest, ValuesThatAreNoCountsAreComparedByCosineWhateverTheirSize) {
  metric() = api::DriftMetric{api::DriftMeasure::cosine, "b", "c", {0.15, "0.15"}, 0};
  look({{"x", 0.1}, {"y", 0.7}, {"z", 0.2}}, {{"x", 0.1}, {"y", 0.7}, {"z", 0.2}});
  EXPECT_FALSE(look({{"x", 0.1}, {"y", 0.7}}, {{"x", 0.1}, {"y", 0.7}}).suspicious);
  EXPECT_TRUE(look({{"x", 0.1}, {"y", 0.7}, {"z", 0.2}}, {{"x", 0.2}, {"y", 0.1}, {"z", 0.7}}).suspicious)
      << "0.574";
  EXPECT_THAT(held({{"x", 0.1}}, {}), HasSubstr("NotEnoughTraffic"));
  EXPECT_THAT(held({{"x", 0.1}}, {{"x", 0}}), HasSubstr("NotEnoughTraffic"));
}

TEST_F(DriftTest, AnotherMetricThatSaysNothingIsHeardBeforeTooFewEvents) {
  const auto drift = analysis_.metrics[0];
  analysis_.metrics = {drift, {"queue", api::ValueMetric{"q", std::nullopt, api::Bound{10, "10"}}}};
  look(kHalf, kHalf);
  now_ += seconds(1);
  Answers all = answers(kHalf, {});
  all.metrics.emplace("queue", NoSamples{"MetricsUnavailable", "the query is refused"});
  const auto out = assess(analysis_, evidence_, all, Stage::step, 1, now_);
  ASSERT_NE(testing::unavailable(out), nullptr);
  EXPECT_EQ(testing::unavailable(out)->message, "queue: the query is refused");
}

}  // namespace
}  // namespace seraphim::analysis
