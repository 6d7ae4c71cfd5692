#include "rollout/planner.h"

#include <algorithm>
#include <cmath>

#include "api/rollback.h"
#include "rollout/capacity.h"
#include "rollout/freeze.h"
#include "rollout/router_doubt.h"

namespace seraphim::rollout {
namespace {

FullSize size_of(const api::SeraphimDeployment& object) {
  return object.problems.empty() ? full_size(object.spec.workload) : FullSize{};
}

std::vector<api::Step> real_steps(const api::Spec& spec) {
  std::vector<api::Step> steps;
  for (const api::Step& step : spec.strategy.steps) {
    if (step.weight > api::kNothing && step.weight < api::kEverything) steps.push_back(step);
  }
  return steps;
}

Waiting first_requests_are_awaited() {
  return {"WaitingForTraffic", "the first requests at this weight are not counted yet"};
}

const analysis::Unavailable* unavailable(const std::optional<analysis::Assessment>& assessment) {
  return assessment ? std::get_if<analysis::Unavailable>(&assessment->verdict) : nullptr;
}

}  // namespace

Planner::Planner(const Observation& observation)
    : in(observation),
      spec(observation.object.spec),
      spec_usable(observation.object.problems.empty()),
      full(size_of(observation.object)),
      steps(real_steps(observation.object.spec)),
      now(observation.now),
      target(spec_usable ? api::revision_name(observation.object.name, spec.workload) : std::string()),
      weight_intent(observation.object.status.weight.desired),
      weight_before(observation.object.status.weight.applied),
      status(observation.object.status),
      traffic(observation.traffic) {}

const api::Step* Planner::step() const {
  if (status.step < 1 || status.step > static_cast<std::int32_t>(steps.size())) return nullptr;
  return &steps[static_cast<std::size_t>(status.step) - 1];
}

const api::Revision* Planner::recorded(const std::string& name) const {
  const auto found = std::find_if(in.revisions.begin(), in.revisions.end(),
                                  [&](const api::Revision& revision) { return revision.name == name; });
  return found == in.revisions.end() ? nullptr : &*found;
}

bool Planner::has_failed(const std::string& revision) const {
  if (api::rolled_back_as_failed(status, revision)) return true;
  const api::Revision* record = recorded(revision);
  return record != nullptr && record->verdict == api::RevisionVerdict::failed;
}

WorkloadState Planner::workload(const std::string& revision) const {
  for (const WorkloadState& state : in.workloads) {
    if (state.revision == revision) return state;
  }
  WorkloadState none;
  none.revision = revision;
  return none;
}

bool Planner::in_use(const std::string& revision) const {
  return !revision.empty() && (revision == status.stable_revision || revision == status.candidate_revision ||
                               revision == status.previous_revision);
}

api::Percent Planner::weight_to_carry() const {
  if (initial()) return api::kEverything;
  if (status.step > 0 || promoting()) return status.weight.desired;
  return steps.empty() ? api::kEverything : steps.front().weight;
}

std::int32_t Planner::candidate_needs() const {
  return candidate_replicas(spec.traffic, full.replicas, weight_to_carry()).value_or(0);
}

std::optional<std::string> Planner::unreachable_weight() const {
  const auto needs = candidate_replicas(spec.traffic, full.replicas, weight_to_carry());
  if (needs) return std::nullopt;
  return needs.error();
}

bool Planner::candidate_available() const {
  return !unreachable_weight() && workload(status.candidate_revision).available >= candidate_needs();
}

bool Planner::data_is_fresh() const {
  if (!spec.analysis) return true;
  if (!in.assessment) return false;
  // Too few requests are fresh data: the clock may run, while the step is not left.
  if (const auto* nothing = unavailable(in.assessment)) return nothing->reason == "NotEnoughTraffic";
  return in.assessment->fresh_at && now - *in.assessment->fresh_at <= analysis::stale_after(*spec.analysis);
}

bool Planner::step_is_young() const {
  if (!spec.analysis || status.step == 0) return false;
  return !status.step_started_at || now - *status.step_started_at < analysis::stale_after(*spec.analysis);
}

std::optional<Waiting> Planner::doubts() const {
  if (spec.paused) {
    return Waiting{"Paused", "spec.paused is true: the candidate gets no more traffic until it is false"};
  }
  if (status.models_restores >= kModelRestores) {
    return Waiting{
        "ModelsContested",
        "somebody changed the gateway's MODEL_* variables " + std::to_string(kModelRestores) +
            " times in this rollout: it gets no more traffic until they have been in order for an hour; stop "
            "whoever changes them"};
  }
  if (!in.traffic.unsettled.empty()) return Waiting{"TrafficSettling", in.traffic.unsettled};
  if (!spec.analysis) return std::nullopt;
  if (!in.assessment) return Waiting{"MetricsUnavailable", "no look at the metrics has come back yet"};
  const auto* nothing = unavailable(in.assessment);
  // A candidate without traffic has no series yet: then it is enough that the metrics can be asked.
  const bool priming = traffic.candidate_weight.value_or(api::kNothing) == api::kNothing;
  if (nothing != nullptr && (!priming || nothing->reason == "MetricsUnavailable")) {
    if (nothing->reason == "NotEnoughTraffic" && step_is_young()) return first_requests_are_awaited();
    const std::string hint = nothing->reason == "NotEnoughTraffic" ? router_hint(spec) : "";
    return Waiting{nothing->reason, nothing->message + (hint.empty() ? "" : "; " + hint)};
  }
  if (!priming && !data_is_fresh()) {
    return Waiting{"MetricsStale", "the newest data is older than analysis.staleAfter: check that " +
                                       spec.analysis->prometheus.address + " still scrapes the pods"};
  }
  if (in.assessment->suspicious) {
    return Waiting{"EvidenceSuspicious",
                   "evidence against the candidate: " +
                       (in.assessment->suspicion.empty() ? in.assessment->evidence.rollback_evidence
                                                         : in.assessment->suspicion) +
                       "; it gets no more traffic while that stands"};
  }
  return router_doubt(*this);
}

std::optional<Waiting> Planner::raise_blocked() const {
  if (auto doubt = doubts()) return doubt;
  return held_by_freeze(*this, status.candidate_revision + " gets no more traffic");
}

void Planner::mark(const std::string& revision, api::RevisionVerdict verdict, const std::string& reason) {
  const api::Revision* record = recorded(revision);
  if (record == nullptr || record->verdict == verdict) return;
  // "Replaced before it was judged" says nothing about a revision that was judged once.
  if (verdict == api::RevisionVerdict::superseded && record->verdict != api::RevisionVerdict::none) return;
  records.push_back(MarkVerdict{revision, verdict, reason});
}

void Planner::tell(Narrative::Kind kind, std::string reason, std::string action, std::string message,
                   const std::string& about) {
  // A second try of the same revision is another story than the first.
  const std::string again = status.retry_token.empty() ? "" : "@" + status.retry_token;
  story.push_back({kind, std::move(reason), std::move(action), std::move(message),
                   about + "/" + std::to_string(status.step) + again});
}

void Planner::wait_for(std::string reason, std::string message) {
  if (!waiting) waiting = Waiting{std::move(reason), std::move(message)};
}

void Planner::look_again_in(api::Duration wait) {
  wait = std::max(wait, api::Duration(1));
  look_again = look_again ? std::min(*look_again, wait) : wait;
}

void Planner::enter_step(std::int32_t step, api::Percent desired) {
  status.step = step;
  status.weight.desired = desired;
  status.weight.observed.reset();
  status.step_started_at.reset();
  status.undecided_since.reset();
  status.held = api::Duration::zero();
  status.hold_clock_since.reset();
  status.weight_restores = 0;
  status.weight_restored_at.reset();
}

void Planner::drop_candidate() {
  enter_step(0, api::kNothing);
  status.candidate_revision.clear();
  status.started_at.reset();
  status.progress_since.reset();
  status.approved_step = 0;
}

void Planner::start_scale_down_delay() {
  status.weightless_since = traffic_moves.empty() ? std::optional<api::Time>(now) : std::nullopt;
}

Plan Planner::plan() && {
  Plan plan;
  const auto add = [&plan](std::vector<Action>& actions) {
    for (Action& action : actions) plan.actions.push_back(std::move(action));
  };
  if (traffic_first) add(traffic_moves);
  add(records);
  add(scale_ups);
  if (!traffic_first) add(traffic_moves);
  add(scale_downs);
  add(deletions);
  plan.status = std::move(status);
  plan.story = std::move(story);
  plan.look_again = look_again;
  return plan;
}

void read_world(Planner& planner) {
  // A clock that was set back must not stretch a timer by as much.
  for (std::optional<api::Time>* since :
       {&planner.status.progress_since, &planner.status.hold_clock_since, &planner.status.promoted_at,
        &planner.status.step_started_at, &planner.status.undecided_since, &planner.status.weightless_since,
        &planner.status.weight_restored_at, &planner.status.models_restored_at,
        &planner.status.split_stopped_at}) {
    if (*since && **since > planner.now) *since = planner.now;
  }
  if (planner.in.assessment) {
    planner.status.evidence = planner.in.assessment->evidence;
    if (planner.status.step > 0 && planner.in.assessment->share.all > 0) {
      planner.status.weight.observed = api::Percent::from_basis_points(
          static_cast<std::int32_t>(std::lround(10000 * planner.in.assessment->share.observed())));
    }
  }
  planner.status.observed_generation = planner.in.object.generation;
}

api::Percent share_of(const TrafficState& traffic, const std::string& revision) {
  if (!traffic.candidate_weight || revision.empty()) return api::kNothing;
  const std::int32_t candidate = traffic.candidate_weight->basis_points();
  std::int32_t share = 0;
  if (traffic.stable && traffic.stable->revision == revision) {
    share += api::kEverything.basis_points() - candidate;
  }
  if (traffic.candidate && traffic.candidate->revision == revision) share += candidate;
  return api::Percent::from_basis_points(share);
}

std::string where_it_stands(const Planner& planner) {
  if (planner.promoting()) return api::format_percent(planner.weight_before) + " while being promoted";
  if (planner.status.step == 0) return "0% before the first step";
  return api::format_percent(planner.weight_before) + " at step " + std::to_string(planner.status.step) +
         " of " + std::to_string(planner.steps.size());
}

}  // namespace seraphim::rollout
