// What kubectl describe answers: what is known, how long it takes, whether the router does as it was told.
#include "rollout/outlook.h"

#include <gmock/gmock.h>

#include <cmath>

#include "rollout/scene.h"

namespace seraphim::rollout {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

Scene knowing(Scene scene, double events_per_second, analysis::TrafficShare share = {200, 1000}) {
  analysis::Assessment& assessment = *scene.seen().assessment;
  analysis::Pace pace;
  pace.events_per_second = events_per_second;
  pace.failure_share = 0.01;
  pace.evidence_left = std::log(20.0);
  pace.candidate_left = 50;
  assessment.paces = {pace};
  assessment.share = share;
  assessment.summary = "candidate 3 of 120 requests failed (2.5 %)";
  return scene;
}

TEST(Outlook, ProgressingSaysWhatIsKnownAndWhatTurnsItBack) {
  const Plan plan = knowing(Scene::at_step(1), 50).plan();
  EXPECT_THAT(
      message_of(plan, "Progressing"),
      AllOf(HasSubstr("is held until"), HasSubstr("known so far: candidate 3 of 120 requests failed (2.5 %)"),
            HasSubstr("it looks every "), HasSubstr("it goes back to"), HasSubstr("reaches its bound")));
}

TEST(Outlook, TooLittleTrafficIsSaidAtTheStartAndOnce) {
  const Scene scene = knowing(Scene::at_step(1), 0.5);
  Plan plan = scene.plan();
  EXPECT_EQ(reason_of(plan, "EnoughTraffic"), "False:TooLittleTraffic");
  EXPECT_THAT(message_of(plan, "EnoughTraffic"),
              AllOf(HasSubstr("of evidence at the last step"),
                    HasSubstr("at 0.5 requests/s with 1.0 % failures"), HasSubstr("more than 1h")));
  EXPECT_TRUE(tells(plan, "TooLittleTraffic"));
  const auto again = scene.with_object([&](api::SeraphimDeployment& object) { object.status = plan.status; });
  EXPECT_FALSE(tells(again.plan(), "TooLittleTraffic"));
}

TEST(Outlook, EnoughTrafficIsMeasuredByTheDeadlineThatTheSpecGives) {
  const Scene scene = knowing(Scene::at_step(1), 50);
  EXPECT_EQ(reason_of(scene.plan(), "EnoughTraffic"), "True:EvidenceInTime");
  const Scene impatient = scene.with_spec([](api::Spec& spec) {
    spec.analysis->undecided = api::Undecided{10s, api::UndecidedEnd::hold};
  });
  EXPECT_EQ(reason_of(impatient.plan(), "EnoughTraffic"), "False:TooLittleTraffic");
}

TEST(Outlook, AroundTheLimitItDoesNotGoBackAndForth) {
  // 0.7 requests/s take a little less than an hour, after it was too little once.
  const Scene scene = knowing(Scene::at_step(1), 0.85);
  const auto time = forecast(Planner(scene.seen()))->time;
  ASSERT_LT(time, 1h);
  ASSERT_GT(time, 30min);
  EXPECT_EQ(reason_of(scene.plan(), "EnoughTraffic"), "True:EvidenceInTime");
  const Plan before = knowing(Scene::at_step(1), 0.5).plan();
  const auto after =
      scene.with_object([&](api::SeraphimDeployment& object) { object.status = before.status; });
  EXPECT_EQ(reason_of(after.plan(), "EnoughTraffic"), "False:TooLittleTraffic");
}

TEST(Outlook, TheObservedWeightStandsBesideTheDesiredOne) {
  const auto told = Scene::at_step(1).seen().object.status.weight.applied.fraction();
  const Plan plan = knowing(Scene::at_step(1), 50, {1000 * told, 1000}).plan();
  EXPECT_EQ(plan.status.weight.observed, plan.status.weight.applied);
  EXPECT_EQ(reason_of(plan, "WeightObserved"), "True:AsTold");
}

TEST(Outlook, AnotherWeightIsMeasuredAnew) {
  const Plan plan = knowing(Scene::at_step(1).held(1h).requests(100), 50).plan();
  ASSERT_EQ(plan.status.step, 2);
  EXPECT_EQ(plan.status.weight.observed, std::nullopt);
}

TEST(Outlook, ARouterThatDoesOtherwiseIsTold) {
  const auto told = Scene::at_step(1).seen().object.status.weight.applied.fraction();
  const Plan plan = knowing(Scene::at_step(1), 50, {2000 * told, 1000}).plan();
  EXPECT_EQ(reason_of(plan, "WeightObserved"), "False:RouterDiffers");
  EXPECT_TRUE(tells(plan, "RouterDiffers"));
  EXPECT_THAT(message_of(plan, "WeightObserved"), HasSubstr("of 1000 requests in this step and should get"));
}

TEST(Outlook, ThePlatformsGatewayGivesStickyUsersALittleMore) {
  // At 20 % a bucket below 2000 comes up 7 times in 65536: 21.36 %.
  const auto at = [](double candidate) {
    const Scene scene = knowing(Scene::at_step(1), 50, {candidate, 100'000}).with_spec([](api::Spec& spec) {
      spec.traffic = api::SeraphimGatewayTraffic{};
    });
    return reason_of(scene.plan(), "WeightObserved");
  };
  EXPECT_EQ(at(20'000), "True:AsTold");
  EXPECT_EQ(at(21'362), "True:AsTold") << "all requests name a user";
  EXPECT_EQ(at(20'700), "True:AsTold") << "some do";
  EXPECT_EQ(at(18'000), "False:RouterDiffers");
  EXPECT_EQ(at(24'000), "False:RouterDiffers");
}

TEST(Outlook, WhereAHeaderSplitsNoOneIsKeptAtAVariant) {
  // More than told, and nothing of the gateway's own way to draw explains it.
  const Scene scene = knowing(Scene::at_step(1), 50, {21'362, 100'000}).with_spec([](api::Spec& spec) {
    spec.traffic = api::SeraphimGatewayTraffic{.routes = {{"web"}}};
  });
  EXPECT_EQ(reason_of(scene.plan(), "WeightObserved"), "False:RouterDiffers");
}

TEST(Outlook, WhereAHeaderSplitsNothingIsRaisedWhileTheShareIsAnotherOne) {
  const Scene held = Scene::at_step(1).held(1h).requests(100);
  const auto behind = [&](const api::Traffic& traffic, double candidate) {
    return knowing(held, 50, {candidate, 100'000})
        .with_spec([&](api::Spec& spec) { spec.traffic = traffic; })
        .plan();
  };
  const api::Traffic routed = api::SeraphimGatewayTraffic{.routes = {{"web"}}};
  EXPECT_EQ(behind(routed, 20'000).status.step, 2);
  const Plan doubtful = behind(routed, 400);
  EXPECT_EQ(doubtful.status.step, 1);
  EXPECT_EQ(reason_of(doubtful, "Progressing"), "True:RouterDiffers");
  EXPECT_THAT(message_of(doubtful, "Progressing"), HasSubstr("does the router apply filters of backendRefs"));
  EXPECT_EQ(reason_of(doubtful, "WeightObserved"), "False:RouterDiffers");
  EXPECT_EQ(behind(api::SeraphimGatewayTraffic{}, 400).status.step, 2) << "told, and no more, elsewhere";
}

TEST(Outlook, PodsBehindOneServiceGetWhateverShareTheyGet) {
  const Scene scene = knowing(Scene::at_step(1), 50, {900, 1000}).with_spec([](api::Spec& spec) {
    spec.traffic = api::ReplicasTraffic{};
  });
  EXPECT_EQ(reason_of(scene.plan(), "WeightObserved"), "Unknown:NotMeasured");
}

TEST(Outlook, TheSlowestMetricSaysHowLongItTakes) {
  for (const bool slow_first : {true, false}) {
    Scene scene = knowing(Scene::at_step(1), 50);
    auto& paces = scene.seen().assessment->paces;
    analysis::Pace slow = paces[0], unknown;
    slow.events_per_second = 0.05;
    slow.failure_share = 0.0004;
    paces = {slow_first ? slow : paces[0], unknown, slow_first ? paces[0] : slow};
    EXPECT_THAT(forecast(Planner(scene.seen()))->message,
                HasSubstr("at the last step (50%), at 0.05 requests/s with 0.04 % failures"));
  }
}

TEST(Outlook, PromotionSaysWhatEachMetricHasAndHowLongItTakes) {
  Scene scene = knowing(Scene::at_step(3).held(20s), 50);
  scene.seen().assessment->evidence.promotion_evidence = "7.0 of 20";
  api::MetricEvidence quiet, latency;
  quiet.name = "queue";
  latency.name = "latency";
  latency.promotion_evidence = "3.0 of 20";
  scene.seen().assessment->evidence.metrics = {quiet, latency};
  EXPECT_THAT(message_of(scene.plan(), "Progressing"),
              HasSubstr("promotion needs more evidence: 7.0 of 20, latency 3.0 of 20; about "));
  scene.seen().assessment->paces.clear();
  EXPECT_THAT(message_of(scene.plan(), "Progressing"), HasSubstr("latency 3.0 of 20; known so far"));
}

TEST(Outlook, KnowledgeSaysWhenItLookedLast) {
  Scene scene = knowing(Scene::at_step(1), 50);
  scene.seen().assessment->evidence.last_look = scene.seen().now;
  EXPECT_THAT(message_of(scene.plan(), "Progressing"),
              HasSubstr("the last look that brought something was at " + api::format_time(scene.seen().now)));
  scene.seen().assessment->evidence.last_look.reset();
  EXPECT_THAT(message_of(scene.plan(), "Progressing"), testing::Not(HasSubstr("the last look")));
}

TEST(Outlook, DurationsAreRough) {
  EXPECT_EQ(rough_duration(3200ms), "3s");
  EXPECT_EQ(rough_duration(0ms), "1s");
  EXPECT_EQ(rough_duration(9400ms), "9s");
  EXPECT_EQ(rough_duration(10600ms), "10s");
  EXPECT_EQ(rough_duration(43s), "45s");
  EXPECT_EQ(rough_duration(2min + 20s), "2m");
  EXPECT_EQ(rough_duration(10h + 20min), "10h");
  EXPECT_EQ(rough_duration(12min + 40s), "13m");
  EXPECT_EQ(rough_duration(3h + 17min), "3h20m");
  EXPECT_EQ(rough_duration(30h + 17min), "30h");
}

}  // namespace
}  // namespace seraphim::rollout
