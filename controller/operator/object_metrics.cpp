#include "operator/object_metrics.h"

#include <algorithm>
#include <array>
#include <map>

#include "api/codec.h"
#include "operator/metric_family.h"

namespace seraphim::op {
namespace {

using api::Phase;
using ::prometheus::MetricFamily;
using ::prometheus::MetricType;

constexpr std::array kPhases{
    Phase::initializing, Phase::stable, Phase::starting,  Phase::progressing, Phase::awaiting_approval,
    Phase::paused,       Phase::frozen, Phase::promoting, Phase::baking,      Phase::rolled_back,
    Phase::degraded};

MetricFamily gauge(const char* name, const char* help) {
  return metric_family(std::string("seraphim_deployment_") + name, help, MetricType::Gauge);
}

/// Everything about one object goes into these.
struct ObjectFamilies {
  MetricFamily phase = gauge("phase", "1 for the phase that it is in");
  MetricFamily condition = gauge("condition", "1 while the condition is True, 0 while it is False");
  MetricFamily step = gauge("step", "The step that the candidate is at, from 1 on; 0 without one");
  MetricFamily steps = gauge("steps", "The number of steps that its spec has");
  MetricFamily desired =
      gauge("weight_desired_ratio", "The share of traffic that the operator wants a revision to have");
  MetricFamily applied =
      gauge("weight_applied_ratio", "The share that the router has been told, as last read back");
  MetricFamily observed =
      gauge("weight_observed_ratio", "The share of the requests counted in this step; absent while unknown");
  MetricFamily requests = gauge("requests", "Requests counted in the present comparison, by their outcome");

  std::vector<MetricFamily> all() && {
    std::vector<MetricFamily> families;
    for (auto* family : {&phase, &condition, &step, &steps, &desired, &applied, &observed, &requests})
      families.push_back(std::move(*family));
    return families;
  }
};

MetricLabels labels_of(const api::SeraphimDeployment& object, MetricLabels more = {}) {
  more.insert(more.begin(), {{"namespace", object.namespace_}, {"name", object.name}});
  return more;
}

/// The candidate's share as one series for each revision that has a role.
void add_shares(MetricFamily& family, const api::SeraphimDeployment& object, api::Percent candidate_share) {
  const api::Status& status = object.status;
  const double share = status.candidate_revision.empty() ? 0 : candidate_share.fraction();
  if (!status.stable_revision.empty())
    add_gauge(family, labels_of(object, {{"role", "stable"}, {"revision", status.stable_revision}}),
              1 - share);
  if (!status.candidate_revision.empty())
    add_gauge(family, labels_of(object, {{"role", "candidate"}, {"revision", status.candidate_revision}}),
              share);
}

void add_counts(MetricFamily& family, const api::SeraphimDeployment& object, const char* role,
                const std::string& revision, std::int64_t requests, std::int64_t failures) {
  const auto add = [&](const char* outcome, std::int64_t count) {
    add_gauge(family, labels_of(object, {{"role", role}, {"revision", revision}, {"outcome", outcome}}),
              static_cast<double>(count));
  };
  add("good", requests - failures);
  add("failed", failures);
}

void add_object(ObjectFamilies& families, const api::SeraphimDeployment& object) {
  const api::Status& status = object.status;
  add_gauge(families.phase, labels_of(object, {{"phase", to_string(status.phase)}}), 1);
  for (const auto& condition : status.conditions) {
    if (condition.status == api::ConditionStatus::unknown) continue;
    add_gauge(families.condition, labels_of(object, {{"type", condition.type}}),
              condition.status == api::ConditionStatus::true_ ? 1 : 0);
  }
  add_gauge(families.step, labels_of(object), status.step);
  add_gauge(families.steps, labels_of(object), static_cast<double>(object.spec.strategy.steps.size()));
  add_shares(families.desired, object, status.weight.desired);
  add_shares(families.applied, object, status.weight.applied);
  if (status.candidate_revision.empty() || status.stable_revision.empty()) return;
  if (status.weight.observed) add_shares(families.observed, object, *status.weight.observed);
  if (!status.evidence.last_look) return;
  const api::EvidenceStatus& seen = status.evidence;
  add_counts(families.requests, object, "stable", status.stable_revision, seen.baseline_requests,
             seen.baseline_failures);
  add_counts(families.requests, object, "candidate", status.candidate_revision, seen.candidate_requests,
             seen.candidate_failures);
}

bool is_frozen(const std::shared_ptr<const DeploymentObject>& deployment) {
  const auto* condition = api::find_condition(deployment->object.status.conditions, "Frozen");
  return condition != nullptr && condition->status == api::ConditionStatus::true_;
}

}  // namespace

std::vector<MetricFamily> object_metrics(
    const std::vector<std::shared_ptr<const DeploymentObject>>& deployments) {
  MetricFamily by_phase =
      metric_family("seraphim_deployments", "SeraphimDeployments by phase", MetricType::Gauge);
  std::map<Phase, int> counts;
  ObjectFamilies families;
  for (const auto& deployment : deployments) {
    ++counts[deployment->object.status.phase];
    add_object(families, deployment->object);
  }
  MetricFamily frozen = metric_family("seraphim_deployments_frozen",
                                      "SeraphimDeployments that a freeze is in force for", MetricType::Gauge);
  add_gauge(frozen, {},
            static_cast<double>(std::count_if(deployments.begin(), deployments.end(), is_frozen)));
  for (const Phase phase : kPhases) add_gauge(by_phase, {{"phase", to_string(phase)}}, counts[phase]);
  auto all = std::move(families).all();
  all.push_back(std::move(by_phase));
  all.push_back(std::move(frozen));
  return all;
}

}  // namespace seraphim::op
