// Post-mortems while the API server fails, and beside the objects of others.
#include "operator/post_mortems_fixture.h"

namespace seraphim::op::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(PostMortemsTest, AFailureIsTriedAgainWithBackOffAndToldOnce) {
  refuse("POST", kMaps, kubernetes::testing::refuse(503, "ServiceUnavailable"));
  change_and_step();
  EXPECT_THAT(told(), IsEmpty()) << "most failures pass by themselves";
  std::vector<std::chrono::seconds> pauses;
  for (int i = 0; i < 10; ++i) {
    const auto due = post_mortems_->next_due();
    ASSERT_TRUE(due);
    pauses.push_back(std::chrono::duration_cast<std::chrono::seconds>(*due - clock_.steady()));
    clock_.advance(pauses.back() - 1ms);
    news();
    step();
    EXPECT_THAT(news(), IsEmpty()) << "not yet";
    clock_.advance(1ms);
    step();
    EXPECT_THAT(news(), Contains("POST " + kMaps));
  }
  EXPECT_THAT(pauses, ElementsAre(5s, 10s, 20s, 40s, 80s, 160s, 320s, 600s, 600s, 600s));
  EXPECT_THAT(told(), ElementsAre(StartsWith("PostMortemNotWritten: ")));
  server_.intercept = nullptr;
  clock_.advance(10min);
  step();
  EXPECT_THAT(markdown(), HasSubstr("25 of 123"));
  EXPECT_EQ(post_mortems_->next_due(), std::nullopt);
}

TEST_F(PostMortemsTest, AMissingRightIsToldAtOnce) {
  refuse("POST", kMaps, kubernetes::testing::refuse(403, "Forbidden", "no right to create configmaps"));
  change_and_step();
  EXPECT_THAT(told(), ElementsAre(HasSubstr("no right to create configmaps")));
  clock_.advance(1min);
  step();
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(PostMortemsTest, AForeignConfigMapOfThatNameIsLeftAlone) {
  server_.add(kMaps + "/" + kDocument, {{"metadata", {{"name", kDocument}}}, {"data", {{"mine", "yes"}}}});
  const json before = the_map();
  change_and_step();
  EXPECT_EQ(the_map(), before);
  EXPECT_THAT(told(), ElementsAre(HasSubstr("rename or delete it")));
  EXPECT_EQ(post_mortems_->next_due(), std::nullopt) << "only a person can do something about it";
}

json kept_document(const std::string& name, const std::string& at, const std::string& owner) {
  return {
      {"metadata",
       {{"name", name},
        {"namespace", "shop"},
        {"labels", {{"serving.seraphim.io/name", "web"}, {"serving.seraphim.io/document", "post-mortem"}}},
        {"annotations", {{"serving.seraphim.io/rolled-back-at", at}}},
        {"ownerReferences",
         json::array({{{"uid", owner}, {"controller", true}, {"kind", "SeraphimDeployment"}}})}}},
      {"data", {{"post-mortem.md", "old"}}}};
}

TEST_F(PostMortemsTest, TheNewestTenAreKeptAndNobodyElsesAreTouched) {
  for (int day = 10; day < 22; ++day)
    server_.add(kMaps + "/old-" + std::to_string(day),
                kept_document("old-" + std::to_string(day), "2026-11-" + std::to_string(day) + "T00:00:00Z",
                              "owner"));
  server_.add(kMaps + "/foreign", kept_document("foreign", "2026-01-01T00:00:00Z", "somebody"));
  json other = kept_document("other", "2026-01-01T00:00:00Z", "owner");
  other["metadata"]["labels"]["serving.seraphim.io/document"] = "notes";
  server_.add(kMaps + "/other", other);
  change_and_step();
  EXPECT_FALSE(server_.objects.contains(kMaps + "/old-10"));
  EXPECT_FALSE(server_.objects.contains(kMaps + "/old-12"));
  EXPECT_TRUE(server_.objects.contains(kMaps + "/old-13"));
  EXPECT_TRUE(server_.objects.contains(kMaps + "/" + kDocument));
  EXPECT_TRUE(server_.objects.contains(kMaps + "/foreign"));
  EXPECT_TRUE(server_.objects.contains(kMaps + "/other"));
  EXPECT_EQ(server_.objects.size(), 10U + 2U);
}

TEST_F(PostMortemsTest, ADeleteThatFailsIsTriedAgain) {
  for (int day = 10; day < 20; ++day)
    server_.add(kMaps + "/old-" + std::to_string(day),
                kept_document("old-" + std::to_string(day), "2026-11-" + std::to_string(day) + "T00:00:00Z",
                              "owner"));
  refuse("DELETE", kMaps, kubernetes::testing::refuse(500, "InternalError"));
  change_and_step();
  server_.intercept = nullptr;
  clock_.advance(5s);
  step();
  EXPECT_EQ(server_.objects.size(), 10U);
  EXPECT_THAT(told(), ElementsAre(StartsWith("PostMortemWritten")));
}

TEST_F(PostMortemsTest, ThatOfTheRollbackIsKeptWhileTheDocumentCannotBeWritten) {
  refuse("POST", kMaps, kubernetes::testing::refuse(503, "ServiceUnavailable"));
  change_and_step();
  object_["status"]["candidateRevision"] = "web-dddddddddd";
  object_["status"]["evidence"] = {{"candidateRequests", 1}, {"lastLook", "2026-11-24T16:30:00Z"}};
  change();
  server_.intercept = nullptr;
  clock_.advance(5s);
  step();
  EXPECT_THAT(markdown(), HasSubstr("| errorRate | 25 of 123 |"));
}

}  // namespace
}  // namespace seraphim::op::testing
