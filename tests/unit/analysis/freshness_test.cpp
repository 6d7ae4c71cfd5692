// assess() when data is missing, late, stale or odd: never good, never bad, and nothing counted twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "analysis/assessment.h"
#include "analysis/evidence.h"
#include "analysis/scenario.h"

namespace seraphim::analysis {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::continues;
using ::testing::HasSubstr;
using testing::kStart;
using testing::Scenario;
using testing::Traffic;
using testing::unavailable;

constexpr Traffic kFreshHealthy{.baseline_ok = 90, .candidate_ok = 10};
constexpr Traffic kFreshStable{.baseline_ok = 100};

Scenario primed() {
  Scenario world;
  world.two_plain_pods();
  world.run(seconds(3), Stage::priming, 0, kFreshStable);
  return world;
}

TEST(Clocks, ATargetThatIsLongGoneBringsNoNews) {
  const Samples samples{
      {{"old", "success", 1000, kStart - std::chrono::hours(12)}, {"new", "success", 10, kStart}},
      {{"c", "success", 5, kStart}},
      {}};
  api::Analysis analysis;
  analysis.prometheus.address = "http://prometheus";
  const auto first = assess(analysis, {}, samples, Stage::step, 1, kStart);
  const auto second = assess(analysis, first.evidence, samples, Stage::step, 1, kStart);
  EXPECT_EQ(second.evidence, first.evidence) << "it is forgotten, and not found again";
  EXPECT_EQ(decode(first.evidence.state)->counters.targets.size(), 2u);
}

// Found by a fuzzer: with a clock that is half a day ahead of Prometheus, every target was taken for gone,
// forgotten, and found again with all of its history as news.
TEST(Clocks, AServerHalfADayBehindIsStaleAndBringsNoNews) {
  const auto samples_at = [](api::Time at) {
    return Samples{{{"b", "success", 1000, at}}, {{"c", "timeout", 500, at}}, {}};
  };
  api::Analysis analysis;
  analysis.prometheus.address = "http://prometheus";
  api::EvidenceStatus evidence;
  for (int look = 0; look < 5; ++look) {
    const auto out = assess(analysis, evidence, samples_at(kStart + seconds(look)), Stage::step, 1,
                            kStart + std::chrono::hours(12) + seconds(look));
    ASSERT_NE(testing::unavailable(out), nullptr);
    EXPECT_EQ(testing::unavailable(out)->reason, "MetricsStale");
    evidence = out.evidence;
  }
  EXPECT_EQ(decode(evidence.state)->waiting, Counts{});
}

TEST(Freshness, NoSamplesPassTheirReasonOnAndChangeNothing) {
  Scenario world = primed();
  const auto before = world.run(seconds(5), Stage::step, 1, kFreshHealthy);
  const auto blind = world.look(NoSamples{"MetricsUnavailable", "connection refused"}, Stage::step, 1);
  ASSERT_TRUE(unavailable(blind));
  EXPECT_EQ(unavailable(blind)->reason, "MetricsUnavailable");
  EXPECT_EQ(unavailable(blind)->message, "connection refused");
  EXPECT_EQ(blind.evidence, before.evidence);
  EXPECT_EQ(blind.fresh_at, before.fresh_at);
}

TEST(Freshness, OldDataIsStale) {
  for (const char* pod : {"b-1", "c-1"}) {
    Scenario world = primed();
    world.run(seconds(5), Stage::step, 1, kFreshHealthy);
    world.stop_scraping(pod);
    EXPECT_TRUE(continues(world.run(seconds(10), Stage::step, 1, kFreshHealthy))) << pod;
    const auto stale = world.run(seconds(6), Stage::step, 1, kFreshHealthy);
    ASSERT_TRUE(unavailable(stale)) << pod;
    EXPECT_EQ(unavailable(stale)->reason, "MetricsStale");
    const std::string said = unavailable(stale)->message;
    EXPECT_THAT(said, HasSubstr(" since 20"));
    EXPECT_EQ(unavailable(world.run(seconds(2), Stage::step, 1, kFreshHealthy))->message, said) << "no churn";
    EXPECT_LT(stale.fresh_at, world.now - seconds(10)) << "freshness must not go on without " << pod;
  }
}

TEST(Freshness, DataIsFreshAtTheLimitAndStaleAfterIt) {
  Scenario world = primed();
  world.run(seconds(5), Stage::step, 1, kFreshHealthy);
  world.now += stale_after(world.analysis);
  EXPECT_TRUE(continues(world.look({}, Stage::step, 1)));
  world.now += milliseconds(1);
  EXPECT_TRUE(unavailable(world.look({}, Stage::step, 1)));
}

TEST(Freshness, BeforeTheFirstAnswerAfterARestartWhatIsRememberedCounts) {
  Scenario world = primed();
  const auto before = world.run(seconds(5), Stage::step, 1, kFreshHealthy);
  world.now += milliseconds(400);
  const auto restarted = world.look({}, Stage::step, 1);
  EXPECT_TRUE(continues(restarted));
  EXPECT_EQ(restarted.evidence, before.evidence);
  EXPECT_EQ(restarted.fresh_at, before.fresh_at);
  world.now += stale_after(world.analysis);
  const auto stale = world.look({}, Stage::step, 1);
  ASSERT_TRUE(unavailable(stale));
  EXPECT_EQ(unavailable(stale)->reason, "MetricsStale");
}

/// Seed 843 of the simulator: another replica, whose clock was ahead, had the lease for a while.
TEST(Freshness, AStepThatBeganInTheFutureStillCounts) {
  Scenario world = primed();
  world.now += minutes(10);
  world.look(NoSamples{"MetricsUnavailable", "connection refused"}, Stage::final, 1);
  world.now -= minutes(10);
  EXPECT_TRUE(
      world.run_until<Promote>(minutes(5), Stage::final, 1, {.baseline_ok = 900, .candidate_ok = 900}));
}

TEST(Freshness, NothingIsJudgedWhileOneSideIsUnseen) {
  Scenario world = primed();
  world.run(seconds(5), Stage::step, 1, kFreshHealthy);
  world.stop_scraping("b-1");
  const Traffic bad{.baseline_ok = 90, .candidate_failed = 10};
  const auto blind = world.run(seconds(60), Stage::step, 1, bad);
  EXPECT_TRUE(unavailable(blind));
  EXPECT_FALSE(blind.suspicious);
  world.resume_scraping("b-1");
  const auto sighted = world.run(seconds(1), Stage::step, 1, bad);
  EXPECT_TRUE(continues(sighted)) << "a minute in one look decides nothing";
  EXPECT_EQ(sighted.evidence.candidate_failures, 610) << "but nothing of it is lost";
  EXPECT_EQ(sighted.evidence.baseline_requests, 66 * 90);
}

TEST(Freshness, AnOperatorThatWasAwayLosesNothing) {
  Scenario world = primed();
  world.run(seconds(5), Stage::step, 1, kFreshHealthy);
  world.analysis.interval = std::chrono::hours(24);  // nobody looks for an hour
  world.run(minutes(60), Stage::step, 1, {.baseline_ok = 9, .candidate_ok = 1});
  world.analysis.interval = seconds(1);
  world.run(seconds(1), Stage::step, 1, kFreshHealthy);
  EXPECT_EQ(world.evidence.baseline_requests, 6 * 90 + 3600 * 9);
  EXPECT_EQ(world.evidence.candidate_requests, 6 * 10 + 3600);
}

TEST(Freshness, FirstFailuresOfAPodWithoutZerosCount) {
  Scenario world;
  world.add_pod(Side::baseline, "b-1");
  world.add_pod(Side::candidate, "c-1", {}, /*export_zeros=*/false);
  world.run(seconds(3), Stage::priming, 0, kFreshStable);
  const auto unseen = world.run(seconds(2), Stage::step, 1, kFreshStable);
  ASSERT_TRUE(unavailable(unseen));
  EXPECT_EQ(unavailable(unseen)->reason, "NotEnoughTraffic");
  const auto first = world.run(seconds(1), Stage::step, 1, {.baseline_ok = 90, .candidate_failed = 3});
  EXPECT_EQ(first.evidence.candidate_failures, 3);
}

TEST(Freshness, RestartsAndNewPodsLoseNothing) {
  Scenario world = primed();
  world.run(seconds(5), Stage::step, 1, kFreshHealthy);
  world.restart_process("c-1");
  world.run(seconds(1), Stage::step, 1, kFreshHealthy);
  EXPECT_EQ(world.evidence.candidate_requests, 60);
  world.add_pod(Side::candidate, "c-2", {}, /*export_zeros=*/false);
  world.run(seconds(1), Stage::step, 1, kFreshHealthy);
  EXPECT_EQ(world.evidence.candidate_requests, 70);
}

TEST(Freshness, StableWithoutAnyRequestIsSaid) {
  Scenario world;
  world.add_pod(Side::baseline, "b-1", {}, /*export_zeros=*/false);
  const auto assessment = world.run(seconds(5), Stage::priming, 0);
  ASSERT_TRUE(unavailable(assessment));
  EXPECT_EQ(unavailable(assessment)->reason, "NotEnoughTraffic");
  EXPECT_THAT(unavailable(assessment)->message, HasSubstr("the stable revision"));
  EXPECT_EQ(assessment.fresh_at, std::nullopt);
}

TEST(Freshness, AStepWithoutCandidateRequestsIsNotGood) {
  Scenario world = primed();
  EXPECT_TRUE(continues(world.run(seconds(15), Stage::step, 1, kFreshStable)));
  const auto silent = world.run(seconds(1), Stage::step, 1, kFreshStable);
  ASSERT_TRUE(unavailable(silent));
  EXPECT_EQ(unavailable(silent)->reason, "NotEnoughTraffic");
  EXPECT_EQ(silent.fresh_at, world.now) << "data is fresh, it only says nothing";
  EXPECT_TRUE(continues(world.run(seconds(1), Stage::step, 1, kFreshHealthy)));
  world.run(seconds(1), Stage::final, 2, kFreshStable);
  EXPECT_TRUE(unavailable(world.run(seconds(16), Stage::final, 2, kFreshStable))) << "nor at the last weight";
  EXPECT_TRUE(continues(world.run(seconds(1), Stage::final, 2, {.baseline_ok = 9, .candidate_ok = 1})));
  EXPECT_TRUE(continues(world.run(seconds(1), Stage::bake, 2, {}))) << "the bake compares nothing";
}

TEST(Freshness, AQuietWorldIsNotWritten) {
  Scenario world = primed();
  world.run(seconds(5), Stage::step, 1, kFreshHealthy);
  world.run(seconds(1), Stage::step, 1);
  world.writes = 0;
  const auto quiet = world.run(minutes(10), Stage::step, 1);
  EXPECT_EQ(world.writes, 0);
  EXPECT_EQ(quiet.fresh_at, world.now);
  world.run(seconds(1), Stage::step, 1, kFreshHealthy);
  EXPECT_EQ(world.evidence.candidate_requests, 60);
}

TEST(Freshness, UnreadableStateStartsAnewWithoutCountingHistory) {
  Scenario world = primed();
  const auto before =
      world.run(seconds(30), Stage::step, 1, {.baseline_ok = 90, .candidate_ok = 8, .candidate_failed = 2});
  ASSERT_TRUE(std::holds_alternative<RollBack>(before.verdict));
  world.evidence.state = "{\"v\":1";
  const auto anew = world.run(seconds(1), Stage::step, 1, kFreshHealthy);
  EXPECT_TRUE(continues(anew));
  EXPECT_EQ(anew.evidence.candidate_failures, 0);
  EXPECT_EQ(world.run(seconds(1), Stage::step, 1, kFreshHealthy).evidence.candidate_requests, 10);
}

TEST(Looks, PodsScrapedAtDifferentMomentsAreOneLookPerScrape) {
  Scenario world;
  for (int i = 0; i < 4; ++i) world.add_pod(Side::baseline, "b-" + std::to_string(i), milliseconds(200 * i));
  world.add_pod(Side::candidate, "c-0", milliseconds(500));
  world.add_pod(Side::candidate, "c-1", milliseconds(900));
  world.run(seconds(3), Stage::priming, 0, kFreshStable);
  const api::Time from = world.now;
  for (int i = 0; i < 20; ++i) {
    world.run(seconds(1), Stage::step, 1, kFreshHealthy);
    ASSERT_EQ(world.evidence.last_look, world.now) << "no look waits needlessly";
  }
  EXPECT_GE(world.evidence.candidate_requests, 10 * 19);
  EXPECT_EQ(world.now, from + seconds(20));
}

TEST(Looks, LookingMoreOftenThanScrapingWaitsForEverybody) {
  Scenario world;
  world.analysis.interval = seconds(5);
  world.scrape_period = seconds(15);
  for (int i = 0; i < 3; ++i) {  // each tick sees one pod of each side
    world.add_pod(Side::baseline, "b-" + std::to_string(i), milliseconds(5000 * i));
    world.add_pod(Side::candidate, "c-" + std::to_string(i), milliseconds(5000 * i));
  }
  world.run(seconds(60), Stage::priming, 0, kFreshStable);
  std::set<api::Time> looks;
  for (int i = 0; i < 12; ++i) {
    world.run(seconds(5), Stage::step, 1, kFreshHealthy);
    if (world.evidence.candidate_requests > 0) looks.insert(*world.evidence.last_look);
  }
  EXPECT_LE(looks.size(), 4u);
  EXPECT_GE(looks.size(), 3u);
}

TEST(Looks, AVanishedPodHoldsNothingUp) {
  Scenario world = primed();
  world.add_pod(Side::candidate, "c-2");
  world.run(seconds(5), Stage::step, 1, kFreshHealthy);
  world.stop_scraping("c-2");
  world.run(seconds(3), Stage::step, 1, kFreshHealthy);
  EXPECT_EQ(world.evidence.last_look, world.now);
}

TEST(Looks, ASampleThatComesTwiceCountsOnce) {
  Scenario world = primed();
  world.run(seconds(1), Stage::step, 1, kFreshHealthy);
  const auto again = world.samples();
  for (int i = 0; i < 5; ++i) {
    world.now += milliseconds(100);
    world.look(again, Stage::step, 1);
  }
  EXPECT_EQ(world.evidence.candidate_requests, 10);
  EXPECT_EQ(world.evidence.baseline_requests, 90);
}

TEST(Looks, OneTargetMayCountBothSides) {  // the platform's gateway, preset variant_label
  Scenario world;
  const auto scrape = [&](double b, double c, double c_failed) {
    world.now += seconds(1);
    Samples samples;
    samples.baseline = {{"gw", "success", b, world.now}};
    if (c > 0) samples.candidate = {{"gw", "success", c, world.now}};
    if (c_failed > 0) samples.candidate.push_back({"gw", "http_error", c_failed, world.now});
    return samples;
  };
  world.look(scrape(8411, 0, 0), Stage::priming, 0);
  world.look(scrape(8451, 0, 0), Stage::step, 1);
  const auto assessment = world.look(scrape(8491, 4, 2), Stage::step, 1);
  EXPECT_EQ(assessment.evidence.baseline_requests, 80);
  EXPECT_EQ(assessment.evidence.candidate_requests, 6);
  EXPECT_EQ(assessment.evidence.candidate_failures, 2);
}

}  // namespace
}  // namespace seraphim::analysis
