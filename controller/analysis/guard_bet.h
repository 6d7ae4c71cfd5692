// G, the absolute guard. Null: in every block the candidate's error rate is at most the larger of the ceiling
// and twice the baseline's present rate. The only bet that needs no baseline.
#pragma once

#include "analysis/clumps.h"
#include "analysis/counts.h"
#include "analysis/parameters.h"
#include "analysis/rates.h"
#include "analysis/wealth.h"

namespace seraphim::analysis {

using GuardWealth = Wealth<2>;

/// A binomial likelihood ratio against the limit, for two odds ratios over it. `rates` include this block.
/// With a limit of one half or more nothing is bet: then both sides are down.
void bet_guard(GuardWealth& wealth, const Counts& block, const Rates& rates, const Discount& discount,
               const Parameters& parameters);

}  // namespace seraphim::analysis
