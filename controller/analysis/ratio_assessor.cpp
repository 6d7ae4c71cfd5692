#include "analysis/ratio_assessor.h"

#include <algorithm>
#include <cmath>

#include "analysis/looks.h"

namespace seraphim::analysis {
namespace {

using std::chrono::seconds;

/// After a change of weight: until the router has followed, and late outcomes are in. Covers the platform
/// gateway's request timeout of 3 s and a scrape.
constexpr seconds kSettling{5};

/// What one call of assess() works on.
struct Assessor {
  const RatioQuestion& question;
  const Parameters& parameters;
  const Stage stage;
  const api::Time now;
  Evidence evidence;
  const std::optional<api::Time> last_look;  ///< before this one
  std::optional<api::Time> fresh_at{};
  bool changed = false;  ///< something must be remembered

  void keep_books();
  std::optional<Unavailable> take(const Samples& samples);
  std::optional<Unavailable> another_basis(const Samples& samples);
  /// This look's window began when `since` was long enough ago.
  bool began_after(const std::optional<api::Time>& since) const {
    return since && last_look && *last_look >= *since + kSettling;
  }
  void feed(const Counts& counts);
  std::optional<Unavailable> blindness(Intake intake);
  std::optional<Unavailable> silence() const;
  Verdict verdict(std::optional<Unavailable> nothing_to_say) const;
  RatioFinding conclude(std::optional<Unavailable> nothing_to_say);
};

Needs needs_of(Stage stage) {
  return {.baseline = !is_alone(stage), .candidate = stage != Stage::priming};
}

void Assessor::keep_books() {
  if (evidence.step != question.step || !evidence.step_since) {
    evidence.step = question.step;
    evidence.step_since = now;
    evidence.step_requests = evidence.share_candidate = evidence.share_all = 0;
    changed = true;
  }
  if ((stage == Stage::final) != evidence.final_since.has_value()) {
    evidence.final_since = stage == Stage::final ? std::optional(now) : std::nullopt;
    changed = true;
  }
  if (evidence.delta != parameters.delta || evidence.slo != parameters.slo) {
    rebase(evidence.test, evidence.delta, evidence.slo, parameters);
    evidence.delta = parameters.delta;
    evidence.slo = parameters.slo;
    changed = true;
  }
  if (stage != Stage::priming && !evidence.began) {
    evidence.test.clumps.forget_previous();  // history ends here
    evidence.began = true;
    changed = true;
  }
}

/// One look's counts to the test.
void Assessor::feed(const Counts& counts) {
  if (stage == Stage::priming) {
    evidence.test.clumps.observe_baseline(counts.baseline(), counts.baseline_failed);
    return;
  }
  Counts fed = counts;
  if (is_alone(stage)) fed.baseline_ok = fed.baseline_failed = 0;
  evidence.total += fed;
  evidence.step_requests += fed.candidate();
  if (began_after(evidence.step_since)) {
    evidence.share_candidate += fed.candidate();
    evidence.share_all += fed.all();
  }
  const Decision before = evidence.test.decision;
  const bool final = began_after(evidence.final_since);
  look(evidence.test, parameters, fed, final);
  if (condemned(evidence.test, parameters)) evidence.test.decision = Decision::roll_back;
  changed = changed || evidence.test.decision != before;
}

/// Why one needed side cannot be seen.
std::optional<Unavailable> Assessor::blindness(Intake intake) {
  const api::Duration limit = stale_after(question.analysis);
  // What is remembered counts, and not only what this answer holds: right after a restart there is no answer
  // yet, and what was seen a second ago is no older for it.
  const auto blind = [&](Side side, std::optional<api::Time>& newest) -> std::optional<Unavailable> {
    const bool stable = side == Side::baseline || stage == Stage::verify;
    const std::string who = stable ? "the stable revision" : "the candidate";
    const auto last_scrape = last_seen(evidence, side);
    newest = std::max(newest, last_scrape);
    if (newest && now - *newest <= limit) return std::nullopt;
    if (!last_scrape) {
      return Unavailable{
          question.counts_requests ? "NotEnoughTraffic" : "MetricsUnavailable",
          question.words.prefix + "nothing of " + who + " has been counted yet: " + question.nothing_counted};
    }
    // Times and not ages: the sentence stays the same, and nothing is written again, while nothing happens.
    return Unavailable{"MetricsStale", question.words.prefix + "no sample of " + who + " since " +
                                           api::format_time(*last_scrape) + ", and " +
                                           api::format_duration(limit) +
                                           " is the limit: check that Prometheus still scrapes its pods"};
  };
  const Needs needs = needs_of(stage);
  std::optional<api::Time> reach = now;
  if (needs.baseline) {
    if (auto reason = blind(Side::baseline, intake.newest_baseline)) return reason;
    reach = std::min(*reach, *intake.newest_baseline);
  }
  if (needs.candidate) {
    if (auto reason = blind(Side::candidate, intake.newest_candidate)) return reason;
    reach = std::min(*reach, *intake.newest_candidate);
  }
  fresh_at = reach;
  return std::nullopt;
}

/// Data is fresh, but says nothing about the candidate at this weight.
std::optional<Unavailable> Assessor::silence() const {
  const api::Duration limit = stale_after(question.analysis);
  const bool traffic_expected = question.counts_requests && (stage == Stage::step || stage == Stage::final);
  if (!traffic_expected || evidence.step_requests > 0 || now - *evidence.step_since < limit)
    return std::nullopt;
  return Unavailable{"NotEnoughTraffic", "no request to the candidate has been counted in this step, since " +
                                             api::format_time(*evidence.step_since)};
}

Verdict Assessor::verdict(std::optional<Unavailable> nothing_to_say) const {
  const LogEvidence numbers = evidence_of(evidence.test, parameters);
  if (evidence.test.decision == Decision::roll_back) {
    return RollBack{rollback_reason(numbers, parameters, question.words),
                    rollback_message(evidence.total, numbers, parameters, question.words)};
  }
  if (nothing_to_say) return *std::move(nothing_to_say);
  const bool suspicious = numbers.rollback >= std::log(parameters.suspicion);
  if (evidence.test.decision == Decision::promote && stage == Stage::final && !suspicious) return Promote{};
  return Continue{};
}

RatioFinding Assessor::conclude(std::optional<Unavailable> nothing_to_say) {
  RatioFinding out;
  out.verdict = verdict(std::move(nothing_to_say));
  out.suspicious = evidence_of(evidence.test, parameters).rollback >= std::log(parameters.suspicion);
  out.fresh_at = fresh_at ? fresh_at : last_look;
  out.must_be_written = changed && evidence.noted;
  if (out.must_be_written) forget_departed(evidence);
  out.evidence = std::move(evidence);
  return out;
}

/// Counters of one bucket say nothing about another: before anything was counted or bet the test starts anew,
/// later the answer cannot be used.
std::optional<Unavailable> Assessor::another_basis(const Samples& samples) {
  const bool tells_nothing = samples.baseline.empty() && samples.candidate.empty();
  if (samples.basis == evidence.basis || tells_nothing) return std::nullopt;
  if (!evidence.began || !evidence.noted) {
    const Evidence kept = std::exchange(evidence, start_evidence(parameters, now));
    evidence.began = kept.began;
    evidence.step = kept.step;
    evidence.step_since = kept.step_since;
    evidence.final_since = kept.final_since;
    evidence.basis = samples.basis;
    return std::nullopt;
  }
  return Unavailable{"MetricsUnavailable", question.words.prefix + "the rollout began with " +
                                               evidence.basis + ", and now there is " +
                                               (samples.basis.empty() ? "none" : samples.basis) +
                                               ": both revisions need the same histogram buckets"};
}

std::optional<Unavailable> Assessor::take(const Samples& samples) {
  if (auto reason = another_basis(samples)) return reason;
  const bool can_note = !(is_alone(stage) ? samples.candidate : samples.baseline).empty();
  if (!evidence.noted && can_note) {
    const Intake intake = note(evidence, samples, question.analysis.interval);
    if (stage != Stage::priming) evidence.test.clumps.forget_previous();
    evidence.last_look = now;
    changed = true;
    return blindness(intake);
  }
  const Intake intake = evidence.noted ? take_in(evidence, samples) : Intake{};
  changed = changed || intake.moved;
  if (auto reason = blindness(intake)) return reason;
  if (const auto counts = take_look(evidence, needs_of(stage), now)) {
    changed = changed || counts->all() > 0;
    feed(*counts);
  }
  return silence();
}

/// Times that an operator wrote whose clock was ahead must not keep evidence from counting until then.
bool clamp_to(api::Time now, Evidence& evidence) {
  bool ahead = false;
  for (auto* since : {&evidence.step_since, &evidence.final_since, &evidence.last_look}) {
    if (!*since || **since <= now) continue;
    *since = now;
    ahead = true;
  }
  return ahead;
}

/// A candidate that has had traffic is out of priming for good: when its weight is back at 0, what it was
/// asked before still counts, and may be what condemns it.
Stage stage_of(const RatioQuestion& question, const Evidence& evidence) {
  return question.stage == Stage::priming && evidence.began ? Stage::step : question.stage;
}

}  // namespace

RatioFinding assess_ratio(const RatioQuestion& question, const Evidence* last, const Answer& answer) {
  const Parameters parameters = question.parameters.value_or(Parameters{});
  auto remembered = last != nullptr ? std::optional(*last) : std::nullopt;
  const bool clamped = remembered && clamp_to(question.now, *remembered);
  const auto last_look = remembered ? remembered->last_look : std::nullopt;
  Evidence evidence = remembered ? *std::move(remembered) : start_evidence(parameters, question.now);
  const Stage stage = stage_of(question, evidence);
  Assessor assessor{question, parameters, stage, question.now, std::move(evidence), last_look};
  assessor.changed = clamped;
  if (!question.parameters)
    return assessor.conclude(
        Unavailable{"InvalidAnalysis", question.words.prefix + question.parameters.error()});
  assessor.keep_books();
  if (const auto* nothing = std::get_if<NoSamples>(&answer))
    return assessor.conclude(Unavailable{nothing->reason, question.words.prefix + nothing->message});
  return assessor.conclude(assessor.take(std::get<Samples>(answer)));
}

}  // namespace seraphim::analysis
