// assess() with further metrics: latency, ratios and values of the user's, together with the error rate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/assessment.h"
#include "analysis/increments.h"
#include "analysis/looks.h"
#include "analysis/scenario.h"
#include "analysis/series.h"

namespace seraphim::analysis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::kStart;

/// What happens in a second on one side: requests, and how many of them are not good.
struct Second {
  int all = 0, bad = 0;
};

/// One pod a side, scraped each second right before each look; the error rate and one ratio of the same
/// requests.
class TwoMetrics {
 public:
  explicit TwoMetrics(std::string name) : name_(std::move(name)) {
    analysis.prometheus.address = "http://prometheus";
    analysis.interval = seconds(1);
  }

  api::Analysis analysis;
  api::EvidenceStatus evidence;
  api::Time now = kStart;
  std::string basis;
  bool answers_for_it = true;

  Assessment look(Stage stage, std::int32_t step, Second baseline, Second candidate, Second slow_baseline,
                  Second slow_candidate) {
    now += seconds(1);
    add(baseline_, baseline, slow_baseline);
    add(candidate_, candidate, slow_candidate);
    Answers answers(requests());
    if (answers_for_it) answers.metrics.emplace(name_, ratio());
    auto out = assess(analysis, evidence, answers, stage, step, now);
    evidence = out.evidence;
    return out;
  }
  /// `looks` of them; the share of slow ones is given by every how manieth request is slow, 0: none.
  Assessment looks(int looks, Stage stage, std::int32_t step, int slow_of_10_baseline,
                   int slow_of_10_candidate) {
    Assessment last;
    for (int i = 0; i < looks; ++i) {
      const int candidate = stage == Stage::priming ? 0 : 10;
      last = look(stage, step, {10, 0}, {candidate, 0}, {10, slow_of_10_baseline},
                  {candidate, candidate == 0 ? 0 : slow_of_10_candidate});
      if (std::holds_alternative<RollBack>(last.verdict)) break;
    }
    return last;
  }

 private:
  struct Pod {
    double ok = 0, failed = 0, good = 0, total = 0;
  };
  static void add(Pod& pod, Second requests, Second events) {
    pod.ok += requests.all - requests.bad;
    pod.failed += requests.bad;
    pod.good += events.all - events.bad;
    pod.total += events.all;
  }
  Samples requests() const {
    return {{{"b", "success", baseline_.ok, now}, {"b", "timeout", baseline_.failed, now}},
            {{"c", "success", candidate_.ok, now}, {"c", "timeout", candidate_.failed, now}},
            {}};
  }
  Samples ratio() const {
    const std::string good(1, kGood), total(1, kTotalOfGood);
    return {{{"b", good, baseline_.good, now}, {"b", total, baseline_.total, now}},
            {{"c", good, candidate_.good, now}, {"c", total, candidate_.total, now}},
            basis};
  }

  std::string name_;
  Pod baseline_, candidate_;
};

TwoMetrics with_latency() {
  TwoMetrics world(kLatency);
  world.analysis.latency = api::LatencyAnalysis{milliseconds(500)};
  world.basis = "the bucket up to 0.5 s";
  return world;
}

TEST(Latency, SlowRequestsRollBackAndTheReasonNamesThem) {
  TwoMetrics world = with_latency();
  world.looks(3, Stage::priming, 0, 0, 0);
  const auto out = world.looks(60, Stage::step, 1, 0, 4);
  const auto* verdict = std::get_if<RollBack>(&out.verdict);
  ASSERT_NE(verdict, nullptr);
  EXPECT_EQ(verdict->reason, "LatencyWorseThanStable");
  EXPECT_THAT(verdict->message, HasSubstr("latency: candidate "));
  EXPECT_THAT(verdict->message, HasSubstr("requests slower than 500ms (40.0 %), stable 0 of "));
  EXPECT_THAT(verdict->message, HasSubstr("200:1 needed")) << "half of the bound each";
  EXPECT_EQ(out.evidence.candidate_failures, 0);
  ASSERT_EQ(out.evidence.metrics.size(), 1u);
  EXPECT_EQ(out.evidence.metrics[0].name, "latency");
  EXPECT_EQ(out.evidence.metrics[0].note, "the bucket up to 0.5 s");
  EXPECT_GT(out.evidence.metrics[0].candidate_failures, 2);
}

TEST(Latency, SlowOnBothSidesIsNobodysFault) {
  TwoMetrics world = with_latency();
  world.analysis.latency->ceiling = api::Percent::whole(60);
  world.looks(3, Stage::priming, 0, 4, 0);
  const auto out = world.looks(300, Stage::step, 1, 4, 4);
  EXPECT_TRUE(std::holds_alternative<Continue>(out.verdict));
  EXPECT_FALSE(out.suspicious);
}

TEST(Latency, PromotionNeedsBothMetrics) {
  TwoMetrics world = with_latency();
  world.analysis.latency->ceiling = api::Percent::whole(60);
  world.looks(3, Stage::priming, 0, 3, 0);
  // Without a failure the error rate is proven early; 30 % slow ones on both sides take far longer.
  auto out = world.looks(40, Stage::final, 1, 3, 3);
  EXPECT_THAT(out.evidence.promotion_evidence, ::testing::EndsWith(" of 20"));
  EXPECT_TRUE(std::holds_alternative<Continue>(out.verdict)) << out.summary;
  TwoMetrics fast = with_latency();
  fast.looks(3, Stage::priming, 0, 0, 0);
  out = fast.looks(120, Stage::final, 1, 0, 0);
  EXPECT_TRUE(std::holds_alternative<Promote>(out.verdict)) << out.summary;
  EXPECT_THAT(out.summary, HasSubstr("; latency: candidate 0 of "));
}

TEST(Latency, WithoutItsSeriesNothingIsGood) {
  TwoMetrics world = with_latency();
  world.answers_for_it = false;
  world.looks(3, Stage::priming, 0, 0, 0);
  const auto out = world.looks(120, Stage::final, 1, 0, 0);
  const auto* nothing = std::get_if<Unavailable>(&out.verdict);
  ASSERT_NE(nothing, nullptr);
  EXPECT_EQ(nothing->reason, "MetricsUnavailable");
  EXPECT_THAT(nothing->message, HasSubstr("latency: nothing of the stable revision has been counted yet"));
  EXPECT_FALSE(out.fresh_at.has_value());
}

TEST(Latency, AnotherBucketInMidRolloutIsNotEvidence) {
  TwoMetrics world = with_latency();
  world.looks(3, Stage::priming, 0, 0, 0);
  world.looks(10, Stage::step, 1, 0, 0);
  world.basis = "the bucket up to 1 s";
  const auto before = world.evidence.metrics;
  const auto out = world.looks(1, Stage::step, 1, 0, 9);
  const auto* nothing = std::get_if<Unavailable>(&out.verdict);
  ASSERT_NE(nothing, nullptr);
  EXPECT_THAT(nothing->message,
              HasSubstr("began with the bucket up to 0.5 s, and now there is the bucket up to 1 s"));
  EXPECT_EQ(out.evidence.metrics, before);
}

TEST(Latency, AnotherBucketBeforeTheFirstTrafficStartsAnew) {
  TwoMetrics world = with_latency();
  world.looks(3, Stage::priming, 0, 0, 0);
  world.basis = "the bucket up to 1 s";
  world.looks(3, Stage::priming, 0, 0, 0);
  const auto out = world.looks(60, Stage::step, 1, 0, 5);
  EXPECT_TRUE(std::holds_alternative<RollBack>(out.verdict)) << out.summary;
  EXPECT_EQ(out.evidence.metrics.at(0).note, "the bucket up to 1 s");
}

TEST(Ratio, OfTheUserRollsBackUnderItsName) {
  TwoMetrics world("quality");
  world.analysis.metrics = {{"quality", api::RatioMetric{"good", false, "total"}}};
  world.looks(3, Stage::priming, 0, 0, 0);
  const auto out = world.looks(60, Stage::step, 1, 0, 5);
  const auto* verdict = std::get_if<RollBack>(&out.verdict);
  ASSERT_NE(verdict, nullptr);
  EXPECT_EQ(verdict->reason, "MetricWorseThanStable");
  EXPECT_THAT(verdict->message, HasSubstr("quality: candidate "));
}

TEST(Ratio, PartsThatComeInTwoScrapesAreOneLookLater) {
  // Good events are told a scrape later than all events: no event is bad in the end.
  Evidence evidence = start_evidence(Parameters{}, kStart);
  const std::string good(1, kGood), total(1, kTotalOfGood);
  const auto at = [&](int second, double goods, double totals) {
    const api::Time time = kStart + seconds(second);
    return Samples{{{"b", good, goods, time}, {"b", total, totals, time}},
                   {{"c", good, goods, time}, {"c", total, totals, time}},
                   {}};
  };
  note(evidence, at(0, 0, 0), seconds(1));
  take_in(evidence, at(1, 0, 10));
  const auto first = take_look(evidence, {}, kStart + seconds(1));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->candidate_failed, 10);
  take_in(evidence, at(2, 20, 20));
  const auto second = take_look(evidence, {}, kStart + seconds(2));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->candidate_failed, 0);
  EXPECT_EQ(second->candidate_ok, 20);
  EXPECT_EQ(evidence.waiting.candidate_failed, -10) << "to be set off against later ones";
}

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

}  // namespace
}  // namespace seraphim::analysis
