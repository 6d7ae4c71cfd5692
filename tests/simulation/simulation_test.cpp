// A slice of the simulator for every change: fresh seeds, old seeds that once failed, and proof that it sees
// bugs.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

#include "simulation/campaign.h"

namespace seraphim::simulation {
namespace {

constexpr Seed kFreshRuns = 2000;
constexpr Seed kRunsToFindABug = 1000;

/// Another one each time, unless SERAPHIM_SIMULATION_SEED says which.
Seed fresh_seed() {
  if (const char* wanted = std::getenv("SERAPHIM_SIMULATION_SEED")) return std::strtoull(wanted, nullptr, 10);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<Seed>(std::chrono::duration_cast<std::chrono::seconds>(now).count()) * 10'000;
}

TEST(Simulation, NoInvariantBreaksWithFreshSeeds) {
  const Seed first = fresh_seed();
  std::cout << "seeds from " << first << "; again: hack/simulate --seed " << first << " --runs " << kFreshRuns
            << "\n";
  int good = 0, false_rollbacks = 0;
  for (Seed seed = first; seed < first + kFreshRuns; ++seed) {
    const Schedule schedule = draw(seed);
    const Result result = World(schedule, {}).run();
    good += result.tally.promotions;
    false_rollbacks += result.tally.false_rollbacks;
    if (result.broken) FAIL() << report_of(shrink(schedule, *result.broken, {}));
  }
  EXPECT_GT(good, static_cast<int>(kFreshRuns) / 2)
      << "hardly anything is ever promoted: the world is not a fair one";
  EXPECT_LE(false_rollbacks, good / 100 + 3) << "the stated bound is 1 % of the good ones";
}

TEST(Simulation, TheSameSeedGivesTheSameRun) {
  for (const Seed seed : {Seed(1), Seed(7), Seed(42), Seed(4711)}) {
    const Schedule schedule = draw(seed);
    const Result once = World(schedule, {}).run(), again = World(schedule, {.trace = true}).run();
    EXPECT_EQ(once.fingerprint, again.fingerprint) << "seed " << seed;
    EXPECT_NE(once.fingerprint, World(draw(seed + 1), {}).run().fingerprint);
  }
}

struct Story {
  const char* name;
  Setup setup;
  std::vector<Action> actions;
};

class OnceFailed : public testing::TestWithParam<Story> {};

/// With several streams of chance, so that the moments differ.
TEST_P(OnceFailed, Holds) {
  for (Seed seed = 1; seed <= 20; ++seed) {
    const Schedule schedule{.seed = seed,
                            .setup = GetParam().setup,
                            .actions = GetParam().actions,
                            .horizon = GetParam().actions.back().at + 60s};
    const Result result = World(schedule, {}).run();
    if (result.broken) FAIL() << report_of(shrink(schedule, *result.broken, {}));
  }
}

Setup usual() {
  Setup setup;
  setup.min_ready = 2s;
  setup.steps = {{10, 5s, false}};
  return setup;
}

Setup with_one_pod() {
  Setup setup = usual();
  setup.replicas = 1;
  return setup;
}

Setup with_freezes() {
  Setup setup = usual();
  setup.freezes = true;
  return setup;
}

/// Without analysis.undecided, whose rollback would end what the evidence does not.
Setup with_election() {
  Setup setup = usual();
  setup.elects = true;
  return setup;
}

constexpr auto kBad = static_cast<std::int64_t>(Behaviour::bad),
               kGood = static_cast<std::int64_t>(Behaviour::good),
               kSlow = static_cast<std::int64_t>(Behaviour::slow);

INSTANTIATE_TEST_SUITE_P(
    Stories, OnceFailed,
    testing::Values(
        Story{"a_first_revision_is_replaced_before_it_serves", usual(), {{3500ms, Deed::new_spec, kSlow, 0}}},
        Story{"a_first_revision_is_replaced_twice",
              usual(),
              {{1200ms, Deed::new_spec, kGood, 1},
               {1800ms, Deed::lag_watch, static_cast<std::int64_t>(Kind::slices), 2700},
               {7600ms, Deed::new_spec, kSlow, 0}}},
        Story{"a_first_revision_takes_over_and_its_status_gets_lost",
              usual(),
              {{1500ms, Deed::new_spec, kSlow, 1},
               {9900ms, Deed::fail_calls, static_cast<std::int64_t>(CallFault::late_landed), 5}}},
        Story{"an_api_server_that_takes_no_writes_for_as_long_as_pods_may_take",
              usual(),
              {{1s, Deed::set_replicas, 2},
               {2800ms, Deed::fail_calls, static_cast<std::int64_t>(CallFault::timeout), 6},
               {37s, Deed::set_replicas, 5},
               {96s, Deed::new_spec, kSlow, 1},
               {190s, Deed::new_spec, kGood, 0}}},
        Story{"a_weight_by_hand_on_pods_that_start",
              usual(),
              {{20s, Deed::new_spec, kSlow, 1}, {21s, Deed::set_weight, 37}}},
        Story{"a_record_whose_answer_got_lost",
              usual(),
              {{20s, Deed::fail_calls, static_cast<std::int64_t>(CallFault::late_landed), 3},
               {21s, Deed::new_spec, kBad, 0},
               {25s, Deed::new_spec, kGood, 1}}},
        Story{"an_object_that_is_deleted_unseen",
              usual(),
              {{20s, Deed::compact, static_cast<std::int64_t>(Kind::deployments)},
               {22s, Deed::delete_object, 0, 8000}}},
        Story{"a_namesake_whose_first_revision_is_replaced",
              with_one_pod(),
              {{20s, Deed::delete_object, 0, 3000}, {23500ms, Deed::new_spec, kGood, 1}}},
        Story{"a_namesake_beside_the_records_of_the_one_before",
              usual(),
              {{20s, Deed::delete_object, 0, 1000}, {20500ms, Deed::new_spec, kGood, 1}}},
        Story{"the_candidates_pods_are_deleted_as_it_gets_traffic",
              usual(),
              {{20s, Deed::new_spec, kGood, 1},
               {21s, Deed::lag_watch, static_cast<std::int64_t>(Kind::replica_sets), 4000},
               {21s, Deed::lag_watch, static_cast<std::int64_t>(Kind::slices), 4000},
               {25500ms, Deed::delete_child, 0}}},
        Story{"a_bad_one_in_a_freeze_and_a_good_one_after_it",
              with_freezes(),
              {{20s, Deed::new_spec, kBad, 0},
               {26s, Deed::declare_freeze, 0, 0},
               {60s, Deed::new_spec, kGood, 1},
               {100s, Deed::lift_freezes}}},
        Story{"a_freeze_that_ends_by_the_clock_in_mid_canary",
              with_freezes(),
              {{20s, Deed::new_spec, kGood, 1},
               {24s, Deed::declare_freeze, 30'000, 0},
               {40s, Deed::crash, 1, 0},
               {90s, Deed::touch_route}}},
        Story{"a_leader_from_the_future",
              with_election(),
              {{20s, Deed::second, 3'000'000, 5},
               {21s, Deed::freeze, 25'000},
               {24s, Deed::new_spec, kGood, 1}}}),
    [](const auto& story) { return std::string(story.param.name); });

class Planted : public testing::TestWithParam<NamedBug> {};

/// The check that is expected to see each bug, by how its name begins.
std::string seen_by(Bug bug) {
  switch (bug) {
    case Bug::weight_before_ready:
      return "1 traffic only when available";
    case Bug::scale_down_before_zero:
      return "5 nothing is scaled down";
    case Bug::recorded_late:
      return "1 recorded before it runs";
    case Bug::status_churn:
      return "10 no churn";
    case Bug::lost_requeue:
      return "10 nothing is left running";
    case Bug::evidence_reset:
      return "8 a restart keeps the evidence";
    case Bug::two_leaders:
      return "9 one leader at most";
    case Bug::failed_retried:
      return "3 no failed revision";
    case Bug::verdict_forgotten:
      return "11 a verdict about a rollback";
    case Bug::failures_uncounted:
      return "6 recovered is true";
    default:  // stale or missing news
      return "8 every run ends stable";
  }
}

TEST_P(Planted, IsFound) {
  const WorldOptions options{.bug = GetParam().bug};
  const std::string check = seen_by(options.bug);
  for (Seed seed = 1; seed <= kRunsToFindABug; ++seed) {
    const Result result = World(draw(seed), options).run();
    if (!result.broken || !result.broken->check.starts_with(check)) continue;
    std::cout << "seen in run " << seed << ": " << result.broken->check << ": " << result.broken->what
              << "\n";
    return;
  }
  FAIL() << GetParam().name << " was not seen in " << kRunsToFindABug << " runs";
}

INSTANTIATE_TEST_SUITE_P(Bugs, Planted, testing::ValuesIn(kBugs), [](const auto& bug) {
  std::string name(bug.param.name);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace seraphim::simulation
