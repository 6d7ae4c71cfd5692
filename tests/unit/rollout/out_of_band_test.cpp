// Others write the variables of the platform's gateway: helm rollback, kubectl rollout undo, GitOps.
#include <gmock/gmock.h>

#include "api/rollback.h"
#include "rollout/conditions.h"
#include "rollout/planner.h"
#include "rollout/scene.h"

namespace seraphim::rollout {
namespace {

using std::chrono::hours;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

api::TorchServeWorkload text_model(const std::string& version) {
  return {"http://t:8081", "text", version, "text-v" + version + ".mar", 4, std::chrono::seconds(300)};
}

/// "1.0" was replaced by "2.0", which serves and which the spec asks for.
class OutOfBand : public ::testing::Test {
 protected:
  OutOfBand() {
    api::SeraphimDeployment& object = seen_.object;
    object.name = "web";
    object.generation = 2;
    object.spec.workload = text_model("2.0");
    object.spec.traffic = api::SeraphimGatewayTraffic{};
    object.spec.strategy.steps = {{.weight = api::Percent::whole(25)}};
    object.status.stable_revision = new_;
    seen_.revisions = {{old_, 1, text_model("1.0"), api::RevisionVerdict::healthy, ""},
                       {new_, 2, text_model("2.0"), api::RevisionVerdict::healthy, ""}};
    seen_.workloads = {{old_, 0, 0, 0, 0, ""}, {new_, 4, 4, 4, 4, ""}};
    seen_.traffic = {.problem = {},
                     .stable = slot(new_),
                     .candidate = slot(new_),
                     .candidate_weight = api::kNothing,
                     .own_route_outdated = false,
                     .confirmed = true};
    seen_.now = api::Time(hours(1000));
  }
  Backend slot(const std::string& revision) const {
    return {revision, 4, 0, revision == old_ ? "text/1.0" : revision == new_ ? "text/2.0" : "text/9.9"};
  }
  /// Somebody else's template is in force.
  void undone_to(const std::string& revision) {
    seen_.traffic.stable = seen_.traffic.candidate = slot(revision);
  }
  /// "3.0" has its step's weight.
  void candidate_serves(std::int32_t weight) {
    seen_.object.spec.workload = text_model("3.0");
    seen_.revisions.push_back({third_, 3, text_model("3.0"), api::RevisionVerdict::none, ""});
    seen_.workloads.push_back({third_, 1, 1, 1, 1, ""});
    api::Status& status = seen_.object.status;
    status.candidate_revision = third_;
    status.step = 1;
    status.weight.desired = status.weight.applied = api::Percent::whole(weight);
    status.step_started_at = seen_.now;
    seen_.traffic.candidate = slot(third_);
    seen_.traffic.candidate_weight = api::Percent::whole(weight);
  }
  Plan plan() const { return decide(seen_); }
  /// The plan's status is written, and the gateway is as it was.
  Plan again(const Plan& last, api::Duration later) {
    seen_.object.status = last.status;
    seen_.now += later;
    return plan();
  }

  const std::string old_ = api::revision_name("web", text_model("1.0"));
  const std::string new_ = api::revision_name("web", text_model("2.0"));
  const std::string third_ = api::revision_name("web", text_model("3.0"));
  Observation seen_;
};

TEST_F(OutOfBand, AsTheOperatorLeftItNothingHappens) {
  EXPECT_THAT(plan().story, IsEmpty());
  EXPECT_TRUE(plan().status.models_foreign.empty());
}

TEST_F(OutOfBand, ARecordedRevisionThatServesIsFollowed) {
  undone_to(old_);
  const Plan first = plan();
  EXPECT_EQ(first.status.stable_revision, old_);
  EXPECT_EQ(judged(first, new_), "failed") << "the spec's revision is not tried again by itself";
  EXPECT_EQ(first.status.phase, api::Phase::rolled_back);
  EXPECT_EQ(reason_of(first, kRolledBack), "True:RolledBackOutOfBand");
  EXPECT_TRUE(tells(first, "RolledBack"));
  ASSERT_TRUE(first.status.last_rollback);
  EXPECT_THAT(first.status.last_rollback->message, HasSubstr("MODEL_*_BASELINE to text/1.0"));
  EXPECT_TRUE(first.status.last_rollback->verification) << "and it is verified";
  EXPECT_EQ(find<PointBackend>(first), nullptr) << "nobody fights";
  EXPECT_EQ(weight_set(first), std::nullopt);

  const Plan next = again(first, std::chrono::seconds(5));
  ASSERT_NE(find<Scale>(next), nullptr);
  EXPECT_EQ(*find<Scale>(next), (Scale{old_, 4})) << "it gets its workers";
  EXPECT_EQ(next.status.candidate_revision, "");
  EXPECT_FALSE(tells(next, "RolledBack"));
  EXPECT_EQ(reason_of(next, kRolledBack), "True:RolledBackOutOfBand");
}

TEST_F(OutOfBand, ItIsReadAfreshBeforeItIsBelieved) {
  undone_to(old_);
  seen_.traffic.confirmed = false;
  EXPECT_TRUE(plan().confirm_traffic);
  EXPECT_THAT(plan().actions, IsEmpty());
  EXPECT_EQ(plan().status, seen_.object.status);
}

TEST_F(OutOfBand, TheCandidateLosesItsWeightFirst) {
  candidate_serves(25);
  seen_.traffic.stable = slot(old_);  // helm rollback, and the candidate's variables are not in the values
  const Plan plan = this->plan();
  ASSERT_FALSE(plan.actions.empty());
  EXPECT_TRUE(std::holds_alternative<SetWeight>(plan.actions.front()));
  EXPECT_EQ(weight_set(plan), api::kNothing);
  EXPECT_EQ(judged(plan, third_), "failed");
  EXPECT_EQ(plan.status.stable_revision, old_);
  EXPECT_EQ(plan.status.candidate_revision, "");
  EXPECT_EQ(plan.status.last_rollback->reason, api::kRolledBackOutOfBand);
  EXPECT_EQ(plan.status.last_rollback->to_revision, old_);
}

TEST_F(OutOfBand, WhatTheSpecDoesNotAskForKeepsItsVerdict) {
  seen_.object.spec.workload = text_model("3.0");
  seen_.revisions.push_back({third_, 3, text_model("3.0"), api::RevisionVerdict::failed, "Bad: it failed"});
  undone_to(old_);
  const Plan plan = this->plan();
  EXPECT_EQ(plan.status.stable_revision, old_);
  EXPECT_EQ(judged(plan, new_), "");
  EXPECT_EQ(plan.status.last_rollback->reason, api::kReverted);
  EXPECT_TRUE(tells(plan, "Reverted"));
}

TEST_F(OutOfBand, AfterARetryTheSpecsRevisionIsACandidateAgain) {
  undone_to(old_);
  Plan done = plan();
  seen_.revisions[1].verdict = api::RevisionVerdict::none;
  seen_.workloads = {{old_, 4, 4, 4, 4, ""}, {new_, 4, 4, 4, 4, ""}};
  seen_.object.annotations[api::kAnnotationRetry] = "now";
  EXPECT_EQ(again(done, std::chrono::seconds(5)).status.candidate_revision, new_);
}

TEST_F(OutOfBand, AModelThatNobodyRecordedIsPutBack) {
  undone_to("");
  const Plan plan = this->plan();
  EXPECT_EQ(plan.status.models_foreign, "MODEL_*_BASELINE=text/9.9");
  EXPECT_EQ(plan.status.models_restores, 1);
  EXPECT_TRUE(tells(plan, "ModelsRestored"));
  EXPECT_EQ(plan.status.stable_revision, new_);
  ASSERT_NE(find<PointBackend>(plan), nullptr);
  EXPECT_EQ(*find<PointBackend>(plan), (PointBackend{Slot::candidate, new_})) << "by the safe moves";
}

TEST_F(OutOfBand, OnlyAFewTimesAndEverMoreSeldom) {
  undone_to("");
  Plan last = plan();
  int told = tells(last, "ModelsRestored") ? 1 : 0;
  std::vector<api::Duration> waits;
  api::Time restored = seen_.now;
  // A tool sets them again as soon as they are in order.
  for (int minute = 0; minute < 240; ++minute) {
    seen_.traffic.stable = seen_.traffic.candidate = slot(new_);
    last = again(last, std::chrono::seconds(30));
    EXPECT_TRUE(last.status.models_foreign.empty());
    undone_to("");
    last = again(last, std::chrono::seconds(30));
    if (!tells(last, "ModelsRestored")) {
      EXPECT_EQ(find<PointBackend>(last), nullptr) << "minute " << minute;
      EXPECT_EQ(weight_set(last), std::nullopt);
      continue;
    }
    ++told;
    waits.push_back(seen_.now - restored);
    restored = seen_.now;
  }
  EXPECT_GE(told, 4);
  EXPECT_LE(told, 12) << "an hour of peace makes a new quarrel, and this is four hours of none";
  ASSERT_GE(waits.size(), 3U);
  EXPECT_LT(waits[0], waits[1]);
  EXPECT_LT(waits[1], waits[2]);
}

TEST_F(OutOfBand, ThenItIsLeftAndSaid) {
  undone_to("");
  seen_.object.status.models_restores = kModelRestores;
  seen_.object.status.models_restored_at = seen_.now - std::chrono::minutes(10);
  const Plan plan = this->plan();
  EXPECT_THAT(plan.actions, IsEmpty());
  EXPECT_EQ(reason_of(plan, kTrafficReady), "False:ModelsContested");
  EXPECT_THAT(message_of(plan, kTrafficReady), HasSubstr("text/9.9"));
  EXPECT_TRUE(tells(plan, "ModelsContested"));
  const Plan later = again(plan, hours(24));
  EXPECT_THAT(later.actions, IsEmpty()) << "for good";
  EXPECT_THAT(later.story, IsEmpty()) << "and said once";
  EXPECT_EQ(later.status, plan.status);
}

TEST_F(OutOfBand, AnAttemptThatIsUndoneMidwayIsAnotherOne) {
  undone_to("");
  Plan last = plan();
  last = again(last, std::chrono::minutes(1));
  EXPECT_FALSE(tells(last, "ModelsRestored")) << "it is under way";
  EXPECT_NE(find<PointBackend>(last), nullptr);
  last = again(last, std::chrono::minutes(5));
  EXPECT_TRUE(tells(last, "ModelsRestored"));
  EXPECT_EQ(last.status.models_restores, 2);
}

TEST_F(OutOfBand, ItsOwnStepThatWaitsIsNobodysQuarrel) {
  undone_to("");
  Plan last = plan();
  seen_.traffic.candidate = slot(new_);  // the step is in the variables, and the gateway's rollout is stuck
  seen_.traffic.candidate->ready = 0;
  seen_.traffic.candidate->foreign_ready = 4;
  for (int minute = 0; minute < 90; ++minute) {
    last = again(last, std::chrono::minutes(1));
    EXPECT_FALSE(tells(last, "ModelsRestored")) << "minute " << minute;
    EXPECT_NE(reason_of(last, kTrafficReady), "False:ModelsContested") << "minute " << minute;
  }
  EXPECT_EQ(last.status.models_restores, 1);
  seen_.traffic.problem = TrafficState::Problem{"GatewayUnreachable", "no answer"};
  last = again(last, std::chrono::minutes(1));
  seen_.traffic.problem.reset();
  seen_.traffic.candidate = slot(new_);
  last = again(last, std::chrono::minutes(1));
  EXPECT_EQ(last.status.models_restores, 1) << "what cannot be read is not in order";
  EXPECT_EQ(weight_set(last), api::kEverything) << "well again: it goes on at once";
  seen_.traffic.candidate_weight = api::kEverything;
  EXPECT_EQ(again(last, std::chrono::minutes(1)).status.models_restores, 1) << "the hour begins now";
}

TEST_F(OutOfBand, WhatIsUndoneOrChangedAfterALongWaitCounts) {
  undone_to("");
  Plan last = plan();
  seen_.traffic.candidate = slot(new_);
  seen_.traffic.candidate->foreign_ready = 4;
  last = again(last, std::chrono::minutes(20));
  EXPECT_FALSE(tells(last, "ModelsRestored"));
  const Observation waits = seen_;
  undone_to("");
  EXPECT_EQ(again(last, std::chrono::minutes(1)).status.models_restores, 2) << "undone";
  seen_ = waits;
  seen_.traffic.stable->model = "text/9.8";
  EXPECT_EQ(again(last, std::chrono::minutes(1)).status.models_restores, 2) << "another model";
}

TEST_F(OutOfBand, WeightThatIsStillTakenAwayIsNobodysQuarrel) {
  candidate_serves(25);
  seen_.traffic.candidate = slot("");
  EXPECT_EQ(again(plan(), std::chrono::minutes(20)).status.models_restores, 1);
}

TEST_F(OutOfBand, LeftIsLeftThoughOneSlotIsAsItShouldBe) {
  seen_.traffic.stable = slot("");
  seen_.object.status.models_restores = kModelRestores;
  seen_.object.status.models_restored_at = seen_.now - std::chrono::minutes(10);
  Plan last = plan();
  EXPECT_EQ(reason_of(last, kTrafficReady), "False:ModelsContested");
  last = again(last, std::chrono::minutes(1));
  EXPECT_EQ(reason_of(last, kTrafficReady), "False:ModelsContested");
  EXPECT_EQ(weight_set(last), std::nullopt);
}

TEST_F(OutOfBand, AFailedRevisionAndAnotherServerAreNotFollowed) {
  undone_to(old_);
  seen_.revisions[0].verdict = api::RevisionVerdict::failed;
  EXPECT_EQ(plan().status.stable_revision, new_);
  EXPECT_TRUE(tells(plan(), "ModelsRestored"));
  seen_.revisions[0].verdict = api::RevisionVerdict::healthy;
  auto elsewhere = text_model("1.0");
  elsewhere.management_url = "http://elsewhere:8081";
  seen_.revisions[0].workload = elsewhere;
  EXPECT_TRUE(tells(plan(), "ModelsRestored"));
}

TEST_F(OutOfBand, ACandidateIsNotPromotedByThatWay) {
  candidate_serves(25);
  seen_.traffic.stable = slot(third_);
  const Plan plan = this->plan();
  EXPECT_EQ(plan.status.stable_revision, new_);
  EXPECT_TRUE(tells(plan, "ModelsRestored"));
  EXPECT_EQ(weight_set(plan), api::kNothing) << "on the way back to the stable revision";
}

TEST_F(OutOfBand, AStrangersModelLosesTheCandidatesWeightWhateverTheQuarrel) {
  candidate_serves(25);
  seen_.traffic.candidate = slot("");
  EXPECT_EQ(weight_set(plan()), api::kNothing);
  seen_.object.status.models_restores = kModelRestores;
  EXPECT_EQ(weight_set(plan()), api::kNothing);
}

TEST_F(OutOfBand, AfterTooManyTheCandidateGetsNoMoreTraffic) {
  candidate_serves(25);
  seen_.object.status.weight.applied = api::kNothing;
  seen_.traffic.candidate_weight = api::kNothing;
  EXPECT_EQ(weight_set(plan()), api::Percent::whole(25));
  seen_.object.status.models_restores = kModelRestores;
  EXPECT_EQ(weight_set(plan()), std::nullopt);
  EXPECT_EQ(reason_of(plan(), kProgressing), "True:ModelsContested");
}

TEST_F(OutOfBand, AnHourInOrderLetsTheCandidateGoOn) {
  candidate_serves(25);
  seen_.object.status.weight.applied = api::kNothing;
  seen_.traffic.candidate_weight = api::kNothing;
  seen_.object.status.models_restores = kModelRestores;
  seen_.object.status.models_restored_at = seen_.now;
  Plan last = again(plan(), std::chrono::minutes(59));
  EXPECT_EQ(weight_set(last), std::nullopt);
  EXPECT_EQ(last.look_again, std::chrono::minutes(1));
  last = again(last, std::chrono::minutes(1));
  EXPECT_EQ(weight_set(last), api::Percent::whole(25));
  EXPECT_EQ(last.status.models_restores, 0);
}

TEST_F(OutOfBand, TheHourBeginsWhenWhatWasLeftIsInOrderAgain) {
  undone_to("");
  seen_.object.status.models_restores = kModelRestores;
  seen_.object.status.models_restored_at = seen_.now - std::chrono::minutes(10);
  Plan last = again(plan(), hours(24));
  seen_.traffic.stable = seen_.traffic.candidate = slot(new_);
  last = again(last, std::chrono::minutes(1));
  EXPECT_EQ(last.status.models_restores, kModelRestores);
  EXPECT_EQ(last.look_again, api::Duration(hours(1)));
  undone_to("");
  EXPECT_FALSE(tells(again(last, std::chrono::minutes(50)), "ModelsRestored")) << "no peace yet";
  seen_.traffic.stable = seen_.traffic.candidate = slot(new_);
  last = again(last, std::chrono::minutes(10));
  EXPECT_EQ(last.status.models_restores, 0);
  EXPECT_EQ(last.look_again, std::nullopt);
}

TEST_F(OutOfBand, AnotherRouterEndsTheQuarrel) {
  candidate_serves(25);
  seen_.object.status.models_restores = kModelRestores;
  seen_.object.spec.traffic = api::GatewayApiTraffic{{{"route"}}, {}, {}};
  EXPECT_EQ(plan().status.models_restores, 0);
}

TEST_F(OutOfBand, ThePromotionsOwnMovesAreNoDisorder) {
  candidate_serves(25);
  api::Status& status = seen_.object.status;
  status.step = 2;
  status.weight.desired = status.weight.applied = api::kEverything;
  seen_.traffic.candidate_weight = api::kEverything;
  seen_.traffic.stable = slot(third_);
  EXPECT_FALSE(tells(plan(), "ModelsRestored"));
  EXPECT_EQ(weight_set(plan()), api::kNothing) << "the last move of the promotion";
}

TEST_F(OutOfBand, TheWayOutOfABakeIsNoDisorder) {
  seen_.traffic.stable = slot(third_);
  seen_.traffic.candidate_weight = api::kEverything;
  const Plan plan = this->plan();
  EXPECT_FALSE(tells(plan, "ModelsRestored"));
  ASSERT_NE(find<PointBackend>(plan), nullptr);
  EXPECT_EQ(*find<PointBackend>(plan), (PointBackend{Slot::stable, new_}));
}

TEST_F(OutOfBand, ASlotThatABakeLeavesBehindIsTidiedInSilence) {
  seen_.traffic.candidate = slot(old_);
  const Plan plan = this->plan();
  EXPECT_THAT(plan.story, IsEmpty());
  ASSERT_NE(find<PointBackend>(plan), nullptr);
  EXPECT_EQ(*find<PointBackend>(plan), (PointBackend{Slot::candidate, new_}));
}

TEST_F(OutOfBand, WorkersLiveOnWhileOldPodsOfTheGatewaySendToThem) {
  undone_to(old_);
  Plan last = plan();
  seen_.traffic.unsettled = "1 pod has older settings";
  const Plan waits = again(last, hours(1));
  for (const Action& action : waits.actions) {
    const auto* scale = std::get_if<Scale>(&action);
    EXPECT_FALSE(scale != nullptr && scale->revision == new_) << "scaled to " << scale->replicas;
  }
  seen_.traffic.unsettled.clear();
  const Plan settled = again(waits, hours(1));
  const bool gone = std::any_of(settled.actions.begin(), settled.actions.end(), [&](const Action& action) {
    const auto* scale = std::get_if<Scale>(&action);
    return scale != nullptr && *scale == Scale{new_, 0};
  });
  EXPECT_TRUE(gone);
}

TEST_F(OutOfBand, OtherRoutersAreNotConcerned) {
  seen_.object.spec.traffic = api::GatewayApiTraffic{{{"route"}}, {}, {}};
  undone_to(old_);
  EXPECT_EQ(plan().status.stable_revision, new_);
  EXPECT_FALSE(tells(plan(), "ModelsRestored"));
}

}  // namespace
}  // namespace seraphim::rollout
