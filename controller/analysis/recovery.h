// After a rollback: does what serves keep its objectives again, by its requests since then alone?
#pragma once

#include <string>

#include "analysis/assessment.h"
#include "api/spec.h"
#include "api/time.h"

namespace seraphim::analysis {

/// What the looks since a rollback say of the revision that serves.
struct Recovery {
  enum class Finding {
    good,     ///< every objective was measured, with enough requests and lately, and is kept
    above,    ///< one is not kept as counted so far; that may be chance
    bad,      ///< one is not kept, and chance says so with probability falseRollback at most
    missing,  ///< one could not be measured: neither good nor bad
  };
  Finding finding = Finding::missing;
  /// "3 of 1200 requests failed (0.2 %), the ceiling is 10%; latency: ...", then what is missing. Stays the
  /// same while nothing is counted.
  std::string message;
  std::string state;  ///< to be handed to the next call; the same while nothing is counted
};

/// With fewer requests nothing is called good.
inline constexpr std::int64_t kRequestsToVerify = 10;

/// The state to begin with: what was scraped before `since` does not count.
std::string begin_recovery(api::Time since);

/// One look: `answers` has the stable revision on the candidate's side. Total: a state that nobody wrote
/// begins anew, now.
Recovery assess_recovery(const api::Analysis& analysis, const std::string& state, const Answers& answers,
                         api::Time now);

}  // namespace seraphim::analysis
