// From the first pod to the document: the words of the real story are those that the post-mortem understands.
#include "operator/post_mortems.h"
#include "operator/reconciler_fixture.h"

namespace seraphim::op::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class RolledBackTest : public ReconcilerTest {
 protected:
  RolledBackTest() {
    listener_ = [this](const ObjectKey& key, const rollout::Narrative& line) {
      post_mortems_.told(key, line);
    };
    deployments_.on_change([this](const auto&, const auto& after) {
      if (after) post_mortems_.changed(after);
    });
  }
  void change_image(const std::string& image) {
    edit_object()["spec"]["workload"]["pods"]["template"]["spec"]["containers"][0]["image"] = image;
    watch<DeploymentObject>(deployments_, kOne);
  }
  void reconcile_until(api::Phase phase) {
    for (int looks = 0; looks < 10 && status().phase != phase; ++looks) reconcile();
    ASSERT_EQ(status().phase, phase) << condition_text();
  }
  void pods_go_down(const std::string& revision) {
    server_.edit(kSets + "/" + revision)["status"] = {
        {"replicas", 1}, {"readyReplicas", 0}, {"availableReplicas", 0}};
    watch<workload::ReplicaSet>(replica_sets_, kSets + "/" + revision);
  }
  std::string document() {
    post_mortems_.step({});
    for (const auto& [path, object] : server_.objects) {
      if (path.find("/configmaps/") != std::string::npos) return object["data"]["post-mortem.md"];
    }
    return "there is none";
  }

  PostMortems post_mortems_{{.view = view_,
                             .client = client_,
                             .transport_for = [](const std::string&) { return nullptr; },
                             .events = events_,
                             .clock = clock_,
                             .log = log_}};
};

TEST_F(RolledBackTest, ARevisionThatLosesItsPodsUnderTraffic) {
  bring_up();
  const std::string stable = status().stable_revision;
  clock_.advance(1h);
  change_image("v2");
  reconcile_until(api::Phase::starting);
  const std::string failed = status().candidate_revision;
  clock_.advance(3s);
  pods_come_up();
  for (int looks = 0; looks < 10 && status().weight.applied != api::Percent::whole(50); ++looks) reconcile();
  ASSERT_EQ(status().weight.applied, api::Percent::whole(50)) << condition_text();
  clock_.advance(20s);
  EXPECT_EQ(document(), "there is none");
  pods_go_down(failed);
  reconcile_until(api::Phase::rolled_back);
  EXPECT_THAT(
      document(),
      AllOf(HasSubstr("# Post-mortem: shop/web, revision 2 was rolled back to revision 1"),
            HasSubstr("and got 50% of the traffic at most. It was rolled back at 2026-11-24T17:17:56Z, 23s "
                      "later, from 50% at step 1 of 1: `RevisionUnavailable`, all 2 pods of " +
                      failed),
            HasSubstr("| CandidateStarted | " + failed + " comes up without traffic beside " + stable + " |"),
            HasSubstr("| +3s | WeightRaised | the weight of " + failed +
                      " went from 0% to 50% for step 1 of 1 |"),
            HasSubstr("+ "), HasSubstr("image: v2"), Not(HasSubstr("FirstRevisionStarted"))));
}

TEST_F(RolledBackTest, ADeadlineThatPassed) {
  bring_up();
  change_image("v2");
  reconcile_until(api::Phase::starting);
  clock_.advance(601s);
  reconcile_until(api::Phase::rolled_back);
  EXPECT_THAT(
      document(),
      AllOf(HasSubstr("10m1s later, from 0% before the first step: `ProgressDeadlineExceeded`, 0 of 2"),
            HasSubstr("and got no traffic."), HasSubstr("did not come up in time"),
            HasSubstr("Nothing was measured")));
}

TEST_F(RolledBackTest, AFirstRevisionThatNeverComesUp) {
  reconcile();
  clock_.advance(601s);
  reconcile();
  EXPECT_THAT(document(), AllOf(HasSubstr("# Post-mortem: shop/web, revision 1 was rolled back\n"),
                                HasSubstr("nothing else could serve, 10m1s later")));
}

}  // namespace
}  // namespace seraphim::op::testing
