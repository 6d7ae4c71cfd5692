#include "simulation/schedule.h"

#include <algorithm>
#include <array>

#include "simulation/api_store.h"
#include "simulation/cluster.h"
#include "simulation/line.h"
#include "simulation/telemetry.h"

namespace seraphim::simulation {
namespace {

Setup draw_setup(Chance& chance) {
  Setup setup;
  setup.replicas = static_cast<int>(chance.between(1, 4));
  setup.per_second = static_cast<int>(chance.between(60, 200));
  setup.history_limit = static_cast<int>(chance.between(1, 4));
  setup.min_ready = std::chrono::seconds(chance.one_in(2) ? 0 : chance.between(1, 3));
  setup.bake = std::chrono::seconds(chance.one_in(4) ? 0 : chance.between(10, 25));
  setup.interval = chance.one_in(3) ? 2000ms : 5000ms;
  setup.scrape = chance.one_in(2) ? 2000ms : 5000ms;
  setup.own_route = chance.one_in(4);
  setup.elects = chance.one_in(4);
  setup.streaming_lists = !chance.one_in(4);
  setup.approval = chance.one_in(8);
  setup.undecided = chance.one_in(2);
  const int first = static_cast<int>(chance.between(5, 25));
  setup.steps.push_back({first, std::chrono::seconds(chance.between(0, 10)), false});
  if (chance.one_in(2)) {
    setup.steps.push_back({first + static_cast<int>(chance.between(5, 25)), 5s, setup.approval});
  }
  return setup;
}

Action draw_deed_of_a_person(Chance& chance, SimTime at, const Setup& setup) {
  switch (chance.between(0, 10)) {
    case 0:
      return {at, Deed::pause};
    case 1:
      return {at, Deed::resume};
    case 2:
    case 3: {
      static constexpr std::array kWeights{0, 1, 37, 100};
      return {at, Deed::set_weight, kWeights[static_cast<std::size_t>(chance.between(0, 3))]};
    }
    case 4:
      return {at, Deed::scale_by_hand, chance.between(0, 1), chance.between(0, 4)};
    case 5:
    case 6:
      return {at, Deed::delete_child, chance.between(0, setup.own_route ? 3 : 2)};
    case 7:
      return {at, Deed::retry};
    case 8:
      return {at, Deed::set_replicas, chance.between(1, 5)};
    case 9:
      return {at, Deed::edit_steps, chance.between(5, 60)};
    default:
      return chance.one_in(3) ? Action{at, Deed::delete_object, 0, chance.between(100, 8000)}
                              : Action{at, Deed::touch_route};
  }
}

Action draw_fault(Chance& chance, SimTime at, const Setup& setup) {
  const auto watched = [&] { return chance.between(0, 6); };
  switch (chance.between(0, setup.elects ? 15 : 13)) {
    case 0:
    case 1:
    case 2:
      return {at, Deed::crash, chance.between(1, 12), chance.between(0, 1)};
    case 3:
    case 4:
      return {at, Deed::fail_calls, chance.between(0, kCallFaults - 1), chance.between(1, 6)};
    case 5:
      return chance.one_in(3) ? Action{at, Deed::lag_server, chance.between(200, 9000)}
                              : Action{at, Deed::lag_watch, watched(), chance.between(200, 6000)};
    case 6:
      return {at, Deed::cut_watch, watched()};
    case 7:
      return {at, Deed::compact, watched()};
    case 8:
      return {at, chance.one_in(2) ? Deed::refuse_watch : Deed::repeat_events, watched()};
    case 9:
    case 10:
      return {at, Deed::metrics, chance.between(1, 7), chance.between(2000, 40000)};
    case 11:
      return {at, Deed::crash_pods, chance.between(0, 1), chance.between(0, 1)};
    case 12:
      return {at, chance.one_in(2) ? Deed::slow_router : Deed::slow_endpoints, chance.between(500, 4000)};
    case 13:
      return {at, Deed::set_wall, chance.between(-120000, 120000)};
    case 14:
      return {at, Deed::freeze, chance.between(1000, 30000)};
    default:
      return {at, Deed::second, chance.between(-3600000, 3600000), chance.between(-50, 50)};
  }
}

Behaviour draw_behaviour(Chance& chance) {
  switch (chance.between(0, 11)) {
    case 0:
    case 1:
    case 2:
      return Behaviour::bad;
    case 3:
      return Behaviour::late;
    case 4:
      return Behaviour::never;
    case 5:
      return Behaviour::slow;
    case 6:
      return Behaviour::dies;
    default:
      return Behaviour::good;
  }
}

/// From a chance of their own, so that a seed's other actions stay what they are.
void add_freezes(Schedule& schedule) {
  Chance chance(schedule.seed, "freezes");
  schedule.setup.freezes = chance.one_in(3);
  if (!schedule.setup.freezes) return;
  const auto any_time = [&] { return chance.between(SimTime(500), schedule.horizon); };
  const int count = static_cast<int>(chance.between(1, 2));
  for (int i = 0; i < count; ++i) {
    const SimTime at = any_time();
    const std::int64_t lasts = chance.one_in(3) ? 0 : chance.between(5'000, 120'000);
    schedule.actions.push_back({at, Deed::declare_freeze, lasts, chance.one_in(5) ? 1 : 0});
  }
  if (chance.one_in(3)) schedule.actions.push_back({any_time(), Deed::lift_freezes});
  if (chance.one_in(4)) schedule.actions.push_back({any_time(), Deed::override_freeze, chance.between(0, 1)});
}

/// A watch that loses its place does harm when people change something meanwhile: every other time they do.
void aim_compactions(Chance& chance, std::vector<Action>& actions) {
  for (Action& action : actions) {
    if (action.deed != Deed::compact || chance.one_in(2)) continue;
    const auto spec =
        static_cast<std::size_t>(chance.between(0, static_cast<std::int64_t>(actions.size()) - 1));
    if (actions[spec].deed != Deed::new_spec) continue;
    action.a = static_cast<std::int64_t>(Kind::deployments);
    action.at = std::max(SimTime(100), actions[spec].at - chance.between(100ms, 4500ms));
  }
}

}  // namespace

bool is_fault(Deed deed) {
  return deed >= Deed::fail_calls;
}

Schedule draw(Seed seed) {
  Chance chance(seed, "schedule");
  Schedule schedule{.seed = seed, .setup = draw_setup(chance), .actions = {}, .horizon = {}};
  const int specs = static_cast<int>(chance.between(1, 3));
  SimTime at{};
  for (int i = 0; i < specs; ++i) {
    at += chance.one_in(3) ? chance.between(1s, 20s) : chance.between(15s, 100s);
    schedule.actions.push_back(
        {at, Deed::new_spec, static_cast<std::int64_t>(draw_behaviour(chance)), chance.between(0, 1)});
  }
  schedule.horizon = at + (chance.one_in(2) ? chance.between(1s, 20s) : chance.between(20s, 90s));
  const int people = chance.one_in(2) ? 0 : static_cast<int>(chance.between(1, 3));
  for (int i = 0; i < people; ++i) {
    schedule.actions.push_back(
        draw_deed_of_a_person(chance, chance.between(SimTime(500), schedule.horizon), schedule.setup));
  }
  const int faults = chance.one_in(5) ? 0 : static_cast<int>(chance.between(1, 7));
  for (int i = 0; i < faults; ++i) {
    schedule.actions.push_back(
        draw_fault(chance, chance.between(SimTime(100), schedule.horizon), schedule.setup));
  }
  aim_compactions(chance, schedule.actions);
  add_freezes(schedule);
  schedule.setup.lively = faults > 0;
  std::stable_sort(schedule.actions.begin(), schedule.actions.end(),
                   [](const Action& left, const Action& right) { return left.at < right.at; });
  return schedule;
}

std::string describe(const Action& action) {
  const std::string a = std::to_string(action.a), b = std::to_string(action.b);
  const auto kind = [&] { return type_of(static_cast<Kind>(action.a)).kind; };
  switch (action.deed) {
    case Deed::new_spec:
      return "a person applies a new spec: " + std::string(to_string(static_cast<Behaviour>(action.a))) +
             "-" + b;
    case Deed::pause:
      return "a person pauses";
    case Deed::resume:
      return "a person resumes";
    case Deed::set_weight:
      return "a person sets the candidate's weight to " + a;
    case Deed::scale_by_hand:
      return "a person scales the " + std::string(action.a == 0 ? "stable" : "candidate") +
             " ReplicaSet to " + b;
    case Deed::delete_child:
      return "a person deletes child " + a;
    case Deed::delete_object:
      return "a person deletes the object and creates it anew " + b + " ms later";
    case Deed::retry:
      return "a person says retry";
    case Deed::set_replicas:
      return "a person sets replicas to " + a;
    case Deed::edit_steps:
      return "a person edits the steps: only " + a;
    case Deed::touch_route:
      return "a person puts a label on the route";
    case Deed::declare_freeze:
      return "a person freezes " + std::string(action.b == 0 ? "everything" : "something else") +
             (action.a == 0 ? "" : " for " + a + " ms");
    case Deed::lift_freezes:
      return "a person lifts all freezes";
    case Deed::override_freeze:
      return "a person overrides freezes " +
             std::string(action.a == 0 ? "without a reason" : "with a reason");
    case Deed::fail_calls:
      return "fault: the next " + b + " calls: " + std::string(to_string(static_cast<CallFault>(action.a)));
    case Deed::lag_watch:
      return "fault: the watch of " + kind() + " lags by " + b + " ms";
    case Deed::lag_server:
      return "fault: lists and watches are " + a + " ms behind";
    case Deed::cut_watch:
      return "fault: the watch of " + kind() + " is cut";
    case Deed::refuse_watch:
      return "fault: watches of " + kind() + " are refused";
    case Deed::repeat_events:
      return "fault: the watch of " + kind() + " repeats events";
    case Deed::compact:
      return "fault: the history of " + kind() + " is compacted";
    case Deed::crash:
      return "fault: a crash " + std::string(action.b == 0 ? "before" : "after") + " write " + a +
             " from now";
    case Deed::freeze:
      return "fault: the operator stands still for " + a + " ms";
    case Deed::second:
      return "fault: a second operator starts, its clock " + a + " ms ahead, " + b + " per mille fast";
    case Deed::set_wall:
      return "fault: the wall clock is set by " + a + " ms";
    case Deed::metrics:
      return "fault: Prometheus " + std::string(to_string(static_cast<MetricsFault>(action.a))) + " for " +
             b + " ms";
    case Deed::crash_pods:
      return "fault: " + std::string(action.b == 0 ? "a pod" : "all pods") + " of the " +
             (action.a == 0 ? "stable" : "candidate") + " crash";
    case Deed::slow_router:
      return "fault: the router applies weights " + a + " ms late";
    case Deed::slow_endpoints:
      break;
  }
  return "fault: endpoints follow " + a + " ms late";
}

}  // namespace seraphim::simulation
