// assess(): what is said about a candidate, stage by stage.
#include "analysis/assessment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/evidence.h"
#include "analysis/scenario.h"

namespace seraphim::analysis {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::continues;
using ::testing::HasSubstr;
using testing::Scenario;
using testing::Traffic;
using testing::unavailable;

constexpr Traffic kHealthy{.baseline_ok = 90, .candidate_ok = 10};
constexpr Traffic kOnlyStable{.baseline_ok = 100};

TEST(Priming, NotesCountersAndJudgesNothing) {
  Scenario world;
  world.two_plain_pods();
  world.history("b-1", "success", 1000);
  world.history("c-1", "timeout", 500);  // somebody tried the candidate by hand
  const auto assessment =
      world.run(seconds(10), Stage::priming, 0, {.baseline_ok = 50, .candidate_failed = 50});
  EXPECT_TRUE(continues(assessment));
  EXPECT_FALSE(assessment.suspicious);
  EXPECT_EQ(assessment.evidence.baseline_requests, 0);
  EXPECT_EQ(assessment.evidence.candidate_requests, 0);
  EXPECT_EQ(assessment.fresh_at, world.now);
  // What was counted until now stays out of the first look with traffic.
  const auto first = world.run(seconds(1), Stage::step, 1, {.baseline_ok = 9, .candidate_ok = 1});
  EXPECT_EQ(first.evidence.baseline_requests, 9);
  EXPECT_EQ(first.evidence.candidate_requests, 1);
  EXPECT_EQ(first.evidence.candidate_failures, 0);
  EXPECT_EQ(first.candidate_requests_in_step, 1);
}

TEST(Priming, TheCandidateIsInSightWithItsFirstScrape) {
  Scenario world;
  world.add_pod(Side::baseline, "b-1");
  EXPECT_FALSE(world.run(seconds(3), Stage::priming, 0, kOnlyStable).candidate_in_sight);
  world.add_pod(Side::candidate, "c-1");
  EXPECT_TRUE(world.run(seconds(2), Stage::priming, 0, kOnlyStable).candidate_in_sight);
  world.look(NoSamples{"MetricsUnavailable", "gone"}, Stage::priming, 0);
  EXPECT_TRUE(world.run(seconds(1), Stage::priming, 0, kOnlyStable).candidate_in_sight)
      << "once seen, always seen";
}

TEST(Priming, HistoryTellsHowClumpedFailuresAre) {
  Scenario world;
  world.two_plain_pods();
  Scenario smooth = world;
  for (int i = 0; i < 30; ++i) {  // before the comparison: a burst every other second
    world.now += seconds(1);
    world.look(NoSamples{"MetricsUnavailable", "not yet asked"}, Stage::priming, 0);
  }
  Scenario bursts;
  bursts.two_plain_pods();
  const api::EvidenceStatus nothing;
  for (int i = 0; i < 30; ++i) {
    bursts.run(seconds(1), Stage::priming, 0, {.baseline_ok = 100});
    bursts.run(seconds(1), Stage::priming, 0, {.baseline_ok = 80, .baseline_failed = 20});
    smooth.run(seconds(2), Stage::priming, 0, {.baseline_ok = 90, .baseline_failed = 10});
  }
  bursts.evidence = smooth.evidence = nothing;  // the comparison begins now, with a look back
  bursts.run(seconds(1), Stage::priming, 0, kOnlyStable);
  smooth.run(seconds(1), Stage::priming, 0, kOnlyStable);
  const auto clump = [](const Scenario& scenario) {
    return decode(scenario.evidence.state)->test.clumps.size({});
  };
  EXPECT_GT(clump(bursts), 5);
  EXPECT_LT(clump(smooth), 2);
}

TEST(Priming, TheFirstBlockWithACandidateDoesNotFollowTheHistory) {
  Scenario world;
  world.two_plain_pods();
  world.run(seconds(10), Stage::priming, 0, {.baseline_ok = 95, .baseline_failed = 5});
  const auto pairs = [&] { return decode(world.evidence.state)->test.clumps.baseline_pairs; };
  const double history = pairs();
  EXPECT_GT(history, 5);
  const Traffic both{.baseline_ok = 85, .baseline_failed = 5, .candidate_ok = 10};
  world.run(seconds(1), Stage::step, 1, both);
  EXPECT_EQ(pairs(), history);
  world.run(seconds(1), Stage::step, 1, both);
  EXPECT_EQ(pairs(), history + 1);
}

TEST(Steps, HealthyCandidateGoesOnUntilTheLastWeightAndIsPromotedThere) {
  Scenario world;
  world.two_plain_pods();
  world.run(seconds(3), Stage::priming, 0, kOnlyStable);
  auto assessment = world.run(seconds(120), Stage::step, 1, kHealthy);
  EXPECT_TRUE(continues(assessment));
  EXPECT_EQ(assessment.candidate_requests_in_step, 1200);
  EXPECT_EQ(assessment.evidence.promotion_evidence, "1.0 of 20") << "only the last weight counts";
  assessment = world.run(seconds(1), Stage::final, 2, {.baseline_ok = 50, .candidate_ok = 50});
  EXPECT_EQ(assessment.candidate_requests_in_step, 50) << "a new step counts anew";
  EXPECT_TRUE(
      world.run_until<Promote>(seconds(60), Stage::final, 2, {.baseline_ok = 50, .candidate_ok = 50}));
  EXPECT_TRUE(std::holds_alternative<Promote>(world.run(seconds(1), Stage::final, 2, {}).verdict))
      << "it stays";
  EXPECT_TRUE(continues(world.run(seconds(1), Stage::step, 2, {}))) << "but only at the last weight";
}

TEST(Steps, PromotionEvidenceWaitsForLateTimeouts) {
  Scenario world;
  world.two_plain_pods();
  world.run(seconds(3), Stage::priming, 0, kOnlyStable);
  const Traffic half{.baseline_ok = 50, .candidate_ok = 50};
  EXPECT_EQ(world.run(seconds(6), Stage::final, 1, half).evidence.promotion_evidence, "1.0 of 20");
  EXPECT_NE(world.run(seconds(1), Stage::final, 1, half).evidence.promotion_evidence, "1.0 of 20");
}

TEST(Steps, BadCandidateIsRolledBackInThreeLooks) {
  Scenario world;
  world.two_plain_pods();
  world.run(seconds(3), Stage::priming, 0, kOnlyStable);
  world.run(seconds(10), Stage::step, 1, kHealthy);
  const Traffic bad{
      .baseline_ok = 25, .candidate_ok = 20, .candidate_failed = 5};  // 50 a second, half of it here
  const auto delay = world.run_until<RollBack>(seconds(30), Stage::step, 2, bad);
  ASSERT_TRUE(delay);
  EXPECT_LE(*delay, 3.0);
}

/// A crash after the rollback's write of the route: whoever comes next finds no weight, and growth that
/// nobody has judged.
TEST(Steps, WhatACandidateWasAskedStillCountsWhenItsWeightIsGone) {
  Scenario world;
  world.two_plain_pods();
  world.run(seconds(3), Stage::priming, 0, kOnlyStable);
  ASSERT_TRUE(continues(world.run(seconds(2), Stage::step, 1, kHealthy)));
  const auto assessment = world.run(seconds(3), Stage::priming, 1,
                                    {.baseline_ok = 50, .candidate_ok = 10, .candidate_failed = 40});
  EXPECT_TRUE(std::holds_alternative<RollBack>(assessment.verdict));
}

TEST(Steps, RollBackSaysBothSidesNumbers) {
  Scenario world;
  world.two_plain_pods();
  world.run(seconds(3), Stage::priming, 0, kOnlyStable);
  const Traffic bad{.baseline_ok = 99, .baseline_failed = 1, .candidate_ok = 8, .candidate_failed = 2};
  ASSERT_TRUE(world.run_until<RollBack>(seconds(60), Stage::step, 1, bad));
  const auto assessment = world.run(seconds(1), Stage::step, 1);
  const auto& verdict = std::get<RollBack>(assessment.verdict);
  EXPECT_EQ(verdict.reason, "ErrorRateWorseThanStable");
  EXPECT_THAT(verdict.message,
              ::testing::MatchesRegex("candidate [0-9]+ of [0-9]+ requests failed \\(20.0 %\\), stable "
                                      "[0-9]+ of [0-9]+ \\(1.0 %\\); evidence [0-9]+:1, 100:1 needed"));
  EXPECT_TRUE(assessment.suspicious);
  EXPECT_THAT(assessment.evidence.rollback_evidence, ::testing::MatchesRegex("[0-9]+ of 100"));
}

TEST(Steps, ARollbackStaysWhateverComes) {
  Scenario world;
  world.two_plain_pods();
  world.run(seconds(3), Stage::priming, 0, kOnlyStable);
  const Traffic bad{.baseline_ok = 100, .candidate_failed = 20};
  ASSERT_TRUE(world.run_until<RollBack>(seconds(30), Stage::step, 1, bad));
  const auto stays = [](const Assessment& a) { return std::holds_alternative<RollBack>(a.verdict); };
  EXPECT_TRUE(stays(world.run(seconds(300), Stage::final, 3, kHealthy)));
  EXPECT_TRUE(stays(world.look(NoSamples{"MetricsUnavailable", "down"}, Stage::step, 1)));
  EXPECT_TRUE(stays(world.look(Samples{}, Stage::priming, 0)));
}

TEST(Steps, SuspicionIsReportedBeforeTheDecision) {
  Scenario world;
  world.two_plain_pods();
  world.run(seconds(3), Stage::priming, 0, kOnlyStable);
  world.run(seconds(5), Stage::step, 1, kHealthy);
  const auto assessment = world.run(seconds(1), Stage::step, 1, {.baseline_ok = 90, .candidate_failed = 10});
  EXPECT_TRUE(continues(assessment)) << "one scrape decides nothing";
  EXPECT_TRUE(assessment.suspicious);
}

TEST(Steps, SharedOutageIsNotTheCandidatesFault) {
  Scenario world;
  world.two_plain_pods();
  world.run(seconds(3), Stage::priming, 0, kOnlyStable);
  world.run(seconds(30), Stage::step, 1, kHealthy);
  const Traffic outage{.baseline_ok = 45, .baseline_failed = 45, .candidate_ok = 5, .candidate_failed = 5};
  EXPECT_TRUE(continues(world.run(seconds(60), Stage::step, 1, outage)));
}

TEST(Final, APromotionNotCarriedOutIsOverturnedByALateFailure) {
  Scenario world;
  world.two_plain_pods();
  world.run(seconds(3), Stage::priming, 0, kOnlyStable);
  const Traffic half{.baseline_ok = 50, .candidate_ok = 50};
  ASSERT_TRUE(world.run_until<Promote>(seconds(120), Stage::final, 1, half));
  const Traffic late{.baseline_ok = 50, .candidate_failed = 50};
  EXPECT_TRUE(continues(world.run(seconds(1), Stage::final, 1, late))) << "suspicious: no more Promote";
  EXPECT_TRUE(world.run_until<RollBack>(seconds(10), Stage::final, 1, late));
}

TEST(Bake, GuardAloneWatchesAndRollsBackAboveTheCeiling) {
  Scenario world;
  world.two_plain_pods();
  world.run(seconds(3), Stage::priming, 0, kOnlyStable);
  ASSERT_TRUE(
      world.run_until<Promote>(seconds(120), Stage::final, 1, {.baseline_ok = 50, .candidate_ok = 50}));
  world.stop_scraping("b-1");  // gone: its silence must not hold up the bake
  EXPECT_TRUE(continues(world.run(seconds(60), Stage::bake, 1, {.candidate_ok = 95, .candidate_failed = 5})));
  ASSERT_TRUE(
      world.run_until<RollBack>(seconds(30), Stage::bake, 1, {.candidate_ok = 30, .candidate_failed = 70}));
  const auto verdict = std::get<RollBack>(world.run(seconds(1), Stage::bake, 1).verdict);
  EXPECT_EQ(verdict.reason, "ErrorRateAboveCeiling");
  EXPECT_THAT(verdict.message, HasSubstr("above the ceiling of 10.0 %"));
}

TEST(Bake, RelativeEvidenceDoesNotMove) {
  Scenario world;
  world.two_plain_pods();
  world.run(seconds(3), Stage::priming, 0, kOnlyStable);
  world.run(seconds(30), Stage::final, 1, {.baseline_ok = 50, .candidate_ok = 50});
  world.run(seconds(1), Stage::bake, 1, {.baseline_ok = 50, .candidate_ok = 50});
  const auto before = decode(world.evidence.state)->test;
  world.run(seconds(30), Stage::bake, 1, {.baseline_failed = 50, .candidate_ok = 50, .candidate_failed = 1});
  const auto after = decode(world.evidence.state)->test;
  EXPECT_EQ(after.relative, before.relative);
  EXPECT_EQ(after.promotion, before.promotion);
  EXPECT_NE(after.guard, before.guard);
}

TEST(Verdict, InvalidBoundsAreSaid) {
  Scenario world;
  world.two_plain_pods();
  world.analysis.error_rate.false_rollback = api::kNothing;
  const auto assessment = world.run(seconds(1), Stage::step, 1, kHealthy);
  ASSERT_TRUE(unavailable(assessment));
  EXPECT_EQ(unavailable(assessment)->reason, "InvalidAnalysis");
  EXPECT_THAT(unavailable(assessment)->message,
              HasSubstr("errorRate.falseRollback is 0%: write more than 0%"));
}

TEST(Verdict, AHigherCeilingStartsTheGuardAnewALowerOneDoesNot) {
  Scenario world;
  world.two_plain_pods();
  world.run(seconds(3), Stage::priming, 0, kOnlyStable);
  world.run(seconds(30), Stage::step, 1, kHealthy);
  const auto guard = [&] { return decode(world.evidence.state)->test.guard; };
  const auto before = guard();
  EXPECT_NE(before, GuardWealth::start(Parameters{}.awake));
  world.analysis.error_rate.ceiling = api::Percent::whole(5);
  world.run(seconds(1), Stage::step, 1);
  EXPECT_EQ(guard(), before);
  world.analysis.error_rate.ceiling = api::Percent::whole(20);
  world.run(seconds(1), Stage::step, 1);
  EXPECT_EQ(guard(), GuardWealth::start(Parameters{}.awake));
}

TEST(Verdict, StricterToleranceStartsPromotionEvidenceAnew) {
  Scenario world;
  world.two_plain_pods();
  world.run(seconds(3), Stage::priming, 0, kOnlyStable);
  ASSERT_TRUE(
      world.run_until<Promote>(seconds(120), Stage::final, 1, {.baseline_ok = 50, .candidate_ok = 50}));
  world.analysis.error_rate.tolerance = api::Percent::from_basis_points(50);
  const auto assessment = world.run(seconds(1), Stage::final, 1);
  EXPECT_TRUE(continues(assessment));
  EXPECT_EQ(assessment.evidence.promotion_evidence, "1.0 of 20");
}

}  // namespace
}  // namespace seraphim::analysis
