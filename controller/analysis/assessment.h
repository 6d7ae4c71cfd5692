// What analysis says about a candidate at one look: the seam between the evidence and the decision core.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "analysis/forecast.h"
#include "analysis/share.h"
#include "api/spec.h"
#include "api/status.h"
#include "api/time.h"

namespace seraphim::analysis {

class Remembered;

/// One scraped value of a request counter. Values are cumulative since the start of the target's process.
struct CounterSample {
  std::string target;   ///< the process that counts: "<namespace>/<pod>" or the scrape instance
  std::string outcome;  ///< "success" or a kind of failure
  double value = 0;
  api::Time at{};  ///< time of the scrape, not of the query
  bool operator==(const CounterSample&) const = default;
};

/// All that one query returned about the two sides of a comparison; samples of several scrapes in any order.
struct Samples {
  std::vector<CounterSample> baseline, candidate;
  std::string basis;  ///< of a latency: the bucket that was taken, for people; else empty
};

/// Why there is nothing to judge by.
struct NoSamples {
  std::string reason;   ///< "MetricsUnavailable" (cannot be asked, or answered garbage) or "MetricsStale"
  std::string message;  ///< for people: what was asked, what came back, what to check
};

using Answer = std::variant<Samples, NoSamples>;

/// What Prometheus said about one comparison.
struct Answers {
  Answers();
  // An answer about the requests and no other metric.
  Answers(Answer about_requests);  // NOLINT(google-explicit-constructor)
  Answers(Samples samples);        // NOLINT(google-explicit-constructor)
  Answers(NoSamples nothing);      // NOLINT(google-explicit-constructor)

  Answer requests;                        ///< requests by outcome: the error rate, and what traffic there is
  std::map<std::string, Answer> metrics;  ///< further metrics of the spec, by name
};

struct Continue {};
struct Promote {};
struct RollBack {
  /// "ErrorRateWorseThanStable", "ErrorRateAboveCeiling", the same with "Latency" or "Metric" in place of
  /// "ErrorRate", or "MetricOutOfBounds" or "MetricDrifted"
  std::string reason;
  std::string message;  ///< with counts and rates of both sides
};
/// Nothing can be said: never good, never bad (invariant 6).
struct Unavailable {
  std::string reason;  ///< "MetricsUnavailable", "MetricsStale", "NotEnoughTraffic" or "InvalidAnalysis"
  std::string message;
};
using Verdict = std::variant<Continue, Promote, RollBack, Unavailable>;

struct Assessment {
  Verdict verdict = Continue{};
  /// Evidence against the candidate is high enough to give it no more traffic (E >= suspicion, evidence.md).
  bool suspicious = false;
  /// The numbers of a suspicious metric for which no evidence is counted: "queue: 12.5 is above 10 in ...".
  std::string suspicion{};
  /// False as long as no counter of the candidate was ever scraped.
  bool candidate_in_sight = true;
  /// Candidate requests seen in the current step so far; a step needs some before it can be left.
  std::int64_t candidate_requests_in_step = 0;
  /// What share of the step's requests the candidate got.
  TrafficShare share;
  /// How fast the ratios learn, the error rate first; empty as long as nothing was counted.
  std::vector<Pace> paces;
  /// What is known, for people: "candidate 3 of 120 requests failed (2.5 %), stable ...; rollback evidence
  /// 0.5 of 100, promotion evidence 12 of 20", a part for each metric. Stays the same while nothing changes.
  std::string summary;
  /// Up to when both sides' data reach (priming: the baseline's; bake: the candidate's), as of the newest
  /// look with fresh data. Never later than `now`.
  std::optional<api::Time> fresh_at;
  /// To be written into status in one update together with everything that was decided from it.
  api::EvidenceStatus evidence;
};

/// Where the comparison stands; decides how samples are fed.
enum class Stage {
  priming,  ///< candidate has no traffic yet: note the counters' starting values, judge nothing
  step,     ///< below the last step's weight: evidence for rollback is gathered
  final,    ///< at the last step's weight: evidence for promotion counts as well
  bake,     ///< promoted, no baseline: only the guard against the ceiling moves
  verify,   ///< rolled back: the same for the stable revision alone, which stands on the candidate's side
};

/// Nothing to compare with: only the candidate's side counts.
constexpr bool is_alone(Stage stage) {
  return stage == Stage::bake || stage == Stage::verify;
}

/// Data older than this is stale: as the spec says, else three intervals, at least 15 s. Also the window to
/// ask Prometheus for.
api::Duration stale_after(const api::Analysis& analysis);

/// The window to ask for: long enough to learn how clumped the baseline's failures are as long as the
/// starting values of the metric's counters are not known, stale_after once they are.
api::Duration window_to_ask_for(const api::Analysis& analysis, const Remembered& remembered,
                                const std::string& metric);

/// One look at all metrics. Pure: everything remembered is in `last` (decoded from and encoded into
/// EvidenceStatus::state, and that of each further metric).
///
/// Any metric rolls back; all together promote. The k ratios (the error rate, the latency, the user's) share
/// the bound falseRollback, a k-th each, so by the union bound it holds for the rollout. badPromotion needs
/// no split: a candidate that is worse in one of them is promoted only if that one's own test errs.
///
/// `step` is the rollout's step index: a change of it restarts candidate_requests_in_step.
///
/// - `last` belongs to one candidate revision: a new candidate, or a retry of a failed one, starts from an
/// empty
///   EvidenceStatus. A candidate that is promoted takes its evidence along into the bake.
/// - The first answer with samples of the baseline (bake: of the candidate) only notes the counters.
/// - With nothing new since `last`, Assessment::evidence equals `last`: a quiet world causes no writes.
/// - Once decided, RollBack is the verdict of every later call, whatever the samples. Promote is repeated at
/// the last
///   weight as long as data is fresh and nothing is suspicious; evidence that suffices to roll back overturns
///   it.
/// - Failures by timeout are counted later than the successes sent at the same time, so promotion evidence
/// counts
///   only from 5 s after the last weight was reached. Rollback evidence counts at once.
Assessment assess(const api::Analysis& analysis, const api::EvidenceStatus& last, const Answers& answers,
                  Stage stage, std::int32_t step, api::Time now);
/// The same for who has decoded `last` already.
Assessment assess(const api::Analysis& analysis, const Remembered& last, const Answers& answers, Stage stage,
                  std::int32_t step, api::Time now);

}  // namespace seraphim::analysis
