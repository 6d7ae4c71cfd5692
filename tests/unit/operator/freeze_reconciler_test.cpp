// The status of a freeze, and what it does to an object of its namespace.
#include "operator/freeze_reconciler.h"

#include "api/freeze_codec.h"
#include "operator/reconciler_fixture.h"

namespace seraphim::op::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

const std::string kFreeze = "/apis/serving.seraphim.io/v1alpha1/namespaces/shop/seraphimfreezes/xmas";

class FreezeReconcilerTest : public ReconcilerTest {
 protected:
  void freeze(json spec) {
    spec["reason"] = "year end";
    spec["who"] = "alice";
    server_.add(kFreeze,
                {{"metadata", {{"namespace", "shop"}, {"name", "xmas"}, {"uid", "f-1"}}}, {"spec", spec}});
    watch<FreezeObject>(freezes_, kFreeze);
  }
  ReconcileDone look_at_freeze() {
    const auto outcome = reconciler_.reconcile(queue_key_of_freeze({"shop", "xmas"}), {});
    return std::get<ReconcileDone>(outcome);
  }
  api::FreezeStatus freeze_status() {
    return api::decode_freeze_status(server_.objects.at(kFreeze)["status"]);
  }
  std::string freeze_condition(const std::string& type) {
    const auto status = freeze_status();
    const auto* found = api::find_condition(status.conditions, type);
    return found == nullptr ? "" : found->reason + ": " + found->message;
  }
  std::string in(std::chrono::seconds time) { return api::format_time(now() + time); }
  api::Time now() { return std::chrono::floor<std::chrono::seconds>(api::Time(clock_.wall())); }
};

TEST_F(FreezeReconcilerTest, SaysWhetherItIsInForceAndForHowMany) {
  freeze({{"until", in(1h)}});
  const auto outcome = look_at_freeze();
  const auto status = freeze_status();
  EXPECT_TRUE(status.active);
  EXPECT_EQ(status.next_change, now() + 1h);
  EXPECT_EQ(status.affected, 1);
  EXPECT_EQ(status.observed_generation, 1);
  EXPECT_EQ(freeze_condition("Active"),
            "InForce: in force until " + in(1h) + ": nothing new is rolled out; rolling back still works");
  EXPECT_EQ(freeze_condition("Accepted"), "Accepted: the spec is understood");
  ASSERT_TRUE(outcome.look_again);
  EXPECT_NEAR(static_cast<double>(outcome.look_again->count()), 3600e3, 1000);
}

TEST_F(FreezeReconcilerTest, WritesOnlyWhatDiffers) {
  freeze({{"until", in(1h)}});
  look_at_freeze();
  EXPECT_THAT(news(), ElementsAre("PATCH " + kFreeze + "/status"));
  look_at_freeze();
  clock_.advance(30min);
  look_at_freeze();
  EXPECT_THAT(news(), IsEmpty());
  clock_.advance(31min);
  EXPECT_FALSE(look_at_freeze().look_again);
  EXPECT_THAT(news(), ElementsAre("PATCH " + kFreeze + "/status"));
  EXPECT_FALSE(freeze_status().active);
  EXPECT_EQ(freeze_condition("Active"), "NotInForce: not in force and will not be again");
}

TEST_F(FreezeReconcilerTest, AnUnknownZoneIsNamedAndFreezes) {
  freeze(
      {{"timeZone", "Europe/Atlantis"}, {"windows", json::array({{{"start", "00:00"}, {"end", "00:01"}}})}});
  look_at_freeze();
  EXPECT_TRUE(freeze_status().active);
  EXPECT_EQ(freeze_condition("Accepted"),
            "UnknownTimeZone: spec.timeZone: \"Europe/Atlantis\" is not in the operator's time zone "
            "database; write "
            "an IANA name such as Europe/Berlin. Until then the windows count as all the time");
}

TEST_F(FreezeReconcilerTest, WhatIsNotUnderstoodIsNamedAndFreezes) {
  freeze({{"until", "tomorrow"}});
  look_at_freeze();
  EXPECT_TRUE(freeze_status().active);
  EXPECT_THAT(freeze_condition("Accepted"),
              HasSubstr("InvalidSpec: spec.until: \"tomorrow\" cannot be used"));
}

TEST_F(FreezeReconcilerTest, AConflictIsTriedAgain) {
  freeze({});
  server_.edit(kFreeze);  // the watch has not brought it yet
  const auto outcome = reconciler_.reconcile(queue_key_of_freeze({"shop", "xmas"}), {});
  EXPECT_TRUE(std::holds_alternative<ReconcileAgain>(outcome));
}

TEST_F(FreezeReconcilerTest, OneThatIsGoneIsDone) {
  EXPECT_FALSE(look_at_freeze().look_again);
  EXPECT_THAT(news(), IsEmpty());
}

TEST_F(FreezeReconcilerTest, ANewRevisionWaitsForItsEnd) {
  bring_up();
  freeze({{"until", in(1h)}});
  edit_object()["spec"]["workload"]["pods"]["template"]["spec"]["containers"][0]["image"] = "two";
  watch<DeploymentObject>(deployments_, kOne);
  auto outcome = reconcile();
  EXPECT_EQ(status().phase, api::Phase::frozen);
  EXPECT_EQ(status().candidate_revision, "");
  EXPECT_THAT(condition_text(), HasSubstr("FreezeInForce: the freeze xmas is in force until " + in(1h)));
  EXPECT_THAT(story_, Contains("Frozen"));
  const auto again = std::get<ReconcileDone>(outcome).look_again;
  ASSERT_TRUE(again);
  EXPECT_LE(*again, 1h);
  clock_.advance(*again);
  reconcile();
  EXPECT_NE(status().candidate_revision, "");
  EXPECT_THAT(story_, Contains("FreezeEnded"));
}

TEST_F(FreezeReconcilerTest, WithoutAListNothingNewIsStarted) {
  bring_up();
  kubernetes::Store<FreezeObject> unknown;
  view_.freezes->remove({"shop", "xmas"}, "1");
  ClusterView view = view_;
  view.freezes = &unknown;
  Reconciler reconciler({.view = view,
                         .client = client_,
                         .collector = collector_,
                         .torch_serves = torch_serves_,
                         .events = events_,
                         .clock = clock_,
                         .log = log_});
  edit_object()["spec"]["workload"]["pods"]["template"]["spec"]["containers"][0]["image"] = "two";
  watch<DeploymentObject>(deployments_, kOne);
  reconciler.reconcile(kWeb, {});
  EXPECT_EQ(status().candidate_revision, "");
  EXPECT_THAT(
      condition_text(),
      HasSubstr("FreezesNotKnown: nobody can tell whether a freeze is in force: SeraphimFreezes could "
                "not be listed yet"));
  unknown.replace({}, "7");
  reconciler.reconcile(kWeb, {});
  EXPECT_NE(status().candidate_revision, "");
}

}  // namespace
}  // namespace seraphim::op::testing
