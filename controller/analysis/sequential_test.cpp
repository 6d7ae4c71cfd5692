#include "analysis/sequential_test.h"

#include <array>
#include <cmath>

namespace seraphim::analysis {
namespace {

void bet(TestState& state, const Parameters& parameters, const Counts& block, bool both, bool final) {
  const double expected = state.rates.expected();  // of the past only
  state.rates.add(block);
  Discount discount;
  discount.before = discount.after = state.clumps.size(parameters);
  if (both) {
    state.clumps.observe_split(block);
    state.clumps.observe_baseline(block.baseline(), block.baseline_failed);
    discount.after = state.clumps.size(parameters);
    bet_relative(state.relative, block, discount, parameters);
    if (final) bet_promotion(state.promotion, block, expected, discount, parameters);
  }
  bet_guard(state.guard, block, state.rates, discount, parameters);
}

void collect(TestState& state, const Parameters& parameters, const Counts& counts, bool final) {
  constexpr double kBlockWithoutBaseline = 20;
  state.pending += counts;
  const bool both = state.pending.baseline() >= 1 && state.pending.candidate() >= 1;
  if (!both && state.pending.candidate() < kBlockWithoutBaseline) return;
  const Counts block = state.pending;
  state.pending = {};
  state.candidate_failures += block.candidate_failed;
  bet(state, parameters, block, both, final);
}

bool approved(const TestState& state, const Parameters& parameters, const LogEvidence& evidence) {
  return evidence.promotion >= -std::log(parameters.beta) &&
         evidence.rollback < std::log(parameters.suspicion) &&
         state.promotion.blocks >= parameters.min_final_blocks &&
         state.promotion.candidate_requests >= parameters.min_final_candidate &&
         state.rates.pooled_now() <= parameters.slo;
}

}  // namespace

TestState start_test(const Parameters& parameters) {
  TestState state;
  state.relative = RelativeWealth::start(parameters.awake);
  state.guard = GuardWealth::start(parameters.awake);
  return state;
}

LogEvidence evidence_of(const TestState& state, const Parameters& parameters) {
  LogEvidence evidence;
  evidence.relative = state.relative.log_total();
  evidence.guard = state.guard.log_total();
  evidence.rollback = log_sum_exp(std::array{std::log1p(-parameters.guard_share) + evidence.relative,
                                             std::log(parameters.guard_share) + evidence.guard});
  evidence.promotion = state.promotion.log_total;
  return evidence;
}

bool condemned(const TestState& state, const Parameters& parameters) {
  return evidence_of(state, parameters).rollback >= -std::log(parameters.alpha) &&
         state.candidate_failures >= parameters.min_candidate_failures;
}

LogEvidence look(TestState& state, const Parameters& parameters, const Counts& counts, bool final) {
  collect(state, parameters, counts, final);
  const LogEvidence evidence = evidence_of(state, parameters);
  if (state.decision == Decision::go_on) {
    if (condemned(state, parameters)) {
      state.decision = Decision::roll_back;
    } else if (final && approved(state, parameters, evidence)) {
      state.decision = Decision::promote;
    }
  }
  return evidence;
}

void rebase(TestState& state, double old_delta, double old_slo, const Parameters& now) {
  if (now.slo > old_slo) state.guard = GuardWealth::start(now.awake);
  if (now.delta < old_delta) {
    state.promotion = {};
    if (state.decision == Decision::promote) state.decision = Decision::go_on;
  }
}

}  // namespace seraphim::analysis
