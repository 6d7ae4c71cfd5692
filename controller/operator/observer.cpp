#include "operator/observer.h"

#include <algorithm>

#include "analysis/remembered.h"
#include "analysis/series.h"
#include "rollout/comparison.h"

namespace seraphim::op {
namespace {

/// With the platform's gateway a promoted revision is what the gateway calls baseline from then on. Elsewhere
/// a variant is the pods' own, and stays.
bool was_promoted(const api::SeraphimDeployment& object) {
  return std::holds_alternative<api::SeraphimGatewayTraffic>(object.spec.traffic) &&
         object.status.candidate_revision.empty();
}

std::optional<rollout::Comparison> comparison_of(const api::SeraphimDeployment& object) {
  if (object.deleting || !object.problems.empty()) return std::nullopt;
  return rollout::comparison(object.spec, object.status);
}

std::optional<std::string> verified_revision_of(const api::SeraphimDeployment& object) {
  if (object.deleting || !object.problems.empty()) return std::nullopt;
  return rollout::verified_revision(object.spec, object.status);
}

/// With windows that tell of the present.
Question question_about(const api::SeraphimDeployment& object, const std::vector<api::Revision>& recorded,
                        const std::string& baseline, const std::string& candidate) {
  const api::Analysis& settings = *object.spec.analysis;
  const api::Duration recent = analysis::stale_after(settings);
  Question question{.source = settings.prometheus,
                    .interval = settings.interval,
                    .window = recent,
                    .essential_window = recent,
                    .baseline = baseline,
                    .candidate = candidate,
                    .baseline_version = api::model_version(recorded, baseline),
                    .candidate_version = api::model_version(recorded, candidate),
                    .promoted = was_promoted(object)};
  for (const auto& [name, series] : analysis::further_series(settings))
    question.metrics.emplace(name, Question::Metric{series, recent});
  return question;
}

}  // namespace

std::vector<api::Revision> recorded_revisions(const kubernetes::Store<ControllerRevision>& store,
                                              const api::SeraphimDeployment& object) {
  std::vector<api::Revision> revisions;
  for (const auto& record : store.owned_by(object.uid)) {
    if (!record->meta.deleting) revisions.push_back(record->revision);
  }
  std::sort(revisions.begin(), revisions.end(),
            [](const auto& left, const auto& right) { return left.number < right.number; });
  return revisions;
}

std::optional<Assessed> assess_now(const api::SeraphimDeployment& object,
                                   const std::vector<api::Revision>& recorded, MetricsCollector& collector,
                                   api::Time now) {
  const kubernetes::ObjectKey key{object.namespace_, object.name};
  const auto comparison = comparison_of(object);
  if (!comparison) {
    if (!verified_revision_of(object)) collector.forget(key);
    return std::nullopt;
  }
  const api::Analysis& settings = *object.spec.analysis;
  const analysis::Remembered remembered(object.status.evidence);
  Question question = question_about(object, recorded, comparison->baseline, comparison->candidate);
  question.window = analysis::window_to_ask_for(settings, remembered, analysis::kErrorRate);
  for (auto& [name, metric] : question.metrics)
    metric.window = analysis::window_to_ask_for(settings, remembered, name);
  collector.watch(key, question);
  // Before the first answer there is nothing new: what the status remembers still holds, and grows stale by
  // itself.
  auto answers = collector.latest(key, comparison->baseline, comparison->candidate);
  if (!answers) answers.emplace();
  auto assessment =
      analysis::assess(settings, remembered, *answers, comparison->stage, object.status.step, now);
  return Assessed{*std::move(answers), std::move(assessment)};
}

std::optional<analysis::Recovery> verify_now(const api::SeraphimDeployment& object,
                                             const std::vector<api::Revision>& recorded,
                                             MetricsCollector& collector, api::Time now) {
  const auto stable = verified_revision_of(object);
  if (!stable) return std::nullopt;
  const kubernetes::ObjectKey key{object.namespace_, object.name};
  // In a bake the same revision is watched already.
  const auto comparison = comparison_of(object);
  const std::string baseline = comparison ? comparison->baseline : *stable;
  if (!comparison) collector.watch(key, question_about(object, recorded, baseline, *stable));
  const auto answers = collector.latest(key, baseline, *stable);
  if (!answers) return std::nullopt;
  return analysis::assess_recovery(*object.spec.analysis, object.status.last_rollback->verification->state,
                                   *answers, now);
}

}  // namespace seraphim::op
