// What assess() says beside the verdict: how fast evidence comes, what share the candidate gets, what
// changed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "analysis/evidence.h"
#include "analysis/scenario.h"
#include "analysis/two_metrics.h"

namespace seraphim::analysis {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::Scenario;
using testing::TwoMetrics;
using testing::with_latency;

constexpr testing::Traffic kSome{
    .baseline_ok = 88, .baseline_failed = 2, .candidate_ok = 9, .candidate_failed = 1};
constexpr testing::Traffic kHalf{.baseline_ok = 50, .candidate_ok = 50};

Scenario after_priming(const testing::Traffic& traffic = {.baseline_ok = 90, .baseline_failed = 10}) {
  Scenario world;
  world.two_plain_pods();
  world.run(seconds(3), Stage::priming, 0, traffic);
  return world;
}

TEST(Pace, IsWhatWasCountedSinceTheFirstScrape) {
  Scenario world;
  world.two_plain_pods();
  EXPECT_EQ(world.run(seconds(1), Stage::priming, 0, kSome).paces.at(0).events_per_second, 0)
      << "one scrape is no time";
  world.run(seconds(2), Stage::priming, 0, {.baseline_ok = 90, .baseline_failed = 10});
  world.look(Samples{}, Stage::priming, 0);
  const auto out = world.run(seconds(10), Stage::step, 1, kSome);
  ASSERT_EQ(out.paces.size(), 1u);
  EXPECT_NEAR(out.paces[0].events_per_second, 100, 1e-9);
  EXPECT_NEAR(out.paces[0].failure_share, 50.0 / 1200, 1e-9) << "2 looks with 10 failures, 10 with 3";
}

TEST(Pace, TakesInWhatPrometheusRemembersFromBefore) {
  Scenario world = after_priming();
  world.run(seconds(7), Stage::priming, 0, kHalf);
  world.evidence = {};
  EXPECT_NEAR(world.run(seconds(1), Stage::priming, 0, kHalf).paces.at(0).events_per_second, 100, 1e-9);
}

TEST(Pace, WithoutARequestNothingFails) {
  EXPECT_EQ(after_priming({}).run(seconds(2), Stage::step, 1).paces.at(0).failure_share, 0);
  Scenario world = after_priming({});
  EXPECT_EQ(world.run(seconds(1), Stage::step, 1, {.candidate_failed = 1}).paces.at(0).failure_share, 1);
}

TEST(Pace, SaysWhatIsStillMissing) {
  Scenario world = after_priming({.baseline_ok = 50});
  const auto left = [&](Stage stage) { return world.run(seconds(1), stage, 1, kHalf).paces.at(0); };
  EXPECT_NEAR(left(Stage::step).evidence_left, std::log(20.0), 1e-9);
  EXPECT_EQ(left(Stage::step).candidate_left, 50);
  for (int i = 0; i < 8; ++i) left(Stage::final);
  const Pace pace = left(Stage::final);
  const TestState test = decode(world.evidence.state)->test;
  ASSERT_GT(test.promotion.log_total, 0.1);
  EXPECT_NEAR(pace.evidence_left, std::log(20.0) - test.promotion.log_total, 1e-9);
  EXPECT_EQ(pace.candidate_left, 50 - test.promotion.candidate_requests);
  EXPECT_LT(pace.candidate_left, 0);
}

TEST(Pace, KnowsHowClumpedFailuresAre) {
  Scenario world;
  world.two_plain_pods();
  for (int i = 0; i < 30; ++i) {
    world.run(seconds(1), Stage::priming, 0, {.baseline_ok = 100});
    world.run(seconds(1), Stage::priming, 0, {.baseline_ok = 80, .baseline_failed = 20});
  }
  const double clump = world.run(seconds(1), Stage::step, 1, kHalf).paces.at(0).clump;
  EXPECT_EQ(clump, decode(world.evidence.state)->test.clumps.size({}));
  EXPECT_GT(clump, 5);
}

TEST(Pace, OfEachMetricByItsOwnBounds) {
  TwoMetrics world = with_latency();
  world.analysis.latency->tolerance = api::Percent::whole(3);
  world.analysis.latency->ceiling = api::Percent::whole(40);
  world.looks(3, Stage::priming, 0, 0, 0);
  const auto out = world.looks(3, Stage::step, 1, 2, 2);
  ASSERT_EQ(out.paces.size(), 2u);
  EXPECT_EQ(out.paces[0].parameters.delta, 0.01);
  EXPECT_EQ(out.paces[0].parameters.slo, 0.1);
  EXPECT_EQ(out.paces[1].parameters.delta, 0.03);
  EXPECT_EQ(out.paces[1].parameters.slo, 0.4);
  EXPECT_EQ(out.paces[1].parameters.alpha, 0.005) << "half of the bound each";
  EXPECT_THAT(out.summary, ::testing::MatchesRegex("candidate 0 of [^;]*; latency: candidate 6 of .*"));
}

TEST(Conclusion, TheFirstReasonToRollBackStays) {
  TwoMetrics world = with_latency();
  world.looks(3, Stage::priming, 0, 0, 0);
  Assessment out;
  for (int i = 0; i < 20; ++i) out = world.look(Stage::step, 1, {10, 0}, {10, 9}, {10, 0}, {10, 9});
  ASSERT_GT(out.evidence.metrics.at(0).candidate_failures, 100);
  EXPECT_EQ(std::get<RollBack>(out.verdict).reason, "ErrorRateWorseThanStable");
}

TEST(Conclusion, NothingIsRememberedOfAMetricThatWasNeverSeen) {
  TwoMetrics world = with_latency();
  world.answers_for_it = false;
  EXPECT_TRUE(world.looks(9, Stage::priming, 0, 0, 0).evidence.metrics.empty());
}

TEST(Conclusion, AHistogramThatGoesAwayIsNamed) {
  TwoMetrics world = with_latency();
  world.looks(3, Stage::priming, 0, 0, 0);
  world.looks(10, Stage::step, 1, 0, 0);
  world.basis.clear();
  const auto out = world.looks(1, Stage::step, 1, 0, 0);
  ASSERT_NE(testing::unavailable(out), nullptr);
  EXPECT_THAT(testing::unavailable(out)->message, ::testing::HasSubstr(", and now there is none: both"));
}

TEST(Observed, TheShareIsOfTheStepSinceTheRouterHadTimeToFollow) {
  Scenario world = after_priming();
  const testing::Traffic traffic{.baseline_ok = 90, .candidate_ok = 10};
  // The first look of the step begins it; windows that began five seconds later and more count.
  const auto out = world.run(seconds(20), Stage::step, 1, traffic);
  EXPECT_EQ(out.share, (TrafficShare{140, 1400}));
  EXPECT_EQ(world.run(seconds(1), Stage::step, 2, traffic).share, TrafficShare{});
}

TEST(Observed, BothSidesFailuresAreCounted) {
  Scenario world = after_priming({.baseline_ok = 50});
  const auto out = world.run(seconds(4), Stage::step, 1, kSome);
  EXPECT_EQ(out.evidence.baseline_requests, 360);
  EXPECT_EQ(out.evidence.baseline_failures, 8);
  EXPECT_EQ(out.evidence.candidate_requests, 40);
  EXPECT_EQ(out.evidence.candidate_failures, 4);
}

TEST(Observed, FreshIsWhatTheOlderSideIs) {
  for (const Side late : {Side::baseline, Side::candidate}) {
    Scenario world;
    world.add_pod(Side::baseline, "b-1", late == Side::baseline ? seconds(0) : testing::milliseconds(600));
    world.add_pod(Side::candidate, "c-1", late == Side::candidate ? seconds(0) : testing::milliseconds(600));
    world.run(seconds(5), Stage::step, 1, kHalf);
    world.run(testing::milliseconds(700), Stage::step, 1, kHalf);  // now only the other one was scraped again
    const auto out = world.look(world.samples(), Stage::step, 1);
    EXPECT_EQ(out.fresh_at->time_since_epoch() % seconds(1), testing::milliseconds(0));
  }
}

TEST(Limits, StaleAfterThreeIntervalsFifteenSecondsOrAsTheSpecSays) {
  api::Analysis analysis;
  analysis.interval = seconds(1);
  EXPECT_EQ(stale_after(analysis), seconds(15));
  analysis.interval = seconds(10);
  EXPECT_EQ(stale_after(analysis), seconds(30));
  analysis.stale_after = seconds(7);
  EXPECT_EQ(stale_after(analysis), seconds(7));
}

TEST(Limits, TheFirstQuestionLooksBackFurther) {
  const api::EvidenceStatus nothing;
  Scenario world;
  world.two_plain_pods();
  EXPECT_EQ(window_to_ask_for(world.analysis, Remembered(nothing), kErrorRate), minutes(10));
  world.run(seconds(1), Stage::priming, 0);
  EXPECT_EQ(window_to_ask_for(world.analysis, Remembered(world.evidence), kErrorRate), seconds(15));
  world.analysis.stale_after = minutes(20);
  EXPECT_EQ(window_to_ask_for(world.analysis, Remembered(nothing), kErrorRate), minutes(20));
}

/// Looks of a world without requests whose evidence was written.
int writes(Scenario& world, Stage stage, std::int32_t step, int looks = 1) {
  world.writes = 0;
  world.run(seconds(looks), stage, step);
  return world.writes;
}

TEST(Writes, EachChangeOfStageOnceAndNothingElse) {
  Scenario world = after_priming();
  writes(world, Stage::priming, 0, 2);
  EXPECT_EQ(writes(world, Stage::priming, 0), 0);
  EXPECT_EQ(writes(world, Stage::step, 0), 1) << "the comparison began";
  EXPECT_EQ(writes(world, Stage::step, 0), 0);
  EXPECT_EQ(writes(world, Stage::step, 1), 1) << "another step";
  EXPECT_EQ(writes(world, Stage::final, 1), 1) << "the last weight";
  EXPECT_EQ(writes(world, Stage::final, 1), 0);
  EXPECT_EQ(writes(world, Stage::step, 1), 1) << "no longer the last one";
  world.analysis.error_rate.tolerance = api::Percent::whole(2);
  EXPECT_EQ(writes(world, Stage::step, 1), 1) << "other bounds";
  EXPECT_EQ(writes(world, Stage::step, 1, 3), 0) << "and they are remembered";
  world.analysis.error_rate.ceiling = api::Percent::whole(20);
  EXPECT_EQ(writes(world, Stage::step, 1), 1);
  EXPECT_EQ(writes(world, Stage::step, 1, 3), 0);
}

TEST(Writes, TheLastWeightIsWaitedForAgainWhenItWasLeft) {
  Scenario world = after_priming({.baseline_ok = 50});
  world.run(seconds(3), Stage::final, 2, kHalf);
  world.run(seconds(10), Stage::step, 1, kHalf);
  EXPECT_EQ(world.run(seconds(6), Stage::final, 2, kHalf).evidence.promotion_evidence, "1.0 of 20");
}

TEST(Writes, WhatOneSideBringsBeforeTheOtherIsKept) {
  Scenario world = after_priming();
  world.run(seconds(2), Stage::step, 1, kSome);
  world.stop_scraping("c-1");
  world.writes = 0;
  const auto look = world.evidence.last_look;
  world.run(seconds(1), Stage::step, 1, {.baseline_ok = 1});
  EXPECT_EQ(world.writes, 1);
  EXPECT_EQ(world.evidence.last_look, look) << "it is no look yet";
}

TEST(Writes, TimesOfAClockThatWasAheadAreCorrectedOnce) {
  Scenario world = after_priming();
  world.now += minutes(10);
  world.look(NoSamples{"MetricsUnavailable", "refused"}, Stage::final, 1);
  world.now -= minutes(10);
  world.writes = 0;
  for (int i = 0; i < 3; ++i) world.look(NoSamples{"MetricsUnavailable", "refused"}, Stage::final, 1);
  EXPECT_EQ(world.writes, 1);
}

TEST(Writes, WhoIsLongGoneIsForgotten) {
  Scenario world;
  world.two_plain_pods();
  world.add_pod(Side::baseline, "b-2");
  world.run(seconds(3), Stage::priming, 0, kHalf);
  world.stop_scraping("b-2");
  world.now += std::chrono::hours(7);
  world.run(seconds(1), Stage::priming, 0, kHalf);
  EXPECT_EQ(decode(world.evidence.state)->counters.targets.size(), 2u);
}

TEST(Writes, TheFirstAnswerIsALookToo) {
  Scenario world;
  world.two_plain_pods();
  world.run(seconds(1), Stage::priming, 0);
  EXPECT_EQ(world.evidence.last_look, world.now);
}

TEST(History, IsFollowedByPrimingAndNotByTheFirstStep) {
  const testing::Traffic failing{.baseline_ok = 85, .baseline_failed = 5, .candidate_ok = 10};
  const auto new_pairs = [&](Stage stage) {
    Scenario world = after_priming();
    world.run(seconds(7), Stage::priming, 0, failing);
    world.evidence = {};  // a comparison begins, with a look back
    world.run(seconds(1), stage, 1, failing);
    const double before = decode(world.evidence.state)->test.clumps.baseline_pairs;
    EXPECT_GT(before, 3);
    world.run(seconds(1), stage, 1, failing);
    return decode(world.evidence.state)->test.clumps.baseline_pairs - before;
  };
  EXPECT_EQ(new_pairs(Stage::priming), 1);
  EXPECT_EQ(new_pairs(Stage::step), 0);
}

}  // namespace
}  // namespace seraphim::analysis
