#include "rollout/world.h"

#include <algorithm>

#include "rollout/comparison.h"

namespace seraphim::rollout {
namespace {

constexpr api::Duration kTick = std::chrono::seconds(1);
constexpr api::Duration kPodStart = std::chrono::seconds(3);
constexpr int kMostLooksAtOnce = 40;

std::string describe(const Action& action) {
  struct Words {
    std::string operator()(const RecordRevision& a) const {
      return "record " + a.revision.name + " #" + std::to_string(a.revision.number);
    }
    std::string operator()(const MarkVerdict& a) const {
      const char* const verdicts[] = {"none", "healthy", "failed", "superseded"};
      return "mark " + a.revision + " " + verdicts[static_cast<std::size_t>(a.verdict)];
    }
    std::string operator()(const DeleteRevision& a) const { return "delete " + a.revision; }
    std::string operator()(const Scale& a) const {
      return "scale " + a.revision + " " + std::to_string(a.replicas);
    }
    std::string operator()(const PointBackend& a) const {
      return std::string("point ") + (a.slot == Slot::stable ? "stable" : "candidate") + " at " + a.revision;
    }
    std::string operator()(const SetWeight& a) const {
      return "weight " + api::format_percent(a.weight) + " (" + a.stable + ", " + a.candidate + ")";
    }
    std::string operator()(const EnsureRoute& a) const { return "route " + api::format_percent(a.weight); }
  };
  return std::visit(Words{}, action);
}

}  // namespace

World::World(api::Traffic traffic) {
  object.name = "demo";
  object.namespace_ = "test";
  object.generation = 1;
  object.spec.traffic = std::move(traffic);
  object.spec.strategy.steps = {{api::Percent::whole(20), seconds(20), false},
                                {api::Percent::whole(25), seconds(20), false},
                                {api::Percent::whole(50), seconds(20), false}};
  object.spec.strategy.bake = minutes(1);
  object.spec.strategy.verify = seconds(30);
  object.spec.analysis = api::Analysis{};
  api::PodsWorkload workload;
  workload.replicas = 4;
  workload.progress_deadline = std::chrono::seconds(60);
  workload.pod_template.text = "none";
  object.spec.workload = workload;
  now = api::Time(std::chrono::seconds(1'700'000'000));
  weight = api::kNothing;
  began_ = now;
}

std::string World::name_of(const std::string& text) const {
  api::PodsWorkload workload = std::get<api::PodsWorkload>(object.spec.workload);
  workload.pod_template.text = text;
  return api::revision_name(object.name, workload);
}

void World::use_template(const std::string& text) {
  log("-- spec: " + name_of(text));
  template_of_[name_of(text)] = text;
  edit_spec([&](api::Spec& spec) { std::get<api::PodsWorkload>(spec.workload).pod_template.text = text; });
}

void World::edit_spec(const std::function<void(api::Spec&)>& edit) {
  edit(object.spec);
  ++object.generation;
  dirty_ = true;
}

void World::annotate(const std::string& key, const std::string& value) {
  object.annotations[key] = value;
  dirty_ = true;
}

void World::approve(std::int32_t step) {
  annotate(api::kAnnotationApprove, object.status.candidate_revision + "/" + std::to_string(step));
}

void World::set_weight_by_hand(api::Percent by_hand) {
  log("-- by hand: weight " + api::format_percent(by_hand));
  weight = by_hand;
  dirty_ = true;
}

void World::freeze(const std::string& name, std::optional<api::Time> until) {
  log("-- freeze " + name);
  std::erase_if(freezes, [&](const FreezeInForce& known) { return known.name == name; });
  freezes.push_back({name, "year end", "alice", until});
  dirty_ = true;
}

void World::thaw() {
  log("-- no freeze any more");
  freezes.clear();
  dirty_ = true;
}

const Behaviour& World::behaviour(const std::string& revision) const {
  static const Behaviour kGood;
  const auto text = template_of_.find(revision);
  if (text == template_of_.end()) return kGood;
  const auto found = behaviours.find(text->second);
  return found == behaviours.end() ? kGood : found->second;
}

std::int32_t World::endpoints(const std::optional<Service>& service) const {
  if (!service) return 0;
  const auto found = pods.find(service->endpoints_of);
  return found == pods.end() ? 0 : found->second.ready;
}

std::optional<Backend> World::backend(const std::optional<Service>& service) const {
  if (!service) return std::nullopt;
  const bool settled = service->endpoints_of == service->revision;
  return Backend{service->revision, settled ? endpoints(service) : 0, settled ? 0 : endpoints(service)};
}

std::map<std::string, api::Percent> World::shares() const {
  std::map<std::string, api::Percent> all;
  if (!weight) return all;
  const std::int32_t second = weight->basis_points();
  const auto add = [&](const std::optional<Service>& service, std::int32_t share) {
    if (!service) return;
    all[service->revision] = api::Percent::from_basis_points(all[service->revision].basis_points() + share);
  };
  add(stable, api::kEverything.basis_points() - second);
  add(candidate, second);
  return all;
}

api::Percent World::share(const std::string& revision) const {
  const auto all = shares();
  const auto found = all.find(revision);
  return found == all.end() ? api::kNothing : found->second;
}

api::RevisionVerdict World::verdict(const std::string& revision) const {
  for (const api::Revision& record : revisions) {
    if (record.name == revision) return record.verdict;
  }
  return api::RevisionVerdict::none;
}

Observation World::observe(bool confirmed) const {
  Observation seen;
  seen.object = object;
  seen.revisions = revisions;
  for (const auto& [revision, state] : pods) {
    seen.workloads.push_back({revision, state.desired, std::max(state.desired, state.ready), state.ready,
                              state.ready, crashed.contains(revision) ? "CrashLoopBackOff" : ""});
  }
  seen.traffic = {problem, backend(stable), backend(candidate), weight, false, confirmed};
  seen.assessment = assessment();
  seen.recovery = recovery();
  for (const FreezeInForce& freeze : freezes) {
    if (freeze.until && *freeze.until <= now) continue;
    seen.freezes.push_back(freeze);
    if (freeze.until && (!seen.freezes_change_at || *freeze.until < *seen.freezes_change_at))
      seen.freezes_change_at = freeze.until;
  }
  seen.now = now;
  return seen;
}

bool World::look() {
  ++looks;
  dirty_ = false;
  const Observation actual = observe(false);
  Observation seen = actual;
  if (caches_lag && lagging_ && caches_lag()) {
    seen.traffic = lagging_->traffic;
    seen.revisions = lagging_->revisions;
    seen.workloads = lagging_->workloads;
    dirty_ = true;
  }
  lagging_ = actual;
  Plan plan = decide(seen);
  if (plan.confirm_traffic) {
    seen.traffic = actual.traffic;
    seen.traffic.confirmed = true;
    plan = decide(seen);
    if (plan.confirm_traffic) broken("asks to confirm what was just confirmed");
  }
  const bool changes = !plan.actions.empty() || plan.status != object.status;
  look_at_ = plan.look_again ? std::optional<api::Time>(now + *plan.look_again) : std::nullopt;
  if (!changes && !plan.story.empty()) broken("a story about nothing: " + plan.story.front().reason);
  if (changes) dirty_ = true;
  try {
    for (const Action& action : plan.actions) perform(plan, action);
    if (plan.status != object.status) {
      for (const Narrative& line : plan.story) {
        told_.push_back({line.reason + " " + line.discriminator, line.reason});
        log("   told " + line.reason + " [" + line.discriminator + "]: " + line.message);
      }
      write_status(plan.status);
    } else if (!plan.story.empty()) {
      broken("a story without a change of the status: " + plan.story.front().reason);
    }
  } catch (const Crash&) {
    log("-- the operator dies");
    dirty_ = true;
    return true;
  }
  return changes;
}

void World::effect(const std::string& what, const std::function<void()>& act) {
  ++effects;
  const bool dies = fault && fault->effect == effects;
  if (dies && !fault->after) {
    fault.reset();
    throw Crash{};
  }
  log("   " + what);
  const auto before = shares();
  const std::int32_t by_pods_before = share_by_pods();
  act();
  check_after(before);
  check_share_by_pods(by_pods_before);
  if (dies) {
    fault.reset();
    throw Crash{};
  }
}

void World::perform(const Plan& plan, const Action& action) {
  check_action(plan, action);
  effect(describe(action), [&] { do_action(action); });
}

void World::do_action(const Action& action) {
  if (const auto* record = std::get_if<RecordRevision>(&action)) {
    const bool there = std::any_of(revisions.begin(), revisions.end(), [&](const api::Revision& revision) {
      return revision.name == record->revision.name;
    });
    if (!there) revisions.push_back(record->revision);
  } else if (const auto* mark = std::get_if<MarkVerdict>(&action)) {
    for (api::Revision& revision : revisions) {
      if (revision.name != mark->revision) continue;
      revision.verdict = mark->verdict;
      revision.verdict_reason = mark->reason;
    }
  } else if (const auto* gone = std::get_if<DeleteRevision>(&action)) {
    std::erase_if(revisions, [&](const api::Revision& revision) { return revision.name == gone->revision; });
    pods.erase(gone->revision);
  } else if (const auto* scale = std::get_if<Scale>(&action)) {
    Pods& state = pods[scale->revision];
    state.desired = scale->replicas;
    state.ready = std::min(state.ready, state.desired);
    state.since = now;
  } else if (const auto* point = std::get_if<PointBackend>(&action)) {
    std::optional<Service>& service = point->slot == Slot::stable ? stable : candidate;
    const std::string lagging = service ? service->endpoints_of : "";
    service = Service{point->revision, replicas_mode() ? point->revision : lagging};
  } else if (const auto* set = std::get_if<SetWeight>(&action)) {
    weight = set->weight;
  } else if (const auto* route = std::get_if<EnsureRoute>(&action)) {
    weight = route->weight;
  }
}

void World::write_status(const api::Status& next) {
  check_raise(next);
  effect("status: step " + std::to_string(next.step) + " desired " +
             api::format_percent(next.weight.desired) + " stable " + next.stable_revision + " candidate " +
             next.candidate_revision,
         [&] {
           const api::Status& last = object.status;
           if (next.candidate_revision != last.candidate_revision || next.step != last.step) {
             seconds_in_step_ = 0;
           }
           if (next.candidate_revision != last.candidate_revision ||
               next.weight.desired != last.weight.desired) {
             seconds_counted_ = 0;
           }
           if (next.started_at && next.started_at != last.started_at) {
             exposed_.erase(next.candidate_revision);
             exposed_at_everything_.erase(next.candidate_revision);
           }
           object.status = next;
         });
}

void World::tick() {
  const auto compared = comparison(object.spec, object.status);
  if (compared && share(compared->candidate) > api::kNothing) {
    ++exposed_[compared->candidate];
    ++seconds_in_step_;
    if (share(compared->candidate) == api::kEverything) ++exposed_at_everything_[compared->candidate];
    if (now.time_since_epoch() % object.spec.analysis->interval == api::Duration::zero()) dirty_ = true;
  }
  const bool counts = !object.spec.paused && metrics != Metrics::unavailable && metrics != Metrics::stale;
  const bool at_weight = object.status.step > 0 && weight == object.status.weight.desired;
  if (at_weight && (counts || !object.spec.analysis)) ++seconds_counted_;
  if (verified_revision(object.spec, object.status)) {
    if (now.time_since_epoch() % object.spec.analysis->interval == api::Duration::zero()) dirty_ = true;
  }
  now += kTick;
  if (metrics != Metrics::unavailable && metrics != Metrics::stale) fresh_at_ = now;
  for (auto& [revision, state] : pods) {
    const std::int32_t before = state.ready;
    const bool up = behaviour(revision).comes_up && !crashed.contains(revision);
    if (!up) {
      state.ready = 0;
    } else if (state.ready < state.desired && now - state.since >= kPodStart) {
      state.ready = state.desired;
    }
    if (state.ready != before) dirty_ = true;
  }
  for (std::optional<Service>* service : {&stable, &candidate}) {
    if (!*service || (*service)->endpoints_of == (*service)->revision) continue;
    (*service)->endpoints_of = (*service)->revision;
    dirty_ = true;
  }
}

void World::run_for(api::Duration time) {
  const api::Time until = now + time;
  while (true) {
    int looks_at_once = 0;
    while (dirty_ || (look_at_ && *look_at_ <= now)) {
      if (++looks_at_once > kMostLooksAtOnce) broken("does not come to rest");
      look();
    }
    if (now >= until) return;
    tick();
  }
}

void World::run_until(const std::function<bool(const World&)>& done) {
  const api::Time limit = now + std::chrono::hours(2);
  while (!done(*this)) {
    if (now > limit) broken("did not get there within two hours");
    run_for(kTick);
  }
}

World::End World::end() const {
  End end;
  const api::Status& s = object.status;
  end.roles = s.stable_revision + "/" + s.candidate_revision + "/" + s.previous_revision + " phase " +
              std::to_string(static_cast<int>(s.phase)) + " step " + std::to_string(s.step) +
              " rolled back " +
              (s.last_rollback ? s.last_rollback->from_revision + " " + s.last_rollback->reason : "nothing");
  for (const api::Revision& revision : revisions) {
    end.records += revision.name + "#" + std::to_string(revision.number) + "=" +
                   std::to_string(static_cast<int>(revision.verdict)) + " ";
  }
  end.route = (stable ? stable->revision : "-") + " " + (candidate ? candidate->revision : "-") + " " +
              (weight ? api::format_percent(*weight) : "-");
  for (const auto& [revision, state] : pods) end.pods += revision + "=" + std::to_string(state.desired) + " ";
  for (const Told& line : told_) end.events.insert(line.key);
  return end;
}

}  // namespace seraphim::rollout
