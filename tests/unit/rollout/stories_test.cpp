// Whole stories on the small world: their ends, and the same ends when the operator dies at any effect.
#include "rollout/stories.h"

#include <gmock/gmock.h>

namespace seraphim::rollout {
namespace {

using api::Phase;
using api::RevisionVerdict;

struct Provider {
  std::string name;
  api::Traffic traffic;
};

std::vector<Provider> providers() {
  return {{"gatewayAPI", api::GatewayApiTraffic{{{"route"}}, {}, {}}}, {"replicas", api::ReplicasTraffic{}}};
}

std::string words(const World::End& end) {
  std::string all = end.roles + "\n" + end.records + "\n" + end.route + "\n" + end.pods + "\n";
  for (const std::string& event : end.events) all += event + "\n";
  return all;
}

void expect_same_end(const Provider& provider, const Story& story, const World::End& wanted, Fault fault) {
  World world(provider.traffic);
  world.fault = fault;
  const std::string where = story.name + ", " + provider.name + ", dies " +
                            (fault.after ? "after" : "before") + " effect " + std::to_string(fault.effect);
  try {
    story.run(world);
  } catch (const BrokenInvariant& broken) {
    FAIL() << where << ": " << broken.what();
  }
  EXPECT_FALSE(world.fault.has_value()) << where << ": the fault never came";
  EXPECT_EQ(words(world.end()), words(wanted)) << where << "\n" << world.trace();
}

TEST(Stories, EndTheSameWhenTheOperatorDiesAtAnyEffect) {
  for (const Provider& provider : providers()) {
    for (const Story& story : all_stories()) {
      World clean(provider.traffic);
      try {
        story.run(clean);
      } catch (const BrokenInvariant& broken) {
        FAIL() << story.name << ", " << provider.name << ": " << broken.what();
      }
      ASSERT_GT(clean.effects, 5U);
      for (std::size_t effect = 1; effect <= clean.effects; effect += kSanitizerShare) {
        expect_same_end(provider, story, clean.end(), {effect, false});
        expect_same_end(provider, story, clean.end(), {effect, true});
        if (HasFailure()) return;
      }
    }
  }
}

TEST(Stories, AQuietWorldIsLeftAlone) {
  for (const Provider& provider : providers()) {
    for (const Story& story : all_stories()) {
      World world(provider.traffic);
      story.run(world);
      const Observation seen = world.observe(false);
      const Plan plan = decide(seen);
      EXPECT_TRUE(plan.actions.empty()) << story.name;
      EXPECT_TRUE(plan.status == seen.object.status) << story.name;
      EXPECT_TRUE(plan.story.empty()) << story.name;
      EXPECT_FALSE(plan.look_again.has_value()) << story.name;
      const std::size_t effects = world.effects;
      world.run_for(std::chrono::hours(2));
      EXPECT_EQ(world.effects, effects) << story.name;
    }
  }
}

World after(const std::string& name) {
  for (const Story& story : all_stories()) {
    if (story.name != name) continue;
    World world;
    story.run(world);
    return world;
  }
  throw std::logic_error("no story " + name);
}

TEST(Stories, TheFirstRevisionServesOnceAvailable) {
  const World world = after("the first revision serves");
  EXPECT_EQ(world.status().stable_revision, world.name_of("v1"));
  EXPECT_EQ(world.share(world.name_of("v1")), api::kEverything);
  EXPECT_EQ(world.verdict(world.name_of("v1")), RevisionVerdict::healthy);
  EXPECT_EQ(world.times_told("FirstRevisionServes"), 1U);
}

TEST(Stories, AGoodOneIsPromotedStepByStep) {
  const World world = after("a good one is promoted");
  EXPECT_EQ(world.status().stable_revision, world.name_of("v2"));
  EXPECT_EQ(world.status().phase, Phase::stable);
  EXPECT_EQ(world.verdict(world.name_of("v2")), RevisionVerdict::healthy);
  EXPECT_EQ(world.times_told("WeightRaised"), 4U) << "20, 25, 50, 100";
  EXPECT_EQ(world.times_told("Promoted"), 1U);
  EXPECT_EQ(world.times_told("BakeEnded"), 1U);
  EXPECT_EQ(world.pods.at(world.name_of("v1")).desired, 0);
}

TEST(Stories, ABadOneIsRolledBackAndSaysSo) {
  const World world = after("a bad one is rolled back");
  EXPECT_EQ(world.status().phase, Phase::rolled_back);
  EXPECT_EQ(world.status().stable_revision, world.name_of("v1"));
  EXPECT_EQ(world.verdict(world.name_of("v2")), RevisionVerdict::failed);
  EXPECT_EQ(world.share(world.name_of("v2")), api::kNothing);
  EXPECT_EQ(world.times_told("RolledBack"), 1U);
  EXPECT_EQ(world.times_told("WeightRaised"), 1U);
  ASSERT_TRUE(world.status().last_rollback.has_value());
  EXPECT_EQ(world.status().last_rollback->reason, "ErrorRateWorseThanStable");
}

TEST(Stories, TheBakeGoesBackToThePreviousRevisionKeptReady) {
  const World world = after("a bad one is rolled back from the bake");
  EXPECT_EQ(world.status().phase, Phase::rolled_back);
  EXPECT_EQ(world.share(world.name_of("v1")), api::kEverything);
  EXPECT_EQ(world.verdict(world.name_of("v2")), RevisionVerdict::failed);
  EXPECT_EQ(world.times_told("Promoted"), 1U);
  EXPECT_EQ(world.times_told("RolledBack"), 1U);
}

TEST(Stories, OneThatIsNeverReadyFailsAtItsDeadline) {
  const World world = after("one that is never ready is rolled back");
  EXPECT_EQ(world.status().last_rollback->reason, "ProgressDeadlineExceeded");
  EXPECT_FALSE(world.told("WeightRaised"));
}

TEST(Stories, AFirstOneThatFailsIsFollowedByANewSpec) {
  const World world = after("a first one that is never ready, then another");
  EXPECT_EQ(world.verdict(world.name_of("v1")), RevisionVerdict::failed);
  EXPECT_EQ(world.status().stable_revision, world.name_of("v2"));
  EXPECT_EQ(world.times_told("FirstRevisionFailed"), 1U);
}

TEST(Stories, AFailedOneIsNotTriedAgainByItself) {
  const World world = after("a failed one comes again");
  EXPECT_EQ(world.status().phase, Phase::rolled_back);
  EXPECT_EQ(world.times_told("RolledBack"), 1U);
  EXPECT_EQ(world.times_told("RevisionRefused"), 1U);
  EXPECT_EQ(world.times_told("WeightRaised"), 1U);
}

TEST(Stories, ARetryTriesAgain) {
  const World world = after("a failed one is retried");
  EXPECT_EQ(world.status().stable_revision, world.name_of("v2"));
  EXPECT_EQ(world.verdict(world.name_of("v2")), RevisionVerdict::healthy);
  EXPECT_EQ(world.times_told("RetryRequested"), 1U);
}

TEST(Stories, ARevertIsACancelWithoutPromotionOrSecondCanary) {
  for (int step = 0; step <= 4; ++step) {
    const World world = after("reverted at step " + std::to_string(step));
    EXPECT_EQ(world.status().stable_revision, world.name_of("v1"));
    EXPECT_EQ(world.verdict(world.name_of("v2")), RevisionVerdict::superseded);
    EXPECT_EQ(world.verdict(world.name_of("v1")), RevisionVerdict::healthy);
    EXPECT_FALSE(world.told("Promoted"));
    EXPECT_EQ(world.times_told("Cancelled"), 1U);
    EXPECT_EQ(world.times_told("CandidateStarted"), 1U);
  }
}

TEST(Stories, ANewSpecTakesTheCandidatesPlaceFromTheStart) {
  for (int step = 0; step <= 4; ++step) {
    const World world = after("new spec at step " + std::to_string(step));
    EXPECT_EQ(world.status().stable_revision, world.name_of("v3"));
    EXPECT_EQ(world.verdict(world.name_of("v2")), RevisionVerdict::superseded);
    EXPECT_EQ(world.times_told("Promoted"), 1U);
    EXPECT_EQ(world.times_told("CandidateStarted"), 2U);
  }
}

TEST(Stories, ACandidateThatMakesRoomVerifiesNoOlderRollback) {
  const World world = after("one makes room after a rollback that nobody verified");
  EXPECT_EQ(world.times_told("Superseded"), 1U);
  EXPECT_EQ(world.status().stable_revision, world.name_of("v4"));
  EXPECT_EQ(world.status().last_rollback->verification, std::nullopt);
  EXPECT_EQ(world.times_told("RecoveryUndecided"), 0U);
}

TEST(Stories, AnOldHealthyRevisionThatReturnsIsACandidateUnderItsOldNumber) {
  const World world = after("an old one returns");
  EXPECT_EQ(world.status().stable_revision, world.name_of("v1"));
  ASSERT_EQ(world.revisions.size(), 2U);
  EXPECT_EQ(world.revisions[0].number, 1);
  EXPECT_EQ(world.revisions[1].number, 2);
  EXPECT_EQ(world.times_told("Promoted"), 2U);
}

TEST(Stories, TheBakeCanBeTakenBackOrCutShort) {
  const World back = after("taken back in the bake");
  EXPECT_EQ(back.status().stable_revision, back.name_of("v1"));
  EXPECT_EQ(back.verdict(back.name_of("v2")), RevisionVerdict::superseded);
  EXPECT_EQ(back.times_told("TakenBack"), 1U);
  const World replaced = after("replaced in the bake");
  EXPECT_EQ(replaced.status().stable_revision, replaced.name_of("v3"));
  EXPECT_EQ(replaced.verdict(replaced.name_of("v2")), RevisionVerdict::healthy);
}

TEST(Stories, HandEditsAreToldAndPutBack) {
  const World world = after("the weight is edited by hand");
  EXPECT_EQ(world.times_told("WeightRestored"), 3U);
  EXPECT_EQ(world.status().stable_revision, world.name_of("v2"));
}

}  // namespace
}  // namespace seraphim::rollout
