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

/// "12 of 60 requests failed (20.0 %)"
std::string failures_text(double failures, double requests);

/// "ErrorRateAboveCeiling" when the guard alone brings most of the evidence, else "ErrorRateWorseThanStable".
std::string rollback_reason(const LogEvidence& evidence, const Parameters& parameters);
/// "candidate 12 of 60 requests failed (20.0 %), stable 1 of 540 (0.2 %); evidence 140:1, 100:1
/// needed". Without stable's part when it had no requests; with the ceiling when that is the reason.
std::string rollback_message(const Counts& total, const LogEvidence& evidence, const Parameters& parameters);

}  // namespace seraphim::analysis
