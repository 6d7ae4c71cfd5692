// Post-mortems of long ago, of other replicas, and of verifications that came to no end.
#include "operator/post_mortems_fixture.h"

namespace seraphim::op::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kEarlier = kMaps + "/" + kDocument;

class PostMortemsUpkeep : public PostMortemsTest {
 protected:
  json& rollback() { return object_["status"]["lastRollback"]; }
  void pending() { rollback()["verification"] = {{"result", "Pending"}, {"until", "2026-11-24T16:31:33Z"}}; }
  std::string said() {
    return the_map()["metadata"]["annotations"]["serving.seraphim.io/verification"].get<std::string>();
  }
};

TEST_F(PostMortemsUpkeep, AnUpgradeWritesNothingAboutRollbacksOfLongAgo) {
  clock_.advance(23h);
  change_and_step();
  EXPECT_TRUE(server_.objects.contains(kEarlier));
  server_.objects.erase(kEarlier);
  news();
  (void)told();
  clock_.advance(2h);
  restart();
  change_and_step();
  EXPECT_THAT(news(), ElementsAre("GET " + kEarlier)) << "one question, and nothing for Prometheus";
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(post_mortems_->next_due(), std::nullopt);
}

TEST_F(PostMortemsUpkeep, AnotherRollbackEndsAVerificationInTheDocumentBefore) {
  pending();
  change_and_step();
  EXPECT_EQ(said(), "Pending");
  rollback() = {{"fromRevision", "web-dddddddddd"}, {"toRevision", kServing}, {"at", "2026-11-24T16:17:33Z"}};
  change_and_step();
  EXPECT_EQ(said(), "Undecided");
  EXPECT_THAT(markdown(), HasSubstr("another rollback came before its end"));
  EXPECT_EQ(server_.objects.size(), 2U);
  news();
  change_and_step();
  EXPECT_THAT(news(), IsEmpty()) << "both have all that they need";
}

TEST_F(PostMortemsUpkeep, ARetryEndsAVerificationInTheDocument) {
  pending();
  change_and_step();
  object_["status"].erase("lastRollback");
  object_["status"]["candidateRevision"] = kFailed;
  change_and_step();
  EXPECT_EQ(said(), "Undecided");
  EXPECT_THAT(markdown(), HasSubstr("a retry came before its end"));
  news();
  change_and_step();
  EXPECT_THAT(news(), IsEmpty());
}

TEST_F(PostMortemsUpkeep, ADeletedDocumentIsNotMadeAgainToSayThatItsVerificationEnded) {
  pending();
  change_and_step();
  server_.objects.erase(kEarlier);
  object_["status"].erase("lastRollback");
  change_and_step();
  EXPECT_THAT(server_.objects, IsEmpty());
  EXPECT_EQ(post_mortems_->next_due(), std::nullopt);
}

TEST_F(PostMortemsUpkeep, AStandbyKeepsTheLastRollbackOnly) {
  for (const char* at : {"2026-11-24T16:16:33Z", "2026-11-24T16:16:34Z", "2026-11-24T16:16:35Z"}) {
    rollback()["at"] = at;
    change();
  }
  step();  // it leads from now on
  EXPECT_EQ(server_.objects.size(), 1U);
  EXPECT_TRUE(server_.objects.contains(kMaps + "/" + kFailed + "-rollback-20261124-161635"));
}

TEST_F(PostMortemsUpkeep, WhatMayNotBeWrittenDoesNotPileUp) {
  refuse("POST", kMaps, kubernetes::testing::refuse(403, "Forbidden", "no right to create configmaps"));
  for (int second = 10; second < 45; ++second) {
    rollback()["at"] = "2026-11-24T16:16:" + std::to_string(second) + "Z";
    change_and_step();
  }
  server_.intercept = nullptr;
  clock_.advance(10min);
  step();
  EXPECT_EQ(server_.objects.size(), 10U);
  EXPECT_TRUE(server_.objects.contains(kMaps + "/" + kFailed + "-rollback-20261124-161644"));
  EXPECT_FALSE(server_.objects.contains(kMaps + "/" + kFailed + "-rollback-20261124-161634"));
}

}  // namespace
}  // namespace seraphim::op::testing
