#include "analysis/assessment.h"

#include <algorithm>
#include <cmath>

#include "analysis/drift_check.h"
#include "analysis/evidence.h"
#include "analysis/evidence_text.h"
#include "analysis/looks.h"
#include "analysis/ratio_assessor.h"
#include "analysis/ratios.h"
#include "analysis/remembered.h"
#include "analysis/series.h"
#include "analysis/value_check.h"

namespace seraphim::analysis {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr minutes kHistory{10};

tl::expected<Parameters, std::string> parameters_for(const api::Analysis& analysis, const Ratio& ratio,
                                                     std::size_t ratios) {
  api::ErrorRateAnalysis bounds = analysis.error_rate;
  bounds.tolerance = ratio.tolerance;
  bounds.ceiling = ratio.ceiling;
  auto parameters = parameters_from(bounds);
  if (parameters) parameters->alpha /= static_cast<double>(ratios);
  return parameters;
}

api::MetricEvidence last_of(const api::EvidenceStatus& last, const std::string& name) {
  const auto found = std::find_if(last.metrics.begin(), last.metrics.end(),
                                  [&](const auto& metric) { return metric.name == name; });
  if (found != last.metrics.end()) return *found;
  api::MetricEvidence none;
  none.name = name;
  return none;
}

/// Null when it was not asked for yet.
const Answer* answer_about(const Answers& answers, const std::string& name) {
  const auto found = answers.metrics.find(name);
  return found == answers.metrics.end() ? nullptr : &found->second;
}

/// What people read, from what is remembered. EvidenceStatus and MetricEvidence have these members both.
template <typename Status>
void describe(const Evidence& evidence, const Parameters& parameters, Status& status) {
  const LogEvidence numbers = evidence_of(evidence.test, parameters);
  status.baseline_requests = std::llround(evidence.total.baseline());
  status.baseline_failures = std::llround(evidence.total.baseline_failed);
  status.candidate_requests = std::llround(evidence.total.candidate());
  status.candidate_failures = std::llround(evidence.total.candidate_failed);
  status.rollback_evidence = rollback_evidence_text(numbers, parameters);
  status.promotion_evidence = promotion_evidence_text(numbers, parameters);
  status.state = encode(evidence);
}

Pace pace_of(const Evidence& evidence, const Parameters& parameters) {
  Pace pace;
  pace.parameters = parameters;
  const auto until = std::max(last_seen(evidence, Side::baseline), last_seen(evidence, Side::candidate));
  if (!evidence.pace_since || !until || *until <= *evidence.pace_since) return pace;
  pace.events_per_second =
      evidence.pace_events / std::chrono::duration<double>(*until - *evidence.pace_since).count();
  pace.failure_share = evidence.pace_events > 0 ? evidence.pace_failures / evidence.pace_events : 0;
  pace.evidence_left = -std::log(parameters.beta) - evidence_of(evidence.test, parameters).promotion;
  pace.candidate_left = parameters.min_final_candidate - evidence.test.promotion.candidate_requests;
  pace.clump = evidence.test.clumps.size(parameters);
  return pace;
}

/// Puts the findings of all metrics together.
class Conclusion {
 public:
  explicit Conclusion(const Remembered& last) : remembered_(last), last_(last.status()) {
    out_.evidence.last_look = last_.last_look;
  }

  void add(const Ratio& ratio, const RatioFinding& finding, const Parameters& parameters);
  void add(const BoundFinding& finding);
  Assessment take() &&;

 private:
  void add(const Verdict& verdict, bool suspicious, const std::optional<api::Time>& fresh_at);

  const Remembered& remembered_;
  const api::EvidenceStatus& last_;
  Assessment out_;
  bool all_promote_ = true, first_ = true;
};

void Conclusion::add(const Verdict& verdict, bool suspicious, const std::optional<api::Time>& fresh_at) {
  out_.suspicious = out_.suspicious || suspicious;
  // std::nullopt is less than any time: what was never seen is not fresh.
  out_.fresh_at = first_ ? fresh_at : std::min(out_.fresh_at, fresh_at);
  first_ = false;
  all_promote_ = all_promote_ && std::holds_alternative<Promote>(verdict);
  const bool unheard = std::holds_alternative<Continue>(out_.verdict);
  if (std::holds_alternative<RollBack>(verdict)) {
    if (!std::holds_alternative<RollBack>(out_.verdict)) out_.verdict = verdict;
  } else if (std::holds_alternative<Unavailable>(verdict) && unheard) {
    out_.verdict = verdict;
  }
}

void Conclusion::add(const Ratio& ratio, const RatioFinding& finding, const Parameters& parameters) {
  add(finding.verdict, finding.suspicious, finding.fresh_at);
  const Evidence& evidence = finding.evidence;
  if (ratio.name == kErrorRate) {
    out_.candidate_in_sight = last_seen(evidence, Side::candidate).has_value();
    out_.candidate_requests_in_step = std::llround(evidence.step_requests);
    out_.share = {evidence.share_candidate, evidence.share_all};
    if (finding.must_be_written) {
      describe(evidence, parameters, out_.evidence);
      out_.evidence.last_look = evidence.last_look;
    } else {
      auto metrics = std::move(out_.evidence.metrics);
      out_.evidence = last_;
      out_.evidence.metrics = std::move(metrics);
    }
  } else {
    api::MetricEvidence metric = last_of(last_, ratio.name);
    if (finding.must_be_written) {
      describe(evidence, parameters, metric);
      metric.note = evidence.basis;
    }
    if (!metric.state.empty()) out_.evidence.metrics.push_back(std::move(metric));
  }
  // From what the status has: between two looks that bring nothing, not a word changes.
  const Evidence* written = finding.must_be_written ? &evidence : remembered_.of(ratio.name);
  if (written == nullptr || !written->noted) return;
  const LogEvidence numbers = evidence_of(written->test, parameters);
  out_.paces.push_back(pace_of(*written, parameters));
  out_.summary += (out_.summary.empty() ? "" : "; ") + ratio.words.prefix +
                  sides_text(written->total, ratio.words) + ", rollback evidence " +
                  rollback_evidence_text(numbers, parameters) + ", promotion evidence " +
                  promotion_evidence_text(numbers, parameters);
}

void Conclusion::add(const BoundFinding& finding) {
  // Within its bounds a value promotes: it is no reason to wait.
  const bool good =
      std::holds_alternative<Continue>(finding.verdict) && !finding.suspicious && finding.fresh_at;
  add(good ? Verdict(Promote{}) : finding.verdict, finding.suspicious, finding.fresh_at);
  if (finding.evidence.state.empty()) return;
  const std::string text = finding.evidence.name + ": " + finding.evidence.note;
  if (finding.suspicious) out_.suspicion += (out_.suspicion.empty() ? "" : "; ") + text;
  out_.evidence.metrics.push_back(finding.evidence);
  out_.summary += (out_.summary.empty() ? "" : "; ") + text;
}

Assessment Conclusion::take() && {
  if (std::holds_alternative<Continue>(out_.verdict) && all_promote_) out_.verdict = Promote{};
  return std::move(out_);
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

api::Duration window_to_ask_for(const api::Analysis& analysis, const Remembered& remembered,
                                const std::string& metric) {
  const Evidence* evidence = remembered.of(metric);
  const api::Duration recent = stale_after(analysis);
  const bool noted = evidence != nullptr && evidence->noted;
  return noted ? recent : std::max<api::Duration>(recent, kHistory);
}

Assessment assess(const api::Analysis& analysis, const api::EvidenceStatus& last, const Answers& answers,
                  Stage stage, std::int32_t step, api::Time now) {
  return assess(analysis, Remembered(last), answers, stage, step, now);
}

Assessment assess(const api::Analysis& analysis, const Remembered& last, const Answers& answers, Stage stage,
                  std::int32_t step, api::Time now) {
  const std::vector<Ratio> ratios = ratios_of(analysis);
  Conclusion conclusion(last);
  static const Answer kNotYet = Samples{};
  for (const Ratio& ratio : ratios) {
    const auto parameters = parameters_for(analysis, ratio, ratios.size());
    const RatioQuestion question{
        analysis, ratio.words, ratio.nothing_counted, ratio.counts_requests, parameters, stage, step, now};
    const Answer* further = answer_about(answers, ratio.name);
    const Answer& answer = ratio.name == kErrorRate ? answers.requests
                           : further != nullptr     ? *further
                                                    : kNotYet;
    conclusion.add(ratio, assess_ratio(question, last.of(ratio.name), answer),
                   parameters.value_or(Parameters{}));
  }
  const auto look_at = [&](const api::Metric& metric, auto assess_metric) {
    conclusion.add(assess_metric(metric, stale_after(analysis), last_of(last.status(), metric.name),
                                 last.status().last_look, answer_about(answers, metric.name), stage, now));
  };
  for (const api::Metric& metric : analysis.metrics) {
    if (std::holds_alternative<api::ValueMetric>(metric.kind)) look_at(metric, assess_value);
  }
  // Last, because of several that say nothing the first is heard, and too few events are the least of it.
  for (const api::Metric& metric : analysis.metrics) {
    if (std::holds_alternative<api::DriftMetric>(metric.kind)) look_at(metric, assess_drift);
  }
  return std::move(conclusion).take();
}

}  // namespace seraphim::analysis
