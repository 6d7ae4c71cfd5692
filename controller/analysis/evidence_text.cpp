#include "analysis/evidence_text.h"

#include <cmath>

#include "analysis/number_text.h"

namespace seraphim::analysis {
namespace {

/// Rounded down, so that "100 of 100" is never shown before it is true, but not for the last bit of exp().
std::string odds(double log_odds) {
  constexpr double kTell = 1e6, kLastBits = 1e-9;
  const double value = std::exp(log_odds) * (1 + kLastBits);
  if (value >= kTell) return "over 1000000";
  if (value >= 10) return fixed(std::floor(value), 0);
  return fixed(std::floor(value * 10) / 10, 1);
}

/// 1/bound, rounded up to what can be read: "100", "33.4".
std::string needed(double bound) {
  constexpr double kRounding = 1e-9;
  const double value = 1 / bound;
  const bool whole = std::abs(value - std::round(value)) < kRounding;
  return whole ? fixed(value, 0) : fixed(std::ceil(value * 10) / 10, 1);
}

bool by_guard(const LogEvidence& evidence, const Parameters& parameters) {
  return std::log(parameters.guard_share) + evidence.guard >
         std::log1p(-parameters.guard_share) + evidence.relative;
}

std::string stable_text(const Counts& total) {
  if (total.baseline() <= 0) return "";
  return ", stable " + fixed(total.baseline_failed, 0) + " of " + fixed(total.baseline(), 0) + " (" +
         percent(total.baseline_failed / total.baseline()) + ")";
}

}  // namespace

std::string rollback_evidence_text(const LogEvidence& evidence, const Parameters& parameters) {
  return odds(evidence.rollback) + " of " + needed(parameters.alpha);
}

std::string promotion_evidence_text(const LogEvidence& evidence, const Parameters& parameters) {
  return odds(evidence.promotion) + " of " + needed(parameters.beta);
}

std::string failures_text(double failures, double requests, const Words& words) {
  const std::string share = requests > 0 ? " (" + percent(failures / requests) + ")" : "";
  return fixed(failures, 0) + " of " + fixed(requests, 0) + " " + words.bad + share;
}

std::string sides_text(const Counts& total, const Words& words) {
  std::string text = "candidate " + failures_text(total.candidate_failed, total.candidate(), words);
  return text + stable_text(total);
}

std::string rollback_reason(const LogEvidence& evidence, const Parameters& parameters, const Words& words) {
  return by_guard(evidence, parameters) ? words.above_ceiling : words.worse;
}

std::string rollback_message(const Counts& total, const LogEvidence& evidence, const Parameters& parameters,
                             const Words& words) {
  std::string text =
      words.prefix + "candidate " + failures_text(total.candidate_failed, total.candidate(), words);
  if (by_guard(evidence, parameters)) text += ", above the ceiling of " + percent(parameters.slo);
  return text + stable_text(total) + "; evidence " + odds(evidence.rollback) + ":1, " +
         needed(parameters.alpha) + ":1 needed";
}

}  // namespace seraphim::analysis
