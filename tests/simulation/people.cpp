// What people do to the objects.
#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "api/seraphim_freeze.h"
#include "kubernetes/json_read.h"
#include "simulation/director.h"
#include "simulation/world.h"

namespace seraphim::simulation {

using nlohmann::json;

namespace {

constexpr Author kPerson{Author::Who::person};
constexpr const char* kUserRoute = "web-route";

std::string text_of(std::chrono::milliseconds time) {
  return api::format_duration(time);
}

json template_of(Behaviour behaviour, std::int64_t number) {
  const std::string image = std::string(to_string(behaviour)) + "-" + std::to_string(number);
  return {{"spec", {{"containers", json::array({{{"name", "model"}, {"image", image}}})}}}};
}

json steps_of(const Setup& setup) {
  json steps = json::array();
  for (const PlannedStep& step : setup.steps) {
    json one = {{"weight", step.weight}, {"hold", text_of(step.hold)}};
    if (step.approval) one["approval"] = true;
    steps.push_back(one);
  }
  return steps;
}

json spec_of(const Setup& setup) {
  json canary = {{"steps", steps_of(setup)}, {"scaleDownDelay", "10s"}, {"verify", {{"duration", "30s"}}}};
  if (setup.bake.count() > 0) canary["bake"] = {{"duration", text_of(setup.bake)}};
  json traffic = {{"routes", json::array({{{"name", kUserRoute}}})}};
  if (setup.own_route) traffic = {{"parentRefs", json::array({{{"name", "gateway"}}})}};
  json analysis = {{"prometheus", {{"address", "http://prometheus:9090"}}},
                   {"interval", text_of(setup.interval)},
                   {"errorRate", {{"tolerance", "5%"}, {"ceiling", "20%"}}}};
  if (setup.undecided) analysis["undecided"] = {{"after", "4m"}, {"then", "RollBack"}};
  return {{"workload",
           {{"pods",
             {{"replicas", setup.replicas},
              {"port", 8080},
              {"minReadySeconds", setup.min_ready.count()},
              {"progressDeadlineSeconds", 90},
              {"template", template_of(Behaviour::good, 0)}}}}},
          {"traffic", {{"gatewayAPI", traffic}}},
          {"strategy", {{"canary", canary}}},
          {"analysis", analysis},
          {"revisionHistoryLimit", setup.history_limit},
          {"paused", false}};
}

}  // namespace

void World::begin() {
  if (!setup_.own_route) {
    const auto backend = [](const char* name, int weight) {
      return json{{"name", name}, {"port", 8080}, {"weight", weight}};
    };
    const json rule = {
        {"backendRefs", json::array({backend("web-stable", 100), backend("web-candidate", 0)})}};
    store_.create(
        Kind::routes,
        {{"metadata", {{"name", kUserRoute}, {"namespace", kObject.namespace_}}},
         {"spec", {{"parentRefs", json::array({{{"name", "gateway"}}})}, {"rules", json::array({rule})}}}},
        kPerson);
  }
  make_object(spec_of(setup_));
}

void World::make_object(const json& spec) {
  store_.create(Kind::deployments,
                {{"apiVersion", api::kApiVersion},
                 {"kind", api::kKind},
                 {"metadata", {{"name", kObject.name}, {"namespace", kObject.namespace_}}},
                 {"spec", spec}},
                kPerson);
  edit_object([](json&) {});
}

/// Also notes what the spec asks for now.
void World::edit_object(const std::function<void(json& spec)>& edit) {
  if (!spec_to_recreate_.empty()) {
    json spec = json::parse(spec_to_recreate_);
    edit(spec);
    spec_to_recreate_ = spec.dump();
  }
  const auto before = store_.get(Kind::deployments, kObject);
  if (!before) return;
  json object = *before->value;
  edit(object["spec"]);
  const std::string image = object["spec"]["workload"]["pods"]["template"]["spec"]["containers"][0]["image"];
  target_ = api::revision_name(kObject.name, api::decode_deployment(object).spec.workload);
  target_behaviour_ = behaviour_of(image);
  store_.update(Kind::deployments, before, std::move(object), {}, kPerson);
}

void World::annotate(const std::string& key, const std::string& value) {
  const auto before = store_.get(Kind::deployments, kObject);
  if (!before) return;
  json object = *before->value;
  object["metadata"]["annotations"][key] = value;
  store_.update(Kind::deployments, before, std::move(object), {}, kPerson);
}

void World::declare_freeze(std::chrono::milliseconds lasts, bool of_others) {
  json spec = {{"reason", "an incident"}, {"who", "somebody"}};
  if (lasts.count() > 0) spec["until"] = api::format_time(MachineClock(clock_, {}, 0).wall() + lasts);
  if (of_others) spec["selector"] = {{"matchLabels", {{"team", "another"}}}};
  store_.create(
      Kind::freezes,
      {{"apiVersion", api::kApiVersion},
       {"kind", api::kFreezeKind},
       {"metadata", {{"name", "freeze-" + std::to_string(++freezes_)}, {"namespace", kObject.namespace_}}},
       {"spec", spec}},
      kPerson);
}

void World::lift_freezes() {
  const auto all = store_.all(Kind::freezes);
  for (const auto& [key, freeze] : all) store_.remove(Kind::freezes, key, kPerson);
}

void World::set_weight(std::int64_t percent) {
  const auto before = the_route(store_);
  if (!before) return;
  json route = *before->value;
  for (json& backend : route["spec"]["rules"][0]["backendRefs"]) {
    backend["weight"] = backend["name"] == kCandidateService.name ? percent : 100 - percent;
  }
  store_.update(Kind::routes, before, std::move(route), {}, kPerson);
}

void World::scale_by_hand(const std::string& revision, std::int64_t replicas) {
  const auto before = store_.get(Kind::replica_sets, {kObject.namespace_, revision});
  if (!before) return;
  checks_.excuse(revision);
  json set = *before->value;
  set["spec"]["replicas"] = replicas;
  store_.update(Kind::replica_sets, before, std::move(set), {}, kPerson);
}

void World::delete_child(std::int64_t which) {
  const StatusTruth status = checks_.status();
  switch (which) {
    case 0:
    case 1: {
      const std::string& revision = which == 0 ? status.candidate : status.stable;
      checks_.excuse(revision);
      return store_.remove(Kind::replica_sets, {kObject.namespace_, revision}, kPerson);
    }
    case 2:
      checks_.excuse(status.candidate);
      checks_.excuse(status.stable);
      return store_.remove(Kind::services, kCandidateService, kPerson);
    default:
      return store_.remove(Kind::routes, kObject, kPerson);
  }
}

void World::apply(const Action& action) {
  note(describe(action));
  if (is_fault(action.deed)) return apply_fault(action);
  switch (action.deed) {
    case Deed::new_spec:
      return edit_object([&](json& spec) {
        spec["workload"]["pods"]["template"] = template_of(static_cast<Behaviour>(action.a), action.b);
      });
    case Deed::pause:
    case Deed::resume:
      return edit_object([&](json& spec) { spec["paused"] = action.deed == Deed::pause; });
    case Deed::set_weight:
      return set_weight(action.a);
    case Deed::scale_by_hand:
      return scale_by_hand(action.a == 0 ? checks_.status().stable : checks_.status().candidate, action.b);
    case Deed::delete_child:
      return delete_child(action.a);
    case Deed::delete_object: {
      const auto object = store_.get(Kind::deployments, kObject);
      if (!object) return;
      spec_to_recreate_ = (*object->value)["spec"].dump();
      store_.remove(Kind::deployments, kObject, kPerson);
      return director_->at(clock_.now + SimTime(action.b), [this] {
        const json spec = json::parse(spec_to_recreate_);
        spec_to_recreate_.clear();
        make_object(spec);
      });
    }
    case Deed::declare_freeze:
      return declare_freeze(std::chrono::milliseconds(action.a), action.b == 1);
    case Deed::lift_freezes:
      return lift_freezes();
    case Deed::override_freeze:
      return annotate(api::kAnnotationOverrideFreeze, action.a == 1 ? "it cannot wait" : "");
    case Deed::retry:
      return annotate(api::kAnnotationRetry, "try-" + std::to_string(++retries_));
    case Deed::set_replicas:
      setup_.replicas = static_cast<int>(std::min<std::int64_t>(setup_.replicas, action.a));
      return edit_object([&](json& spec) { spec["workload"]["pods"]["replicas"] = action.a; });
    case Deed::edit_steps:
      checks_.steps_were_edited();
      return edit_object([&](json& spec) {
        spec["strategy"]["canary"]["steps"] = json::array({{{"weight", action.a}, {"hold", "3s"}}});
      });
    default: {
      const auto before = the_route(store_);
      if (!before) return;
      json route = *before->value;
      route["metadata"]["labels"]["touched"] = "at-" + std::to_string(clock_.now.count());
      store_.update(Kind::routes, before, std::move(route), {}, kPerson);
    }
  }
}

}  // namespace seraphim::simulation
