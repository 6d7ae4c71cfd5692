// R, relative evidence. Null: in every block the candidate's odds of failure are at most the concurrent
// baseline's.
#pragma once

#include "analysis/clumps.h"
#include "analysis/counts.h"
#include "analysis/parameters.h"
#include "analysis/wealth.h"

namespace seraphim::analysis {

using RelativeWealth = Wealth<8>;

/// One block with traffic on both sides. Blocks without a failure say nothing.
///
/// For an odds ratio psi the log gain is ce log psi - e log(1 + pi (psi - 1)), with e failures in all, ce of
/// them the candidate's, and pi the candidate's share of the requests. Under the null, given e, ce is
/// hypergeometric whatever the common rate is (drift and shared outages drop out), and E[psi^ce] is at most
/// its with-replacement value (Hoeffding 1963).
void bet_relative(RelativeWealth& wealth, const Counts& block, const Discount& discount,
                  const Parameters& parameters);

}  // namespace seraphim::analysis
