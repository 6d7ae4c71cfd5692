// What happens in one run: how the world is, what people do and what goes wrong, drawn from a seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/clock.h"
#include "simulation/random.h"

namespace seraphim::simulation {

enum class Deed {
  // People. `a` and `b` are said for each.
  new_spec,  ///< a: Behaviour, b: which of that kind
  pause,     ///< spec.paused
  resume,
  set_weight,     ///< a: the candidate's percent, by hand
  scale_by_hand,  ///< a: 0 stable, 1 candidate; b: replicas
  delete_child,   ///< a: 0 the candidate's ReplicaSet, 1 the stable one's, 2 a Service, 3 the operator's own
                  ///< route
  delete_object,  ///< and create it anew, b ms later
  retry,
  set_replicas,     ///< a: replicas
  edit_steps,       ///< a: the only step's weight
  touch_route,      ///< a label on the route changes
  declare_freeze,   ///< a: for so many ms, 0 without an end; b: 0 of all, 1 of what has another label
  lift_freezes,     ///< all of them
  override_freeze,  ///< a: 1 with a reason, 0 without
  // The API server and the line to it.
  fail_calls,     ///< a: CallFault, b: how many; odd: writes only
  lag_watch,      ///< a: Kind, b: ms; for 10 s
  lag_server,     ///< a: ms; all lists and watches, for 10 s
  cut_watch,      ///< a: Kind
  refuse_watch,   ///< a: Kind; for 5 s
  repeat_events,  ///< a: Kind; for 10 s
  compact,        ///< a: Kind: nobody can watch for 5 s, and then the history is gone (410)
  // Processes and clocks.
  crash,     ///< a: at the n-th write from now, b: 0 before, 1 after it
  freeze,    ///< a: ms
  second,    ///< another operator starts; a: wall clock ahead ms, b: drift per mille
  set_wall,  ///< a: ms
  // The rest of the world.
  metrics,         ///< a: MetricsFault, b: for so many ms
  crash_pods,      ///< a: 0 stable, 1 candidate; b: 0 one, 1 all
  slow_router,     ///< a: ms; for 10 s
  slow_endpoints,  ///< a: ms; for 10 s
};

struct Action {
  SimTime at;
  Deed deed;
  std::int64_t a = 0, b = 0;
};
std::string describe(const Action& action);
/// Something goes wrong, rather than that a person does something.
bool is_fault(Deed deed);

struct PlannedStep {
  int weight;
  std::chrono::seconds hold;
  bool approval;
};

struct Setup {
  int replicas = 3, per_second = 100, history_limit = 3;
  std::chrono::seconds min_ready{}, bake{20};
  std::vector<PlannedStep> steps;
  std::chrono::milliseconds interval{5000}, scrape{2000};
  bool own_route = false, elects = false, streaming_lists = true, lively = true, approval = false;
  bool freezes = false;    ///< the cluster knows SeraphimFreezes
  bool undecided = false;  ///< analysis.undecided: rolled back after a while without a verdict
};

struct Schedule {
  Seed seed = 0;
  Setup setup;
  std::vector<Action> actions;  ///< by time
  SimTime horizon{};            ///< from here on nothing goes wrong any more
};

Schedule draw(Seed seed);

}  // namespace seraphim::simulation
