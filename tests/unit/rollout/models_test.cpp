// A revision that is a model version in a TorchServe: the core counts its workers as it counts pods.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "rollout/decide.h"
#include "rollout/scene.h"

namespace seraphim::rollout {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;

api::TorchServeWorkload model(const std::string& version) {
  api::TorchServeWorkload workload{"http://t:8081", "text", version, "text-v" + version + ".mar", 4,
                                   seconds(300)};
  return workload;
}

/// "1.0" serves with four workers; the spec asks for "2.0".
class Models : public ::testing::Test {
 protected:
  Models() {
    api::SeraphimDeployment& object = seen_.object;
    object.name = "web";
    object.generation = 2;
    object.spec.workload = model("2.0");
    object.spec.traffic = api::SeraphimGatewayTraffic{};
    object.spec.strategy.steps = {{.weight = api::Percent::whole(25)}};
    object.status.stable_revision = old_;
    seen_.revisions = {{old_, 1, model("1.0"), api::RevisionVerdict::healthy, ""}};
    seen_.workloads = {{old_, 4, 4, 4, 4, ""}};
    seen_.traffic = {.problem = {},
                     .stable = Backend{old_, 4, 0},
                     .candidate = Backend{old_, 4, 0},
                     .candidate_weight = api::kNothing,
                     .own_route_outdated = false,
                     .confirmed = true};
    seen_.now = api::Time(minutes(1000));
  }
  /// "2.0" is on its way, with so many of the workers it was asked for.
  void candidate_has(std::int32_t ready, std::int32_t asked = 1) {
    seen_.object.status.candidate_revision = new_;
    seen_.revisions.resize(1);
    seen_.revisions.push_back({new_, 2, model("2.0"), api::RevisionVerdict::none, ""});
    seen_.workloads.resize(1);
    seen_.workloads.push_back({new_, asked, asked, ready, ready, ""});
    seen_.traffic.candidate = Backend{new_, ready, 0};
  }
  /// It was given its step's weight.
  void candidate_serves(std::int32_t weight) {
    api::Status& status = seen_.object.status;
    status.step = 1;
    status.weight.desired = status.weight.applied = api::Percent::whole(weight);
    status.step_started_at = seen_.now;
    seen_.traffic.candidate_weight = api::Percent::whole(weight);
  }
  Plan plan() const { return decide(seen_); }

  const std::string old_ = api::revision_name("web", model("1.0"));
  const std::string new_ = api::revision_name("web", model("2.0"));
  Observation seen_;
};

TEST_F(Models, ANewVersionIsRecordedAndThenGetsTheWorkersForItsShare) {
  const Plan first = plan();
  ASSERT_NE(find<RecordRevision>(first), nullptr);
  EXPECT_EQ(find<RecordRevision>(first)->revision.workload, api::Workload(model("2.0")));
  const Scale* scale = find<Scale>(first);
  ASSERT_NE(scale, nullptr);
  EXPECT_EQ(*scale, (Scale{new_, 1})) << "a quarter of four workers";
}

TEST_F(Models, NoWeightBeforeAWorkerIsReady) {
  candidate_has(0);
  const Plan waits = plan();
  EXPECT_FALSE(weight_set(waits));
  EXPECT_EQ(waits.status.weight.desired, api::kNothing);
  EXPECT_EQ(reason_of(waits, "Progressing"), "True:WaitingForPods");
  EXPECT_THAT(message_of(waits, "Progressing"), HasSubstr("0 of 1 workers of " + new_));
  candidate_has(1);
  EXPECT_EQ(plan().status.weight.desired, api::Percent::whole(25));
}

TEST_F(Models, AVersionWhoseWorkersAreGoneLosesItsTraffic) {
  candidate_has(0);
  candidate_serves(25);
  const Plan lost = plan();
  EXPECT_EQ(weight_set(lost), api::kNothing);
  ASSERT_TRUE(lost.status.last_rollback);
  EXPECT_EQ(lost.status.last_rollback->reason, "RevisionUnavailable");
  EXPECT_THAT(lost.status.last_rollback->message, HasSubstr("all 1 workers of " + new_));
}

TEST_F(Models, WorkersThatDoNotComeUpInTimeFailTheRevision) {
  candidate_has(0);
  seen_.workloads.back().problem = "Failed to start workers for model text version: 2.0";
  seen_.object.status.progress_since = seen_.now - minutes(6);
  const Plan late = plan();
  ASSERT_TRUE(late.status.last_rollback);
  EXPECT_EQ(late.status.last_rollback->reason, "ProgressDeadlineExceeded");
  EXPECT_THAT(late.status.last_rollback->message,
              HasSubstr("0 of 1 workers available after 5m: Failed to start workers"));
}

/// Each write restarts the gateway, so that whoever insists is not fought.
TEST_F(Models, BehindRoutesTheGatewaysOwnSplitIsStoppedOnceInTenMinutes) {
  seen_.traffic.own_route_outdated = true;
  const auto told = [](const Plan& plan) {
    return std::ranges::count(plan.story, "GatewaySplitStopped", &Narrative::reason);
  };
  const Plan first = plan();
  EXPECT_NE(find<EnsureRoute>(first), nullptr);
  EXPECT_EQ(told(first), 1);
  seen_.object.status = first.status;
  for (const auto since : {minutes(1), minutes(5), minutes(9)}) {
    seen_.now = *first.status.split_stopped_at + since;
    const Plan held = plan();
    EXPECT_EQ(find<EnsureRoute>(held), nullptr);
    EXPECT_EQ(told(held), 0);
    EXPECT_EQ(held.status.split_stopped_at, first.status.split_stopped_at);
    ASSERT_TRUE(held.look_again);
    EXPECT_LE(*held.look_again, minutes(10) - since);
  }
  seen_.now = *first.status.split_stopped_at + minutes(10);
  const Plan again = plan();
  EXPECT_NE(find<EnsureRoute>(again), nullptr);
  EXPECT_EQ(told(again), 1);
  EXPECT_EQ(again.status.split_stopped_at, seen_.now);
}

}  // namespace
}  // namespace seraphim::rollout
