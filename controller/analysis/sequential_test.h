// The test that decides: three bettors against "the candidate is no worse" and "the candidate is worse".
//
//   TestState state = start_test(parameters);
//   const LogEvidence evidence = look(state, parameters, counts_since_the_last_look, at_last_weight);
//   if (state.decision == Decision::roll_back) ...
//
// Each bettor starts with 1 and its mean stays at most 1 under its null, at every look and at any stopping
// time; so by Ville's inequality P(ever roll back | no worse) <= alpha and P(ever promote | worse by delta)
// <= beta, for any number of looks, any traffic, any schedule of weights, any drift or outage that both sides
// share. Needs requests that are routed at random, one by one, and counts of both sides over the same window
// of time.
#pragma once

#include "analysis/clumps.h"
#include "analysis/counts.h"
#include "analysis/guard_bet.h"
#include "analysis/parameters.h"
#include "analysis/promotion_bet.h"
#include "analysis/rates.h"
#include "analysis/relative_bet.h"

namespace seraphim::analysis {

enum class Decision { go_on, promote, roll_back };

/// All that must survive a restart. A new candidate gets a new one; within a candidate's life it is never
/// reset, which would be a second try outside of the bounds.
struct TestState {
  RelativeWealth relative;
  GuardWealth guard;
  PromotionWealth promotion;
  Clumps clumps;
  Rates rates;
  Counts pending;                 ///< looks collected until the next block
  double candidate_failures = 0;  ///< in closed blocks
  Decision decision = Decision::go_on;

  bool operator==(const TestState&) const = default;
};

TestState start_test(const Parameters& parameters);

/// Natural logarithms. Roll back at rollback >= log(1/alpha), promote at promotion >= log(1/beta).
struct LogEvidence {
  double relative = 0, guard = 0;  ///< before weighing by guard_share
  double rollback = 0;             ///< of (1 - guard_share) R + guard_share G
  double promotion = 0;
};
LogEvidence evidence_of(const TestState& state, const Parameters& parameters);

/// One look: counts since the last one. `final`: the candidate was at its last weight all the time. Looks are
/// put together to blocks that close by numbers of requests only, never by outcomes. The first decision
/// stays.
LogEvidence look(TestState& state, const Parameters& parameters, const Counts& counts, bool final);

/// Whether the evidence against the candidate suffices now, whatever was decided before. The rollback bound
/// covers the whole life of the candidate, so a promotion that was decided but not carried out may still be
/// overturned.
bool condemned(const TestState& state, const Parameters& parameters);

/// The user changed the bounds while the candidate is judged. Wealth that was bet against a smaller null says
/// nothing about a larger one: a stricter tolerance starts promotion evidence anew, a higher ceiling the
/// guard. The other way round it stays valid. A rollback that was decided stays.
void rebase(TestState& state, double old_delta, double old_slo, const Parameters& now);

}  // namespace seraphim::analysis
