// A SeraphimDeployment that is deleted while the operator still knows it: nothing is made for it any more.
#include "operator/reconciler_fixture.h"

namespace seraphim::op::testing {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Seed 17955843260009 of the simulator: its watch lags, and the garbage collector has taken its children.
TEST_F(ReconcilerTest, AnObjectThatIsGoneUnseenGetsNoNewChildren) {
  bring_up();
  server_.objects.erase(kOne);
  replica_sets_.remove(replica_sets_.list()[0]->meta.key, "9999");
  reconcile();
  EXPECT_THAT(news(), ElementsAre("GET " + kOne));
  EXPECT_TRUE(std::holds_alternative<ReconcileDone>(reconcile()));
  EXPECT_THAT(news(), IsEmpty());
}

TEST_F(ReconcilerTest, AnObjectThatWasMadeAnewUnseenGetsItsOwnChildren) {
  bring_up();
  server_.objects = {{kOne, server_.objects.at(kOne)}};
  server_.edit(kOne)["metadata"]["uid"] = "another";
  server_.objects.at(kOne).erase("status");
  replica_sets_.remove(replica_sets_.list()[0]->meta.key, "9999");
  services_.remove(services_.list()[0]->meta.key, "9999");
  revisions_.remove(revisions_.list()[0]->meta.key, "9999");
  reconcile();
  EXPECT_THAT(news(), ElementsAre("GET " + kOne));
  reconcile();
  EXPECT_THAT(news(), Contains("POST " + kSets));
  EXPECT_EQ(replica_sets_.list()[0]->meta.controller->uid, "another");
}

TEST_F(ReconcilerTest, AnObjectThatIsBeingDeletedUnseenGetsNoNewChildren) {
  server_.edit(kOne)["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  reconcile();
  EXPECT_TRUE(std::holds_alternative<ReconcileDone>(reconcile()));
  EXPECT_THAT(news(), ElementsAre("GET " + kOne));
}

}  // namespace seraphim::op::testing
