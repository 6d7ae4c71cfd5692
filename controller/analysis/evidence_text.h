// Evidence in words and numbers, for status, Events and conditions.
#pragma once

#include <string>

#include "analysis/counts.h"
#include "analysis/parameters.h"
#include "analysis/sequential_test.h"

namespace seraphim::analysis {

/// "37 of 100": odds against "the candidate is no worse", and the odds that roll back.
std::string rollback_evidence_text(const LogEvidence& evidence, const Parameters& parameters);
/// "12 of 20": odds against "the candidate is worse by the tolerance", and the odds that promote.
std::string promotion_evidence_text(const LogEvidence& evidence, const Parameters& parameters);

/// What one metric's bad events are called.
struct Words {
  std::string prefix;                   ///< before a message: "latency: "
  std::string bad = "requests failed";  ///< "12 of 60 <bad>"
  std::string worse = "ErrorRateWorseThanStable";
  std::string above_ceiling = "ErrorRateAboveCeiling";
};

/// "12 of 60 requests failed (20.0 %)"
std::string failures_text(double failures, double requests, const Words& words = {});
/// "candidate 12 of 60 requests failed (20.0 %), stable 1 of 540 (0.2 %)"; stable only when it had requests.
std::string sides_text(const Counts& total, const Words& words = {});

/// The reason above_ceiling when the guard alone brings most of the evidence, else worse.
std::string rollback_reason(const LogEvidence& evidence, const Parameters& parameters,
                            const Words& words = {});
/// "candidate 12 of 60 requests failed (20.0 %), stable 1 of 540 (0.2 %); evidence 140:1, 100:1
/// needed". With the ceiling when that is the reason.
std::string rollback_message(const Counts& total, const LogEvidence& evidence, const Parameters& parameters,
                             const Words& words = {});

}  // namespace seraphim::analysis
