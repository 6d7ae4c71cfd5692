// What a pass leaves in the log: of which comparison, from what was seen before it to what was decided.
#include <gmock/gmock.h>

#include "analysis/increments.h"
#include "rollout/pass_record.h"
#include "rollout/scene.h"

namespace seraphim::rollout {
namespace {

Scene looked(api::Duration ago) {
  Scene scene = Scene::at_step(2);
  scene.seen().object.status.evidence.last_look = scene.seen().now - seconds(9);
  scene.seen().assessment->evidence.last_look = scene.seen().now - ago;
  scene.seen().assessment->evidence.candidate_requests = 70;
  scene.seen().assessment->evidence.state = "opaque";
  return scene;
}

TEST(RecordOf, ALookHasItsEvidenceAndNothingOpaque) {
  const Scene scene = looked(seconds(0));
  Plan plan = scene.plan();
  plan.status.approved_step = 3;
  const auto record = record_of(scene.seen(), nullptr, plan);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->object, "test/demo");
  EXPECT_EQ(record->stable, scene.name("v1"));
  EXPECT_EQ(record->candidate, scene.name("v2"));
  EXPECT_TRUE(record->look);
  EXPECT_EQ(record->at, scene.seen().now);
  EXPECT_EQ(record->reach, std::nullopt);
  EXPECT_EQ(record->verdict, "Continue");
  EXPECT_EQ(record->step, 2);
  EXPECT_EQ(record->weight, api::Percent::whole(25));
  EXPECT_EQ(record->pods, (SeenPods{4, 1, 4, 1}));
  EXPECT_EQ(record->approved_step, 3);
  EXPECT_EQ(record->evidence.candidate_requests, 70);
  EXPECT_TRUE(record->evidence.state.empty());
}

TEST(RecordOf, BetweenTwoLooksThereIsNoEvidence) {
  const Scene scene = looked(seconds(9));
  const auto record = record_of(scene.seen(), nullptr, scene.plan());
  ASSERT_TRUE(record);
  EXPECT_FALSE(record->look);
  EXPECT_EQ(record->evidence, api::EvidenceStatus{});
}

TEST(RecordOf, BeforeTheFirstLookNothingWasJudged) {
  const Scene scene = Scene::at_step(1).not_looked();
  const auto record = record_of(scene.seen(), nullptr, scene.plan());
  ASSERT_TRUE(record);
  EXPECT_FALSE(record->look);
  EXPECT_EQ(record->verdict, "None");
}

TEST(RecordOf, TheAnswersReachIsThatOfTheRequests) {
  const Scene scene = looked(seconds(0));
  analysis::Samples samples;
  samples.candidate = {{"q", "success", 1, scene.seen().now}};
  const analysis::Answers answers(samples);
  const auto record = record_of(scene.seen(), &answers, scene.plan());
  ASSERT_TRUE(record && record->reach);
  EXPECT_EQ(record->reach->upto, scene.seen().now);
}

TEST(RecordOf, APassThatChoseACandidateIsOne) {
  const Scene scene = Scene::stable().spec("v2");
  const auto record = record_of(scene.seen(), nullptr, scene.plan());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->stable, scene.name("v1"));
  EXPECT_EQ(record->candidate, scene.name("v2"));
  EXPECT_EQ(record->pods->candidate, 0) << "its workload does not exist yet";
  EXPECT_EQ(record->pods->candidate_endpoints, 4) << "the candidate backend idles at the stable one";
  EXPECT_FALSE(record_of(Scene::stable().seen(), nullptr, Scene::stable().plan())) << "nothing is compared";
}

TEST(RecordOf, EndpointsThatLagBehindASelectorDoNotCount) {
  const Scene scene = looked(seconds(0)).with_traffic([](TrafficState& traffic) {
    traffic.candidate->foreign_ready = 1;
    traffic.stable.reset();
  });
  const auto record = record_of(scene.seen(), nullptr, Plan{});
  ASSERT_TRUE(record);
  EXPECT_EQ(record->pods->candidate_endpoints, 0);
  EXPECT_EQ(record->pods->stable_endpoints, 0);
}

TEST(RecordOf, VerdictsAreWords) {
  const auto word = [](analysis::Verdict verdict) {
    analysis::Assessment assessment;
    assessment.verdict = std::move(verdict);
    return verdict_word(assessment);
  };
  EXPECT_EQ(word(analysis::Continue{}), "Continue");
  EXPECT_EQ(word(analysis::Promote{}), "Promote");
  EXPECT_EQ(word(analysis::RollBack{"LatencyAboveCeiling", "slow"}), "RollBack:LatencyAboveCeiling");
  EXPECT_EQ(word(analysis::Unavailable{"MetricsStale", "old"}), "Unavailable:MetricsStale");
  EXPECT_EQ(verdict_word(std::nullopt), "None");
}

TEST(RecordOf, TargetsAreSixDigitsOfTheirHash) {
  std::string wanted;
  for (auto id = analysis::target_id("shop/pod-1"); wanted.size() < 6; id /= 16)
    wanted += "0123456789abcdef"[id % 16];
  EXPECT_EQ(target_key("shop/pod-1"), wanted);
}

TEST(ParseLine, NamesWhatItNeedsAndNothingMore) {
  EXPECT_FALSE(
      parse_line("a/b: look: candidate 0 of 7 failed, stable 1 of 2; promotion 1.0 of 20; "
                 "at=2025-11-24T16:00:00Z"))
      << "no rollback evidence";
  EXPECT_FALSE(
      parse_line("a/b: look: candidate 0 of 7 failed, stable 1 of 2; rollback evidence 1.0 of 100; "
                 "at=2025-11-24T16:00:00Z"))
      << "no promotion evidence";
  EXPECT_FALSE(
      parse_line("a/b: look: candidate 0 of 7x failed, stable 1 of 2; rollback evidence 1.0 of 100, "
                 "promotion 1.0 of 20; at=2025-11-24T16:00:00Z"));
  EXPECT_FALSE(parse_line("a/b: pass: at=2025-11-24T16:00:00Q"));
  const auto pass = parse_line("a/b: pass: at=2025-11-24T16:00:00Z");
  ASSERT_TRUE(pass);
  EXPECT_EQ(pass->object, "a/b");
  EXPECT_EQ(pass->step, 0);
  EXPECT_EQ(pass->approved_step, 0);
  EXPECT_EQ(pass->pods, std::nullopt);
  EXPECT_EQ(to_line(*pass).find("pods="), std::string::npos);
  EXPECT_EQ(parse_line("a/b: pass: at=2025-11-24T16:00:00Z pods=1/2")->pods, std::nullopt) << "half of it";
  EXPECT_EQ(
      parse_line("a/b: pass: at=2025-11-24T16:00:00Z upto=2025-11-24T16:00:00Z seen=ab:0,cd:x")->reach->seen,
      (std::map<std::string, api::Duration>{}))
      << "a part that cannot be read makes all of it unknown";
}

}  // namespace
}  // namespace seraphim::rollout
