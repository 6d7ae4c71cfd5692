// assess() with further metrics: latency and ratios of the user's, together with the error rate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/assessment.h"
#include "analysis/increments.h"
#include "analysis/looks.h"
#include "analysis/scenario.h"
#include "analysis/two_metrics.h"

namespace seraphim::analysis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::kStart;
using testing::TwoMetrics;
using testing::with_latency;

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

}  // namespace
}  // namespace seraphim::analysis
