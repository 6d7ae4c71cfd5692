// The bug classes that Sieve, Acto and Anvil found in real operators, one test each. All checks of every run
// apply (docs/testing.md): what is asserted here besides is that the run came to something.
#include <gtest/gtest.h>

#include <algorithm>

#include "simulation/campaign.h"

namespace seraphim::simulation {
namespace {

constexpr auto kAGood = static_cast<std::int64_t>(Behaviour::good),
               kABad = static_cast<std::int64_t>(Behaviour::bad),
               kNeverReady = static_cast<std::int64_t>(Behaviour::never),
               kDying = static_cast<std::int64_t>(Behaviour::dies);

Setup two_steps() {
  Setup setup;
  setup.min_ready = 2s;
  setup.steps = {{10, 5s, false}, {40, 5s, false}};
  return setup;
}

Tally run(Seed seed, const Setup& setup, std::vector<Action> actions) {
  std::stable_sort(actions.begin(), actions.end(),
                   [](const Action& a, const Action& b) { return a.at < b.at; });
  const SimTime horizon = actions.back().at + 60s;
  const Schedule schedule{.seed = seed, .setup = setup, .actions = std::move(actions), .horizon = horizon};
  const Result result = World(schedule, {}).run();
  if (result.broken) ADD_FAILURE() << report_of(shrink(schedule, *result.broken, {}));
  return result.tally;
}

/// Sieve: a controller dies between two writes and does not know what to make of what it finds.
TEST(Sieve, IntermediateStates) {
  int promotions = 0, rollbacks = 0;
  for (int write = 1; write <= 40; ++write) {
    for (const int after : {0, 1}) {
      const Action crash{19s, Deed::crash, write, after};
      promotions += run(1, two_steps(), {crash, {20s, Deed::new_spec, kAGood, 1}}).promotions;
      const int back = run(1, two_steps(), {crash, {20s, Deed::new_spec, kABad, 1}}).rollbacks;
      if (back != 1) ADD_FAILURE() << "crash " << write << (after ? " after" : " before") << ": " << back;
      rollbacks += back;
    }
  }
  EXPECT_EQ(promotions, 2 * 80) << "the first one's and this one's, as without the crash";
  EXPECT_EQ(rollbacks, 80);
}

/// Sieve: after a restart or a change of the leader a server that lags behind shows the past.
TEST(Sieve, StaleStatesAfterARestart) {
  for (const std::int64_t behind : {1000, 4000, 9000}) {
    for (SimTime at = 21s; at <= 60s; at += 3s) {
      run(1, two_steps(),
          {{20s, Deed::new_spec, kAGood, 1}, {at, Deed::crash, 1, 1}, {at, Deed::lag_server, behind}});
      run(1, two_steps(),
          {{20s, Deed::new_spec, kABad, 1}, {at, Deed::crash, 1, 1}, {at, Deed::lag_server, behind}});
    }
  }
}

TEST(Sieve, StaleStatesAfterAChangeOfTheLeader) {
  simulation::Setup setup = two_steps();
  setup.elects = true;
  for (SimTime at = 21s; at <= 60s; at += 3s) {
    run(1, setup,
        {{20s, Deed::new_spec, kAGood, 1},
         {at, Deed::lag_server, 9000},
         {at, Deed::second, 0, 0},
         {at + 1s, Deed::freeze, 25'000}});
  }
}

/// Sieve: what came and went between two looks is never seen.
TEST(Sieve, UnobservedStates) {
  for (const Kind kind :
       {Kind::deployments, Kind::revisions, Kind::replica_sets, Kind::services, Kind::routes}) {
    for (SimTime at = 21s; at <= 45s; at += 4s) {
      const Action blind{at, Deed::compact, static_cast<std::int64_t>(kind)};
      run(1, two_steps(),
          {{20s, Deed::new_spec, kAGood, 1},
           blind,
           {at + 500ms, Deed::delete_child, 0},
           {at + 1s, Deed::set_weight, 37},
           {at + 2s, Deed::new_spec, kABad, 1},
           {at + 3s, Deed::new_spec, kAGood, 0}});
      run(1, two_steps(), {{20s, Deed::new_spec, kAGood, 1}, blind, {at + 1s, Deed::delete_object, 0, 1000}});
    }
  }
}

/// Acto: an operator that was given something bad does not come back from it when it is given something good.
TEST(Acto, RecoveryFromAMisoperation) {
  for (const std::int64_t bad : {kABad, kNeverReady, kDying}) {
    for (const auto wait : {1s, 8s, 40s}) {
      const Tally tally =
          run(1, two_steps(), {{20s, Deed::new_spec, bad, 0}, {20s + wait, Deed::new_spec, kAGood, 1}});
      EXPECT_GE(tally.promotions, 1);
    }
  }
}

/// Acto: of two declarations in a row the last one counts, whatever the first one had begun.
TEST(Acto, ChangesOfTheDeclarationInTheMiddle) {
  for (SimTime at = 21s; at <= 45s; at += 2s) {
    run(1, two_steps(),
        {{20s, Deed::new_spec, kAGood, 1},
         {at, Deed::set_replicas, 5},
         {at + 1s, Deed::edit_steps, 30},
         {at + 2s, Deed::pause},
         {at + 4s, Deed::set_replicas, 2},
         {at + 6s, Deed::resume}});
  }
}

/// Acto: a change that says nothing new leads to nothing.
TEST(Acto, ADeclarationThatChangesNothing) {
  const Tally tally = run(1, two_steps(), {{20s, Deed::new_spec, kAGood, 0}, {40s, Deed::touch_route}});
  EXPECT_EQ(tally.rollouts, 1) << "the first one";
}

/// Anvil: with its requests going wrong in any way, the controller reaches what was asked for.
TEST(Anvil, EventuallyStable) {
  for (std::int64_t fault = 0; fault < kCallFaults; ++fault) {
    for (const std::int64_t calls : {1, 4, 7}) {
      for (SimTime at = 20s; at <= 44s; at += 6s) {
        run(1, two_steps(), {{20s, Deed::new_spec, kAGood, 1}, {at, Deed::fail_calls, fault, calls}});
      }
    }
  }
}

/// Anvil: what a stale view takes for garbage is in use.
TEST(Anvil, NothingInUseIsDeletedByAStaleView) {
  simulation::Setup setup = two_steps();
  setup.history_limit = 1;
  for (SimTime at = 20s; at <= 200s; at += 12s) {
    run(1, setup,
        {{20s, Deed::new_spec, kAGood, 1},
         {90s, Deed::new_spec, kABad, 1},
         {130s, Deed::new_spec, kAGood, 0},
         {at, Deed::lag_server, 9000}});
  }
}

/// Anvil: children of a namesake that is gone are not taken for one's own.
TEST(Anvil, ANamesakesChildren) {
  for (const std::int64_t gone : {100, 1000, 6000}) {
    for (SimTime at = 21s; at <= 45s; at += 4s) {
      run(1, two_steps(), {{20s, Deed::new_spec, kAGood, 1}, {at, Deed::delete_object, 0, gone}});
    }
  }
}

}  // namespace
}  // namespace seraphim::simulation
