// From the samples of many targets to one look: what is new, what is history, who is waited for, who is
// forgotten.
#include "analysis/looks.h"

#include <gtest/gtest.h>

#include "analysis/scenario.h"

namespace seraphim::analysis {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::kStart;

Evidence fresh() {
  return start_evidence(Parameters{}, kStart);
}

Samples both(api::Time at, double baseline, double candidate) {
  return {{{"b", "success", baseline, at}}, {{"c", "success", candidate, at}}, {}};
}

TEST(Start, RemembersWhatItBetsAgainst) {
  Parameters parameters;
  parameters.delta = 0.02;
  parameters.slo = 0.3;
  const Evidence evidence = start_evidence(parameters, kStart);
  EXPECT_EQ(evidence.delta, 0.02);
  EXPECT_EQ(evidence.slo, 0.3);
  EXPECT_EQ(evidence.counters.started_at, kStart);
}

TEST(Intakes, SayWhatIsNewestWhateverTheOrder) {
  for (const bool newest_first : {true, false}) {
    Samples samples{{{"b", "success", 2, kStart + seconds(9)}, {"b", "success", 1, kStart}},
                    {{"c", "success", 2, kStart + seconds(7)}, {"c", "success", 1, kStart}},
                    {}};
    if (!newest_first) {
      std::swap(samples.baseline[0], samples.baseline[1]);
      std::swap(samples.candidate[0], samples.candidate[1]);
    }
    Evidence evidence = fresh();
    const Intake intake = take_in(evidence, samples);
    EXPECT_EQ(intake.newest_baseline, kStart + seconds(9));
    EXPECT_EQ(intake.newest_candidate, kStart + seconds(7));
    EXPECT_EQ(intake.horizon, kStart + seconds(9) - hours(6));
  }
}

TEST(Intakes, AnEmptyAnswerBringsNothing) {
  Evidence evidence = fresh();
  note(evidence, both(kStart, 5, 5), seconds(1));
  const Evidence before = evidence;
  const Intake intake = take_in(evidence, {});
  EXPECT_FALSE(intake.newest_baseline || intake.newest_candidate || intake.moved);
  EXPECT_EQ(intake.horizon, kStart - hours(6)) << "as far as was remembered";
  EXPECT_EQ(evidence, before);
}

TEST(Intakes, MoveWhenACounterGrowsOrIsBorn) {
  Evidence evidence = fresh();
  EXPECT_TRUE(note(evidence, both(kStart, 5, 5), seconds(1)).moved);
  EXPECT_FALSE(take_in(evidence, both(kStart + seconds(1), 5, 5)).moved) << "quiet";
  EXPECT_TRUE(take_in(evidence, both(kStart + seconds(2), 5, 6)).moved) << "one request";
  Samples born = both(kStart + seconds(3), 5, 6);
  born.candidate.push_back({"c", "timeout", 0, kStart + seconds(3)});
  EXPECT_TRUE(take_in(evidence, born).moved) << "a counter at 0";
  born.candidate.push_back({"d", "success", 0, kStart + seconds(3)});
  EXPECT_TRUE(take_in(evidence, born).moved) << "a target";
  EXPECT_FALSE(take_in(evidence, born).moved) << "seen";
}

TEST(Intakes, BadEventsAndAllOfThemMakeARatio) {
  Evidence evidence = fresh();
  const std::string bad(1, kBad), total(1, kTotalOfBad);
  const auto at = [&](int second, double bads, double totals) {
    const api::Time time = kStart + seconds(second);
    return Samples{{{"b", bad, bads, time}, {"b", total, totals, time}},
                   {{"c", bad, bads, time}, {"c", total, totals, time}},
                   {}};
  };
  note(evidence, at(0, 1, 5), seconds(1));
  take_in(evidence, at(1, 4, 15));
  const auto counts = take_look(evidence, {}, kStart + seconds(1));
  EXPECT_EQ(counts, (Counts{7, 3, 7, 3}));
}

TEST(Intakes, AnOutcomeWithoutANameIsAFailure) {
  Evidence evidence = fresh();
  const auto at = [](int second, double value) {
    return Samples{{{"b", "", value, kStart + seconds(second)}},
                   {{"c", "success", value, kStart + seconds(second)}},
                   {}};
  };
  note(evidence, at(0, 0), seconds(1));
  take_in(evidence, at(1, 2));
  EXPECT_EQ(evidence.waiting, (Counts{0, 2, 2, 0}));
}

TEST(Intakes, ATargetBornSinceTheFirstAnswerCountsFromZero) {
  Evidence evidence = fresh();
  const auto with = [](api::Time at, const char* target) {
    return Samples{{{target, "success", 7, at}}, {{"c", "success", 1, at}}, {}};
  };
  take_in(evidence, with(kStart, "b"));
  EXPECT_EQ(evidence.waiting, Counts{}) << "before the first answer it is history";
  note(evidence, with(kStart + seconds(1), "b"), seconds(1));
  take_in(evidence, with(kStart + seconds(2), "new"));
  EXPECT_EQ(evidence.waiting, (Counts{7, 0, 0, 0}));
}

TEST(Intakes, WhatIsOlderThanTheHorizonIsIgnoredAndForgotten) {
  for (const api::Duration early : {milliseconds(0), milliseconds(1)}) {
    Evidence evidence = fresh();
    note(evidence, both(kStart, 5, 5), seconds(1));
    Samples late = both(kStart + hours(6), 6, 6);
    late.baseline.push_back({"old", "success", 3, kStart - early});
    take_in(evidence, late);
    EXPECT_EQ(evidence.waiting.baseline_ok, early == milliseconds(0) ? 4 : 1);
  }
  Evidence evidence = fresh();
  note(evidence, {{{"a", "success", 1, kStart - milliseconds(1)}, {"b", "success", 1, kStart}}, {}, {}},
       seconds(1));
  evidence.counters.targets[target_id("c")].seen = kStart + hours(6);
  forget_departed(evidence);
  EXPECT_FALSE(evidence.counters.targets.contains(target_id("a")));
  EXPECT_TRUE(evidence.counters.targets.contains(target_id("b"))) << "six hours to the millisecond";
}

TEST(Notes, CutHistoryIntoWindows) {
  Evidence evidence = fresh();
  Samples samples;
  for (int second = 0; second < 4; ++second) {
    samples.baseline.push_back({"b", "success", 100.0 * second, kStart + seconds(second)});
    samples.baseline.push_back({"b", "timeout", 5.0 * second, kStart + seconds(second)});
  }
  note(evidence, samples, seconds(1));
  // The first scrape brings no growth, the last window is not over: two are left, and one follows the other.
  EXPECT_EQ(evidence.test.clumps.baseline_pairs, 1);
  EXPECT_EQ(evidence.test.clumps.previous_requests, 105);
  Evidence whole = fresh();
  note(whole, samples, seconds(60));
  EXPECT_EQ(whole.test.clumps.baseline_pairs, 0);
  Evidence nothing = fresh();
  note(nothing, samples, seconds(0));
  EXPECT_EQ(nothing.test.clumps.baseline_pairs, 1) << "every moment is a window";
}

TEST(Notes, AreNoNewsForALook) {
  Evidence evidence = fresh();
  note(evidence, both(kStart, 5, 5), seconds(1));
  EXPECT_FALSE(take_look(evidence, {}, kStart + hours(1)));
}

/// `b` was scraped again at second 10; the others not yet. Scrapes come every ten seconds.
Evidence waiting_for_c() {
  Evidence evidence = fresh();
  Samples samples = both(kStart, 5, 5);
  samples.candidate.push_back({"d", "success", 5, kStart});
  note(evidence, samples, seconds(1));
  take_in(evidence,
          {{{"b", "success", 6, kStart + seconds(10)}}, {{"d", "success", 6, kStart + seconds(10)}}, {}});
  return evidence;
}

TEST(TakeLook, WaitsForATargetUntilItIsOverdueByALittle) {
  Evidence evidence = waiting_for_c();
  ASSERT_EQ(evidence.scrape_period, seconds(10));
  evidence.counters.targets[target_id("c")].seen = kStart + seconds(3);
  EXPECT_FALSE(take_look(evidence, {}, kStart + seconds(11) - milliseconds(1)));
  const auto counts = take_look(evidence, {}, kStart + seconds(11));
  EXPECT_EQ(counts, (Counts{1, 0, 1, 0})) << "four fifths of a period after its last scrape";
  EXPECT_EQ(evidence.last_look, kStart + seconds(11));
}

TEST(TakeLook, WaitsForNobodyOfASideThatIsNotNeeded) {
  Evidence evidence = waiting_for_c();
  evidence.counters.targets[target_id("c")].seen = kStart + seconds(9);
  EXPECT_FALSE(take_look(evidence, {}, kStart + seconds(10)));
  EXPECT_TRUE(take_look(evidence, {.baseline = true, .candidate = false}, kStart + seconds(10)));
}

TEST(TakeLook, NeedsNewsOfBothSidesUnlessToldOtherwise) {
  for (const Side side : {Side::baseline, Side::candidate}) {
    Evidence evidence = fresh();
    note(evidence, both(kStart, 5, 5), seconds(1));
    Samples samples = both(kStart + seconds(1), 6, 6);
    (side == Side::baseline ? samples.candidate : samples.baseline).clear();
    take_in(evidence, samples);
    EXPECT_FALSE(take_look(evidence, {}, kStart + seconds(9)));
    const bool baseline = side == Side::baseline;
    EXPECT_FALSE(take_look(evidence, {.baseline = !baseline, .candidate = baseline}, kStart + seconds(9)));
    EXPECT_TRUE(take_look(evidence, {.baseline = baseline, .candidate = !baseline}, kStart + seconds(9)));
  }
}

}  // namespace
}  // namespace seraphim::analysis
