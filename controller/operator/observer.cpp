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
  const auto comparison = object.deleting || !object.problems.empty()
                              ? std::nullopt
                              : rollout::comparison(object.spec, object.status);
  if (!comparison) {
    collector.forget(key);
    return std::nullopt;
  }
  const api::Analysis& settings = *object.spec.analysis;
  const analysis::Remembered remembered(object.status.evidence);
  std::map<std::string, Question::Metric> metrics;
  for (const auto& [name, series] : analysis::further_series(settings)) {
    metrics.emplace(name, Question::Metric{series, analysis::window_to_ask_for(settings, remembered, name)});
  }
  collector.watch(key, {.source = settings.prometheus,
                        .interval = settings.interval,
                        .window = analysis::window_to_ask_for(settings, remembered, analysis::kErrorRate),
                        .essential_window = analysis::stale_after(settings),
                        .baseline = comparison->baseline,
                        .candidate = comparison->candidate,
                        .baseline_version = api::model_version(recorded, comparison->baseline),
                        .candidate_version = api::model_version(recorded, comparison->candidate),
                        .promoted = was_promoted(object),
                        .metrics = std::move(metrics)});
  // Before the first answer there is nothing new: what the status remembers still holds, and grows stale by
  // itself.
  auto answers = collector.latest(key, comparison->baseline, comparison->candidate);
  if (!answers) answers.emplace();
  auto assessment =
      analysis::assess(settings, remembered, *answers, comparison->stage, object.status.step, now);
  return Assessed{*std::move(answers), std::move(assessment)};
}

}  // namespace seraphim::op
