// P, evidence for promotion. Null: in every block at the last weight the candidate's error rate is at least
// the baseline's plus the tolerance.
#pragma once

#include "analysis/clumps.h"
#include "analysis/counts.h"
#include "analysis/parameters.h"

namespace seraphim::analysis {

struct PromotionWealth {
  double log_total = 0;
  double candidate_requests = 0, blocks = 0;  ///< seen at the last weight
  bool operator==(const PromotionWealth&) const = default;
};

/// One block at the last weight with traffic on both sides. `expected` is the pooled rate guessed from
/// earlier blocks.
///
/// A likelihood ratio of "both have the expected rate" against its KL projection on the null. The log of the
/// expected ratio is concave in the true rates and is 0 with a fitting gradient at the projection, so it is
/// at most 0 on the whole null (Turner and Gruenwald, arXiv 2203.09785). A tenth of the wealth stays out of
/// each bet.
void bet_promotion(PromotionWealth& wealth, const Counts& block, double expected, const Discount& discount,
                   const Parameters& parameters);

}  // namespace seraphim::analysis
