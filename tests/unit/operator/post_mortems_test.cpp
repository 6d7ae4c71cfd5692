// A post-mortem for every rollback, with all that is known of it.
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

TEST_F(PostMortemsTest, ARollbackGetsAConfigMapThatBelongsToItsObject) {
  change_and_step();
  EXPECT_EQ(woken_, 1);
  const json& meta = the_map()["metadata"];
  EXPECT_EQ(meta["ownerReferences"][0]["uid"], "owner");
  EXPECT_EQ(meta["ownerReferences"][0]["controller"], true);
  EXPECT_EQ(meta["labels"], (json{{"serving.seraphim.io/name", "web"},
                                  {"serving.seraphim.io/revision", kFailed},
                                  {"serving.seraphim.io/document", "post-mortem"}}));
  EXPECT_EQ(meta["annotations"]["serving.seraphim.io/revision-number"], "3");
  EXPECT_EQ(meta["annotations"]["serving.seraphim.io/verification"], "None");
  EXPECT_THAT(markdown(),
              AllOf(StartsWith("# Post-mortem: shop/web, revision 3 was rolled back to revision 2\n"),
                    HasSubstr("| errorRate | 25 of 123 | 1 of 900 | 140 of 100 | 1 of 20 |"),
                    HasSubstr("revision 3 had 25% at most"), HasSubstr("revision 2 had 0% at most")));
  EXPECT_THAT(the_map()["data"]["chart.svg"].get<std::string>(), StartsWith("<svg "));
  EXPECT_THAT(told(), ElementsAre(AllOf(StartsWith("PostMortemWritten: "), HasSubstr(kDocument))));
}

TEST_F(PostMortemsTest, AsksPrometheusOnceForTheTimeOfTheRollout) {
  add_event("e1", "CandidateStarted", kFailed + " comes up without traffic beside " + kServing,
            "2026-11-24T16:10:00.000000Z");
  change_and_step();
  ASSERT_EQ(prometheus_->requests().size(), 1U);
  EXPECT_THAT(addresses_, ElementsAre("http://p:9090"));
  const auto request = prometheus_->requests().front();
  EXPECT_EQ(request.target, "/api/v1/query_range");
  EXPECT_THAT(request.body,
              AllOf(HasSubstr("start=2026-11-24T16%3A10%3A00Z"), HasSubstr("end=2026-11-24T16%3A16%3A48Z"),
                    HasSubstr("revision%3D~%22web-bbbbbbbbbb%7Cweb-cccccccccc%22"),
                    HasSubstr("sum%20by%20%28revision%2Coutcome%29")));
}

TEST_F(PostMortemsTest, WithNothingNewNothingIsAskedOrWritten) {
  change_and_step();
  news();
  change_and_step();
  object_["status"]["phase"] = "Stable";
  change_and_step();
  EXPECT_THAT(news(), IsEmpty());
  EXPECT_EQ(post_mortems_->next_due(), std::nullopt);
}

TEST_F(PostMortemsTest, WithoutARollbackOrBeforeItsEndThereIsNothingToDo) {
  const json over = object_;
  object_["status"].erase("lastRollback");
  change_and_step();
  object_ = over;
  object_["status"]["candidateRevision"] = kFailed;
  change_and_step();
  object_ = over;
  object_["status"]["stableRevision"] = kFailed;
  change_and_step();
  object_ = over;
  object_["metadata"]["deletionTimestamp"] = "2026-11-24T16:17:00Z";
  change_and_step();
  EXPECT_THAT(news(), IsEmpty());
  object_ = over;
  change_and_step();
  EXPECT_TRUE(server_.objects.contains(kMaps + "/" + kDocument));
}

TEST_F(PostMortemsTest, AfterACrashBetweenStatusAndDocumentTheNextProcessWritesIt) {
  change();  // and the process ends
  restart();
  change_and_step();
  EXPECT_THAT(markdown(), HasSubstr("25 of 123"));
  news();
  restart();
  change_and_step();
  EXPECT_THAT(news(), ElementsAre("GET " + kMaps + "/" + kDocument)) << "it is there: one question";
}

TEST_F(PostMortemsTest, ACreateWhoseAnswerGotLostMakesOneDocument) {
  server_.intercept = [this](const kubernetes::Request& request) -> std::optional<kubernetes::Response> {
    if (request.method != "POST") return std::nullopt;
    server_.add(kMaps + "/" + kDocument, json::parse(request.body));
    return kubernetes::testing::broken(kubernetes::TransportError::timeout);
  };
  change_and_step();
  server_.intercept = nullptr;
  clock_.advance(1min);
  step();
  EXPECT_EQ(post_mortems_->next_due(), std::nullopt);
  EXPECT_THAT(markdown(), HasSubstr("25 of 123"));
  EXPECT_EQ(server_.objects.size(), 1U);
}

TEST_F(PostMortemsTest, WithoutPrometheusItIsWrittenAndSaysSo) {
  prometheus_answer_ = kubernetes::testing::broken(kubernetes::TransportError::timeout);
  change_and_step();
  EXPECT_THAT(markdown(),
              HasSubstr("There are no rates over time: Prometheus at http://p:9090 did not answer"));
  EXPECT_EQ(prometheus_->requests().size(), 1U);
}

TEST_F(PostMortemsTest, TellsWhatEventsAndTheOperatorItselfRemember) {
  add_event("e1", "CandidateStarted", kFailed + " comes up without traffic beside " + kServing,
            "2026-11-24T16:15:00.000000Z");
  add_event("e2", "WeightRaised", "the weight of " + kFailed + " went from 0% to 50% for step 1 of 1",
            "2026-11-24T16:15:10.000000Z");
  add_event("e3", "Promoted", "of a namesake that is gone", "2026-11-24T16:15:20.000000Z", "another");
  clock_.advance(-1min);
  post_mortems_->told(
      kSubject,
      {.reason = "RolledBack",
       .action = "RollBack",
       .message = "rolled back " + kFailed + " to " + kServing +
                  " from 50% at step 1 of 1: ErrorRateWorseThanStable: candidate 25 of 123 requests failed",
       .discriminator = {}});
  clock_.advance(1min);
  change_and_step();
  EXPECT_THAT(markdown(),
              AllOf(HasSubstr("chosen at 2026-11-24T16:15:00Z"), HasSubstr("got 50% of the traffic at most"),
                    HasSubstr("1m33s later, from 50% at step 1 of 1"), Not(HasSubstr("namesake"))));
  const auto requests = transport_.requests();
  EXPECT_TRUE(std::any_of(requests.begin(), requests.end(), [](const auto& request) {
    return request.target.find("fieldSelector=regarding.kind%3DSeraphimDeployment%2Cregarding.name%3Dweb") !=
           std::string::npos;
  }));
}

TEST_F(PostMortemsTest, EventsThatMayNotBeReadAreSaid) {
  refuse("GET", kTheEvents, kubernetes::testing::refuse(403, "Forbidden", "no right to list events"));
  change_and_step();
  EXPECT_THAT(markdown(), HasSubstr("no right to list events"));
}

TEST_F(PostMortemsTest, TheResultOfTheVerificationIsWrittenWhenItIsThere) {
  json& rollback = object_["status"]["lastRollback"];
  rollback["verification"] = {{"result", "Pending"}, {"until", "2026-11-24T16:31:33Z"}};
  change_and_step();
  EXPECT_THAT(markdown(), HasSubstr("**Pending until 2026-11-24T16:31:33Z at the earliest**"));
  news();
  rollback["verification"]["message"] = "no requests yet";
  change_and_step();
  EXPECT_THAT(news(), IsEmpty()) << "a result is awaited, not every word";
  rollback["verification"] = {{"result", "Recovered"},
                              {"until", "2026-11-24T16:31:33Z"},
                              {"decidedAt", "2026-11-24T16:31:34Z"},
                              {"message", "0 of 400 failed"}};
  object_["status"].erase("evidence");
  change_and_step();
  EXPECT_THAT(news(), ElementsAre("GET " + kMaps + "/" + kDocument, "PATCH " + kMaps + "/" + kDocument));
  EXPECT_THAT(markdown(), AllOf(HasSubstr("**Recovered** at 2026-11-24T16:31:34Z: 0 of 400 failed"),
                                Not(HasSubstr("Pending")), HasSubstr("25 of 123")));
  EXPECT_EQ(the_map()["metadata"]["annotations"]["serving.seraphim.io/verification"], "Recovered");
  restart();
  change_and_step();
  EXPECT_THAT(news(), ElementsAre("GET " + kMaps + "/" + kDocument));
}

TEST_F(PostMortemsTest, APersonsEditInBetweenIsNotOverwrittenUnseen) {
  change_and_step();
  object_["status"]["lastRollback"]["verification"] = {{"result", "Recovered"},
                                                       {"until", "2026-11-24T16:31:33Z"}};
  server_.intercept = [this](const kubernetes::Request& request) -> std::optional<kubernetes::Response> {
    if (request.method != "PATCH") return std::nullopt;
    json& edited = server_.edit(kMaps + "/" + kDocument);
    edited["data"]["post-mortem.md"] = "# Ours\n" + edited["data"]["post-mortem.md"].get<std::string>();
    server_.intercept = nullptr;
    return std::nullopt;
  };
  change_and_step();
  clock_.advance(5s);
  step();
  EXPECT_THAT(markdown(), AllOf(StartsWith("# Ours\n"), HasSubstr("**Recovered**")));
}

TEST_F(PostMortemsTest, EvidenceOfALaterCandidateIsNotTakenForItsOwn) {
  object_["status"]["candidateRevision"] = "web-dddddddddd";
  change_and_step();
  EXPECT_THAT(markdown(),
              AllOf(HasSubstr("not known any more"), Not(HasSubstr("25 of 123 requests failed ("))));
}

TEST_F(PostMortemsTest, ThatOfARevisionThatWasRevertedToIsNotItsOwnEither) {
  object_["status"]["lastRollback"]["reason"] = "Reverted";
  change_and_step();
  EXPECT_THAT(markdown(), HasSubstr("not known any more"));
}

TEST_F(PostMortemsTest, AnObjectThatIsGoneIsForgotten) {
  change();
  post_mortems_->forget(kSubject);
  step();
  EXPECT_THAT(news(), IsEmpty());
  EXPECT_EQ(post_mortems_->next_due(), std::nullopt);
}

}  // namespace
}  // namespace seraphim::op::testing
