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

class OnceFailed : public testing::TestWithParam<Seed> {};

TEST_P(OnceFailed, Holds) {
  const Result result = World(draw(GetParam()), {.trace = true}).run();
  std::string story;
  for (const auto& line : result.trace) story += line + "\n";
  EXPECT_FALSE(result.broken) << result.broken->check << ": " << result.broken->what << "\n" << story;
}

INSTANTIATE_TEST_SUITE_P(Seeds, OnceFailed, testing::Values(18, 102, 162, 187, 223, 226, 285, 446, 510));

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
    default:
      return "";
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
