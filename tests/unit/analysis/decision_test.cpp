// The numbers at which the test decides, and the formulas beside it, each against a value found another way.
#include <gtest/gtest.h>

#include <cmath>

#include "analysis/forecast.h"
#include "analysis/increments.h"
#include "analysis/sequential_test.h"
#include "analysis/series.h"
#include "analysis/share.h"

namespace seraphim::analysis {
namespace {

/// Bounds whose logarithms are met exactly.
Parameters plain() {
  Parameters parameters;
  parameters.guard_share = 0.5;
  return parameters;
}

/// Everything that promotion asks for, just so.
TestState just_enough(const Parameters& parameters) {
  TestState state = start_test(parameters);
  state.promotion.log_total = -std::log(parameters.beta);
  state.promotion.blocks = parameters.min_final_blocks;
  state.promotion.candidate_requests = parameters.min_final_candidate;
  state.rates.recent_requests = 100;
  state.rates.recent_failures = 100 * parameters.slo;
  return state;
}

/// A look that brings nothing, so that only what is known decides.
Decision decided(TestState state, const Parameters& parameters, bool final = true) {
  look(state, parameters, {}, final);
  return state.decision;
}

/// Rollback evidence as it is asked for.
TestState with_rollback(TestState state, double log_evidence) {
  state.relative.awake.fill(-INFINITY);
  state.guard.awake.fill(-INFINITY);
  state.relative.asleep = state.guard.asleep = log_evidence;
  return state;
}

TEST(Decisions, PromotionAsksForAllOfItsConditions) {
  const Parameters p = plain();
  EXPECT_EQ(decided(just_enough(p), p), Decision::promote);
  EXPECT_EQ(decided(just_enough(p), p, /*final=*/false), Decision::go_on);
  const auto without = [&](auto change) {
    TestState state = just_enough(p);
    change(state);
    return decided(state, p) == Decision::go_on;
  };
  EXPECT_TRUE(without([](TestState& s) { s.promotion.log_total -= 1e-9; }));
  EXPECT_TRUE(without([](TestState& s) { s.promotion.blocks -= 1; }));
  EXPECT_TRUE(without([](TestState& s) { s.promotion.candidate_requests -= 1; }));
  EXPECT_TRUE(without([](TestState& s) { s.rates.recent_failures += 1; }));
}

TEST(Decisions, ASuspicionThatIsReachedPromotesNothing) {
  const Parameters p = plain();
  const double bound = std::log(p.suspicion);
  TestState state = with_rollback(just_enough(p), bound);
  // As the evidence comes out, so the bound: the sum of two halves may differ in the last bit.
  Parameters exact = p;
  exact.suspicion = std::exp(evidence_of(state, p).rollback);
  while (std::log(exact.suspicion) > evidence_of(state, p).rollback)
    exact.suspicion = std::nextafter(exact.suspicion, 0);
  EXPECT_EQ(decided(state, exact), Decision::go_on);
  exact.suspicion += 1e-9;
  EXPECT_EQ(decided(state, exact), Decision::promote);
}

TEST(Decisions, CondemnedAtTheBoundAndWithEnoughFailures) {
  const Parameters p = plain();
  TestState state = with_rollback(start_test(p), -std::log(p.alpha) + 1e-9);
  state.candidate_failures = p.min_candidate_failures;
  EXPECT_TRUE(condemned(state, p));
  EXPECT_EQ(decided(state, p), Decision::roll_back);
  state.candidate_failures -= 1;
  EXPECT_FALSE(condemned(state, p));
  state = with_rollback(start_test(p), -std::log(p.alpha) - 1e-9);
  state.candidate_failures = p.min_candidate_failures;
  EXPECT_FALSE(condemned(state, p));
}

TEST(Decisions, TheFirstOneStays) {
  const Parameters p = plain();
  TestState state = with_rollback(just_enough(p), 100);
  state.candidate_failures = 10;
  state.decision = Decision::promote;
  EXPECT_EQ(decided(state, p), Decision::promote);
  TestState fine = just_enough(p);
  fine.decision = Decision::roll_back;
  EXPECT_EQ(decided(fine, p), Decision::roll_back);
}

TEST(Decisions, ABlockWithoutBaselineClosesAtTwentyRequests) {
  const Parameters p = plain();
  TestState state = start_test(p);
  look(state, p, {0, 0, 19, 0}, false);
  EXPECT_EQ(state.pending.candidate(), 19);
  look(state, p, {0, 0, 1, 0}, false);
  EXPECT_EQ(state.pending, Counts{});
}

TEST(Decisions, ACeilingOfHalfSwitchesTheGuardOff) {
  Parameters p = plain();
  p.slo = 0.5;
  TestState state = start_test(p);
  look(state, p, {50, 0, 25, 25}, false);
  EXPECT_EQ(state.guard, start_test(p).guard);
  p.slo = 0.499;
  look(state, p, {50, 0, 25, 25}, false);
  EXPECT_NE(state.guard, start_test(p).guard);
}

TEST(Rebase, OnlyStricterBoundsStartAnew) {
  const Parameters p = plain();
  TestState state = just_enough(p);
  look(state, p, {90, 5, 50, 5}, true);
  state.decision = Decision::promote;
  const auto rebased = [&](double old_delta, double old_slo) {
    TestState copy = state;
    rebase(copy, old_delta, old_slo, p);
    return copy;
  };
  EXPECT_EQ(rebased(p.delta, p.slo), state) << "the same bounds";
  EXPECT_EQ(rebased(p.delta / 2, p.slo), state) << "a looser tolerance";
  EXPECT_EQ(rebased(p.delta, p.slo * 2), state) << "a lower ceiling";
  EXPECT_EQ(rebased(p.delta * 2, p.slo).promotion, PromotionWealth{});
  EXPECT_EQ(rebased(p.delta * 2, p.slo).decision, Decision::go_on);
  EXPECT_EQ(rebased(p.delta, p.slo / 2).guard, start_test(p).guard);
  state.decision = Decision::roll_back;
  EXPECT_EQ(rebased(p.delta * 2, p.slo).decision, Decision::roll_back) << "that one stays";
}

TEST(Rates, OfNothingAreZeroAndOfOneRequestAreCertain) {
  EXPECT_EQ(Rates{}.pooled_now(), 0);
  EXPECT_EQ(Rates{}.twice_baseline_now(), 0);
  Rates rates;
  rates.add({0, 1, 0, 0});
  EXPECT_EQ(rates.pooled_now(), 1);
  EXPECT_EQ(rates.twice_baseline_now(), 2);
}

TEST(Clumps, AreNeverSmallerThanOneRequest) {
  Parameters p;
  p.min_clump = 0;
  Clumps calm;
  calm.variances = 9;
  calm.baseline_pairs = 8;
  EXPECT_EQ(calm.size(p), 1);
}

TEST(Clumps, OneRequestIsABlockAndNoneIsNot) {
  Clumps clumps;
  clumps.observe_baseline(1, 1);
  clumps.observe_baseline(1, 1);
  EXPECT_EQ(clumps.baseline_pairs, 1);
  EXPECT_EQ(clumps.baseline_z, 0) << "as expected";
  clumps.observe_baseline(0, 0);
  EXPECT_EQ(clumps.baseline_pairs, 1);
  clumps.observe_baseline(5, 1);
  EXPECT_EQ(clumps.baseline_pairs, 1) << "it does not follow anything";
}

/// The least gain per event over a fine grid, as evidence.md defines it.
double slow_gain(double q, double weight, double delta) {
  const auto divergence = [](double a, double b) {
    return (a > 0 ? a * std::log(a / b) : 0.0) + (1 - a) * std::log((1 - a) / (1 - b));
  };
  double least = INFINITY;
  for (int i = 0; i < 200'000; ++i) {
    const double x = std::max(1e-10, (1 - delta) * i / 200'000);
    least = std::min(least, (1 - weight) * divergence(q, x) + weight * divergence(q, x + delta));
  }
  return least;
}

TEST(Forecast, IsTheEvidenceLeftByTheLeastGain) {
  for (const double q : {0.0, 0.004, 0.05, 0.4}) {
    for (const double weight : {0.1, 0.5, 0.9}) {
      Pace pace;
      pace.events_per_second = 10;
      pace.failure_share = q;
      pace.evidence_left = 3;
      pace.clump = 2;
      const double expected = 3 * 2 / slow_gain(q, weight, 0.01) / 10;
      const auto time = time_to_promote(pace, weight);
      ASSERT_TRUE(time);
      EXPECT_NEAR(static_cast<double>(time->count()) / 1000 / expected, 1, 2e-3) << q << " at " << weight;
    }
  }
}

TEST(Forecast, AtTheEndsOfItsRange) {
  Pace pace;
  pace.events_per_second = 10;
  pace.evidence_left = 3;
  EXPECT_FALSE(time_to_promote(pace, 1)) << "no baseline is left to compare with";
  pace.failure_share = 1;
  const auto all_fail = time_to_promote(pace, 0.5);
  pace.failure_share = 0.98;
  EXPECT_EQ(all_fail, time_to_promote(pace, 0.5)) << "1 - 2 delta at most";
  pace.events_per_second = 1e-300;
  EXPECT_EQ(time_to_promote(pace, 0.5), api::Duration(1'000'000'000'000)) << "thirty years at most";
  pace.evidence_left = -1;
  EXPECT_EQ(time_to_promote(pace, 0.5), api::Duration(0)) << "nothing is left to wait for";
}

// By hand: a beta mixture gives a first request its told probability, and two candidates in a row
// told (prior told + 1) / (prior + 1).
TEST(Share, EvidenceOfTheFirstRequests) {
  EXPECT_NEAR(evidence_against_share({1, 1}, 0.25), 0, 1e-9);
  EXPECT_NEAR(evidence_against_share({0, 1}, 0.25), 0, 1e-9);
  const auto two = [](double told, double prior) { return (prior * told + 1) / ((prior + 1) * told); };
  EXPECT_NEAR(evidence_against_share({2, 2}, 0.25), std::log((two(0.25, 1000) + two(0.25, 2)) / 2), 1e-9);
  EXPECT_NEAR(evidence_against_share({0, 2}, 0.25), std::log((two(0.75, 1000) + two(0.75, 2)) / 2), 1e-9);
}

TEST(Share, OffTargetIsSureAndATwentieth) {
  double candidate = 200;
  while (evidence_against_share({candidate, 1000}, 0.2) < std::log(1000)) ++candidate;
  EXPECT_TRUE(is_off_target({candidate, 1000}, 0.2));
  EXPECT_FALSE(is_off_target({candidate - 1, 1000}, 0.2));
  EXPECT_FALSE(is_off_target({1'049'000, 10'000'000}, 0.1));
  EXPECT_TRUE(is_off_target({1'051'000, 10'000'000}, 0.1));
  EXPECT_FALSE(is_off_target({500, 1000}, 0)) << "nothing was told";
  EXPECT_FALSE(is_off_target({500, 1000}, 1));
  EXPECT_EQ(TrafficShare{}.observed(), 0);
  EXPECT_EQ((TrafficShare{1, 1}).observed(), 1);
}

TEST(Series, OfEachFurtherMetric) {
  api::Analysis analysis;
  EXPECT_TRUE(further_series(analysis).empty());
  analysis.latency = api::LatencyAnalysis{std::chrono::milliseconds(500)};
  analysis.metrics = {{"quality", api::RatioMetric{"bad", true, "all"}},
                      {"queue", api::ValueMetric{"max(queue)", std::nullopt, api::Bound{10, "10"}, 3}},
                      {"drift", api::DriftMetric{api::DriftMeasure::kl, "b", "c", api::Bound{0.15, "0.15"}}}};
  const std::map<std::string, Series> expected{{"latency", LatencySeries{std::chrono::milliseconds(500)}},
                                               {"quality", RatioSeries{"bad", "all", true}},
                                               {"queue", ValueSeries{"max(queue)"}},
                                               {"drift", DriftSeries{"b", "c"}}};
  EXPECT_EQ(further_series(analysis), expected);
}

}  // namespace
}  // namespace seraphim::analysis
