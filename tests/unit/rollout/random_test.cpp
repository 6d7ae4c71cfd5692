// A seeded walk through everything at once: people, pods, metrics, routes, caches that lag and an operator
// that dies. The world checks the invariants after every effect; afterwards, left in peace, it must come to
// rest.
#include <gmock/gmock.h>

#include <random>

#include "rollout/stories.h"

namespace seraphim::rollout {
namespace {

using Random = std::mt19937;

int up_to(Random& random, int most) {
  return std::uniform_int_distribution<int>(0, most)(random);
}

std::string any_template(Random& random) {
  return "v" + std::to_string(1 + up_to(random, 4));
}

void people(World& world, Random& random) {
  switch (up_to(random, 11)) {
    case 0:
    case 1:
      return world.use_template(any_template(random));
    case 2:
      return world.edit_spec([](api::Spec& spec) { spec.paused = !spec.paused; });
    case 3:
      return world.set_weight_by_hand(api::Percent::whole(up_to(random, 100)));
    case 4:
      return world.approve(1 + up_to(random, 2));
    case 5:
      return world.annotate(api::kAnnotationRetry, std::to_string(random()));
    case 6:
      return world.edit_spec([&](api::Spec& spec) {
        std::get<api::PodsWorkload>(spec.workload).replicas = 4 + up_to(random, 4);
      });
    case 7:
      return world.edit_spec([&](api::Spec& spec) {
        spec.strategy.steps.clear();
        for (int weight = 20; weight < 90; weight += 10 + up_to(random, 40)) {
          spec.strategy.steps.push_back(
              {api::Percent::whole(weight), seconds(up_to(random, 30)), up_to(random, 5) == 0});
        }
      });
    case 8:
      return world.edit_spec([&](api::Spec& spec) {
        spec.strategy.bake = up_to(random, 1) == 0 ? std::nullopt : std::optional(seconds(up_to(random, 90)));
        spec.revision_history_limit = up_to(random, 3);
      });
    case 9:
      if (up_to(random, 1) == 0) return world.thaw();
      return world.freeze(
          "f" + std::to_string(up_to(random, 2)),
          up_to(random, 2) == 0 ? std::nullopt : std::optional(world.now + seconds(up_to(random, 200))));
    case 10:
      return world.annotate(api::kAnnotationOverrideFreeze, up_to(random, 2) == 0 ? "it must" : "");
    default:
      return world.edit_spec([&](api::Spec& spec) {
        spec.analysis = spec.analysis ? std::nullopt : std::optional(api::Analysis{});
      });
  }
}

void nature(World& world, Random& random) {
  switch (up_to(random, 6)) {
    case 0:
      world.metrics = static_cast<Metrics>(up_to(random, 4));
      return;
    case 1:
      world.metrics = Metrics::fresh;
      return;
    case 2:
      if (!world.revisions.empty()) {
        const auto index =
            static_cast<std::size_t>(up_to(random, static_cast<int>(world.revisions.size()) - 1));
        world.crashed.insert(world.revisions[index].name);
      }
      return;
    case 3:
      world.crashed.clear();
      return;
    case 4:
      world.problem = TrafficState::Problem{"RouteNotAccepted", "the gateway refuses the route"};
      return;
    case 5:
      world.problem.reset();
      return;
    default:
      world.fault =
          Fault{world.effects + 1 + static_cast<std::size_t>(up_to(random, 5)), up_to(random, 1) == 0};
  }
}

void give_peace(World& world) {
  world.fault.reset();
  world.caches_lag = nullptr;
  world.metrics = Metrics::fresh;
  world.crashed.clear();
  world.problem.reset();
  world.thaw();
  world.edit_spec([](api::Spec& spec) { spec.paused = false; });
  for (int round = 0; round < 4; ++round) {
    world.run_for(minutes(12));
    if (!world.status().candidate_revision.empty()) world.approve(9);  // whatever is asked for
  }
  world.run_for(minutes(20));
}

void walk(unsigned seed, const api::Traffic& traffic) {
  Random random(seed);
  World world(traffic);
  for (const char* text : {"v1", "v2", "v3", "v4", "v5"}) {
    world.behaviours[text] = {up_to(random, 4) != 0, static_cast<Quality>(up_to(random, 2))};
  }
  world.behaviours["v1"] = {};
  world.caches_lag = [&random] { return up_to(random, 5) == 0; };
  world.use_template("v1");
  world.run_for(seconds(20));
  for (int i = 0; i < 60; ++i) {
    up_to(random, 1) == 0 ? people(world, random) : nature(world, random);
    world.run_for(seconds(up_to(random, 60)));
  }
  give_peace(world);

  const api::Status& end = world.status();
  const Observation seen = world.observe(false);
  const Plan plan = decide(seen);
  EXPECT_TRUE(plan.actions.empty() && plan.status == end) << "seed " << seed << " does not rest\n"
                                                          << world.trace();
  EXPECT_TRUE(end.candidate_revision.empty()) << "seed " << seed << " waits for ever\n" << world.trace();
  EXPECT_FALSE(end.stable_revision.empty()) << "seed " << seed;
  EXPECT_EQ(world.share(end.stable_revision), api::kEverything) << "seed " << seed << "\n" << world.trace();
}

constexpr unsigned kSeeds = 100 / kSanitizerShare;

class RandomWalk : public testing::TestWithParam<unsigned> {};

TEST_P(RandomWalk, KeepsTheInvariants) {
  for (unsigned seed = GetParam() * kSeeds; seed < (GetParam() + 1) * kSeeds; ++seed) {
    for (const api::Traffic& traffic :
         {api::Traffic(api::GatewayApiTraffic{{{"route"}}, {}, {}}), api::Traffic(api::ReplicasTraffic{})}) {
      try {
        walk(seed, traffic);
      } catch (const BrokenInvariant& broken) {
        FAIL() << "seed " << seed << ", provider " << traffic.index() << ": " << broken.what();
      }
      if (HasFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomWalk, testing::Range(0U, 4U));

}  // namespace
}  // namespace seraphim::rollout
