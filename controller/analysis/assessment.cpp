#include "analysis/assessment.h"

#include <algorithm>
#include <cmath>

#include "analysis/evidence.h"
#include "analysis/evidence_text.h"
#include "analysis/looks.h"

namespace seraphim::analysis {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// Covers the platform gateway's request timeout of 3 s and a scrape.
constexpr seconds kLateOutcomes{5};
constexpr minutes kHistory{10};

/// What one call of assess() works on.
struct Assessor {
  const api::Analysis& analysis;
  const api::EvidenceStatus& last;
  const Parameters& parameters;
  const Stage stage;
  const api::Time now;
  Evidence evidence;
  std::optional<api::Time> fresh_at{};
  bool changed = false;  ///< something must be remembered

  void keep_books(std::int32_t step);
  std::optional<Unavailable> take(const Samples& samples);
  void feed(const Counts& counts);
  std::optional<Unavailable> blindness(Intake intake);
  std::optional<Unavailable> silence() const;
  Verdict verdict(std::optional<Unavailable> nothing_to_say) const;
  Assessment conclude(std::optional<Unavailable> nothing_to_say);
};

Needs needs_of(Stage stage) {
  return {.baseline = stage != Stage::bake, .candidate = stage != Stage::priming};
}

void Assessor::keep_books(std::int32_t step) {
  if (evidence.step != step || !evidence.step_since) {
    evidence.step = step;
    evidence.step_since = now;
    evidence.step_requests = 0;
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
  if (stage == Stage::bake) fed.baseline_ok = fed.baseline_failed = 0;
  evidence.total += fed;
  evidence.step_requests += fed.candidate();
  const Decision before = evidence.test.decision;
  const std::optional<api::Time> window_start = last.last_look;
  const bool final =
      evidence.final_since && window_start && *window_start >= *evidence.final_since + kLateOutcomes;
  look(evidence.test, parameters, fed, final);
  if (condemned(evidence.test, parameters)) evidence.test.decision = Decision::roll_back;
  changed = changed || evidence.test.decision != before;
}

/// Why one needed side cannot be seen.
std::optional<Unavailable> Assessor::blindness(Intake intake) {
  const api::Duration limit = stale_after(analysis);
  // What is remembered counts, and not only what this answer holds: right after a restart there is no answer
  // yet, and what was seen a second ago is no older for it.
  const auto blind = [&](Side side, std::optional<api::Time>& newest) -> std::optional<Unavailable> {
    const std::string who = side == Side::baseline ? "the stable revision" : "the candidate";
    const auto last_scrape = last_seen(evidence, side);
    newest = std::max(newest, last_scrape);
    if (newest && now - *newest <= limit) return std::nullopt;
    if (!last_scrape) {
      return Unavailable{"NotEnoughTraffic",
                         "no request to " + who +
                             " has been counted yet: send it traffic, or check that Prometheus "
                             "scrapes its pods and labels their series as the preset expects"};
    }
    // Times and not ages: the sentence stays the same, and nothing is written again, while nothing happens.
    return Unavailable{"MetricsStale", "no sample of " + who + " since " + api::format_time(*last_scrape) +
                                           ", and " + api::format_duration(limit) +
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
  const api::Duration limit = stale_after(analysis);
  const bool traffic_expected = stage == Stage::step || stage == Stage::final;
  if (!traffic_expected || evidence.step_requests > 0 || now - *evidence.step_since < limit)
    return std::nullopt;
  return Unavailable{"NotEnoughTraffic", "no request to the candidate has been counted in this step, since " +
                                             api::format_time(*evidence.step_since)};
}

Verdict Assessor::verdict(std::optional<Unavailable> nothing_to_say) const {
  const LogEvidence numbers = evidence_of(evidence.test, parameters);
  if (evidence.test.decision == Decision::roll_back) {
    return RollBack{rollback_reason(numbers, parameters),
                    rollback_message(evidence.total, numbers, parameters)};
  }
  if (nothing_to_say) return *std::move(nothing_to_say);
  const bool suspicious = numbers.rollback >= std::log(parameters.suspicion);
  if (evidence.test.decision == Decision::promote && stage == Stage::final && !suspicious) return Promote{};
  return Continue{};
}

/// What people read, from what is remembered.
api::EvidenceStatus describe(const Evidence& evidence, const Parameters& parameters) {
  const LogEvidence numbers = evidence_of(evidence.test, parameters);
  api::EvidenceStatus status;
  status.baseline_requests = std::llround(evidence.total.baseline());
  status.baseline_failures = std::llround(evidence.total.baseline_failed);
  status.candidate_requests = std::llround(evidence.total.candidate());
  status.candidate_failures = std::llround(evidence.total.candidate_failed);
  status.rollback_evidence = rollback_evidence_text(numbers, parameters);
  status.promotion_evidence = promotion_evidence_text(numbers, parameters);
  status.last_look = evidence.last_look;
  status.state = encode(evidence);
  return status;
}

Assessment Assessor::conclude(std::optional<Unavailable> nothing_to_say) {
  Assessment out;
  out.verdict = verdict(std::move(nothing_to_say));
  out.suspicious = evidence_of(evidence.test, parameters).rollback >= std::log(parameters.suspicion);
  out.candidate_in_sight = last_seen(evidence, Side::candidate).has_value();
  out.candidate_requests_in_step = std::llround(evidence.step_requests);
  out.fresh_at = fresh_at ? fresh_at : last.last_look;
  if (changed && evidence.noted) {
    forget_departed(evidence, now);
    out.evidence = describe(evidence, parameters);
  } else {
    out.evidence = last;
  }
  return out;
}

std::optional<Unavailable> Assessor::take(const Samples& samples) {
  const bool can_note = !(stage == Stage::bake ? samples.candidate : samples.baseline).empty();
  if (!evidence.noted && can_note) {
    const Intake intake = note(evidence, samples, analysis.interval);
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

}  // namespace

Answers::Answers() = default;
Answers::Answers(Answer about_requests) : requests(std::move(about_requests)) {}
Answers::Answers(Samples samples) : requests(std::move(samples)) {}
Answers::Answers(NoSamples nothing) : requests(std::move(nothing)) {}

api::Duration stale_after(const api::Analysis& analysis) {
  if (analysis.stale_after > api::Duration::zero()) return analysis.stale_after;
  return std::max<api::Duration>(3 * analysis.interval, seconds(15));
}

api::Duration window_to_ask_for(const api::Analysis& analysis, const api::EvidenceStatus& last) {
  const auto evidence = decode(last.state);
  const api::Duration recent = stale_after(analysis);
  return evidence && evidence->noted ? recent : std::max<api::Duration>(recent, kHistory);
}

Assessment assess(const api::Analysis& analysis, const api::EvidenceStatus& last, const Answers& answers,
                  Stage stage, std::int32_t step, api::Time now) {
  const auto checked = parameters_from(analysis.error_rate);
  const Parameters parameters = checked.value_or(Parameters{});
  auto remembered = decode(last.state);
  Assessor assessor{analysis, last, parameters,
                    stage,    now,  remembered ? *std::move(remembered) : start_evidence(parameters, now)};
  if (!checked) return assessor.conclude(Unavailable{"InvalidAnalysis", checked.error()});
  assessor.keep_books(step);
  if (const auto* nothing = std::get_if<NoSamples>(&answers.requests)) {
    return assessor.conclude(Unavailable{nothing->reason, nothing->message});
  }
  return assessor.conclude(assessor.take(std::get<Samples>(answers.requests)));
}

}  // namespace seraphim::analysis
