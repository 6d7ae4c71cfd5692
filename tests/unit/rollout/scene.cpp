#include "rollout/scene.h"

namespace seraphim::rollout {

Scene::Scene(World world) : world_(std::move(world)), seen_(world_.observe(true)) {}

Scene Scene::reached(const std::function<void(World&)>& run) {
  World world;
  run(world);
  return Scene(std::move(world));
}

Scene Scene::first_revision() {
  return reached([](World& world) {
    world.use_template("v1");
    world.run_for(seconds(1));
  });
}

Scene Scene::stable() {
  return reached(serve_v1);
}

Scene Scene::at_step(std::int32_t step) {
  Scene scene = reached([step](World& world) {
    reach_step(world, step);
    world.run_for(seconds(step == 0 ? 0 : 1));
  });
  return step == 0 ? scene : scene.with(analysis::Continue{}).requests(100);
}

Scene Scene::promoting() {
  const Scene scene = reached([](World& world) { reach_step(world, 4); });
  return scene.with_traffic([&](TrafficState& traffic) { traffic.stable = Backend{scene.name("v1"), 4, 0}; });
}

Scene Scene::baking() {
  return reached(reach_bake);
}

Scene Scene::rolled_back() {
  return reached([](World& world) {
    world.behaviours["v2"].quality = Quality::bad;
    reach_step(world, 1);
    world.run_until([](const World& w) { return w.status().last_rollback && w.recovery_is_asked_for(); });
  });
}

Scene Scene::varied(const std::function<void(Observation&)>& edit) const {
  Scene copy = *this;
  edit(copy.seen_);
  return copy;
}

Scene Scene::with(analysis::Verdict verdict) const {
  return varied([&](Observation& seen) {
    if (!seen.assessment) seen.assessment = analysis::Assessment{};
    seen.assessment->verdict = std::move(verdict);
    seen.assessment->fresh_at = seen.now;
  });
}

Scene Scene::recovery(analysis::Recovery::Finding finding, const std::string& message) const {
  return varied([&](Observation& seen) {
    seen.recovery =
        analysis::Recovery{finding, message, seen.object.status.last_rollback->verification->state};
  });
}

Scene Scene::held(api::Duration time) const {
  return varied([&](Observation& seen) {
    seen.object.status.held = api::Duration::zero();
    seen.object.status.hold_clock_since = seen.now - time;
    seen.object.status.step_started_at = seen.now - time;
  });
}

Scene Scene::later(api::Duration time) const {
  return varied([&](Observation& seen) {
    seen.now += time;
    if (seen.assessment && seen.assessment->fresh_at) seen.assessment->fresh_at = seen.now;
  });
}

Scene Scene::requests(std::int64_t count) const {
  return varied([&](Observation& seen) {
    if (seen.assessment) seen.assessment->candidate_requests_in_step = count;
  });
}

Scene Scene::suspicious() const {
  return varied([](Observation& seen) { seen.assessment->suspicious = true; });
}

Scene Scene::unseen(api::Duration time) const {
  return varied([&](Observation& seen) {
    if (!seen.assessment) seen.assessment = analysis::Assessment{};
    seen.assessment->candidate_in_sight = false;
    if (time != api::Duration::zero()) seen.object.status.step_started_at = seen.now - time;
  });
}

Scene Scene::not_looked() const {
  return varied([](Observation& seen) { seen.assessment.reset(); });
}

Scene Scene::paused() const {
  return with_spec([](api::Spec& spec) { spec.paused = true; });
}

Scene Scene::frozen(std::optional<api::Time> until) const {
  return varied([&](Observation& seen) {
    seen.freezes = {{"xmas", "year end", "alice", until}};
    seen.freezes_change_at = until;
  });
}

Scene Scene::overriding(const std::string& words) const {
  return with_object(
      [&](api::SeraphimDeployment& object) { object.annotations[api::kAnnotationOverrideFreeze] = words; });
}

Scene Scene::without_analysis() const {
  return with_spec([](api::Spec& spec) { spec.analysis.reset(); }).not_looked();
}

Scene Scene::spec(const std::string& text) const {
  return with_spec(
      [&](api::Spec& spec) { std::get<api::PodsWorkload>(spec.workload).pod_template.text = text; });
}

Scene Scene::with_spec(const std::function<void(api::Spec&)>& edit) const {
  return varied([&](Observation& seen) {
    edit(seen.object.spec);
    ++seen.object.generation;
  });
}

Scene Scene::with_object(const std::function<void(api::SeraphimDeployment&)>& edit) const {
  return varied([&](Observation& seen) { edit(seen.object); });
}

Scene Scene::weight(std::int32_t percent) const {
  return with_traffic(
      [&](TrafficState& traffic) { traffic.candidate_weight = api::Percent::whole(percent); });
}

Scene Scene::unconfirmed() const {
  return with_traffic([](TrafficState& traffic) { traffic.confirmed = false; });
}

Scene Scene::route_problem() const {
  return with_traffic([](TrafficState& traffic) {
    traffic.problem = TrafficState::Problem{"RouteNotFound", "HTTPRoute route does not exist: create it"};
  });
}

Scene Scene::pods(const std::string& text, std::int32_t ready) const {
  const std::string revision = name(text);
  return varied([&](Observation& seen) {
    for (WorkloadState& state : seen.workloads) {
      if (state.revision == revision) state.ready = state.available = ready;
    }
    for (auto* backend : {&seen.traffic.stable, &seen.traffic.candidate}) {
      if (*backend && (*backend)->revision == revision) (*backend)->ready = ready;
    }
  });
}

Scene Scene::marked(const std::string& text, api::RevisionVerdict verdict) const {
  const std::string revision = name(text);
  return varied([&](Observation& seen) {
    for (api::Revision& record : seen.revisions) {
      if (record.name == revision) record.verdict = verdict;
    }
  });
}

Scene Scene::with_traffic(const std::function<void(TrafficState&)>& edit) const {
  return varied([&](Observation& seen) { edit(seen.traffic); });
}

std::optional<api::Percent> weight_set(const Plan& plan) {
  const auto* set = find<SetWeight>(plan);
  return set == nullptr ? std::nullopt : std::optional<api::Percent>(set->weight);
}

std::string judged(const Plan& plan, const std::string& revision) {
  for (const Action& action : plan.actions) {
    const auto* mark = std::get_if<MarkVerdict>(&action);
    if (mark == nullptr || mark->revision != revision) continue;
    switch (mark->verdict) {
      case api::RevisionVerdict::none:
        return "none";
      case api::RevisionVerdict::healthy:
        return "healthy";
      case api::RevisionVerdict::failed:
        return "failed";
      case api::RevisionVerdict::superseded:
        return "superseded";
    }
  }
  return "";
}

bool tells(const Plan& plan, const std::string& reason) {
  for (const Narrative& line : plan.story) {
    if (line.reason == reason) return true;
  }
  return false;
}

std::string reason_of(const Plan& plan, const std::string& type) {
  const api::Condition* condition = api::find_condition(plan.status.conditions, type);
  if (condition == nullptr) return "";
  switch (condition->status) {
    case api::ConditionStatus::true_:
      return "True:" + condition->reason;
    case api::ConditionStatus::false_:
      return "False:" + condition->reason;
    case api::ConditionStatus::unknown:
      return "Unknown:" + condition->reason;
  }
  return "";
}

std::string message_of(const Plan& plan, const std::string& type) {
  const api::Condition* condition = api::find_condition(plan.status.conditions, type);
  return condition == nullptr ? "" : condition->message;
}

}  // namespace seraphim::rollout
