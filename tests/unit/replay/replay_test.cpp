// What the operator would have done, over histories of which one knows what it should have done.
#include "replay/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/series.h"
#include "replay/recorded_traffic.h"

namespace seraphim::replay {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using testing::manifest;
using testing::recorded;
using testing::Traffic;

std::vector<std::string> verdicts(const Timeline& timeline) {
  std::vector<std::string> all;
  for (const auto& look : timeline.looks) all.push_back(look.verdict);
  return all;
}

std::vector<int> weights(const Timeline& timeline) {
  std::vector<int> all;
  for (const auto& set : timeline.weights) all.push_back(set.weight.basis_points() / 100);
  return all;
}

TEST(Replay, AGoodCandidateIsPromoted) {
  const auto timeline = replay(manifest(), recorded({.length = std::chrono::seconds(600)}));
  EXPECT_EQ(timeline.outcome, Outcome::promoted) << timeline.message;
  EXPECT_EQ(weights(timeline), (std::vector<int>{10, 25, 50, 100, 0}));
  EXPECT_EQ(timeline.looks.back().verdict, "Promote");
  EXPECT_LT(timeline.to, testing::kBegin + std::chrono::seconds(600)) << "goes on after the end";
  EXPECT_EQ(timeline.story.front().narrative.reason, "CandidateStarted");
  EXPECT_EQ(timeline.story.front().narrative.message, "a-2 comes up without traffic beside a-1");
}

TEST(Replay, ABadCandidateIsRolledBack) {
  const auto timeline = replay(manifest(), recorded({.candidate_rate = 0.2}));
  EXPECT_EQ(timeline.outcome, Outcome::rolled_back);
  EXPECT_THAT(timeline.reason, AnyOf("ErrorRateWorseThanStable", "ErrorRateAboveCeiling"));
  EXPECT_THAT(timeline.message, HasSubstr("requests failed"));
  EXPECT_EQ(timeline.weights.back().weight, api::kNothing);
  EXPECT_EQ(timeline.looks.back().verdict, "RollBack:" + timeline.reason);
  EXPECT_EQ(timeline.looks.back().phase, api::Phase::rolled_back);
}

TEST(Replay, LooksWhenTheOperatorWould) {
  const auto timeline = replay(manifest(), recorded());
  ASSERT_GT(timeline.looks.size(), 20U);
  for (std::size_t i = 10; i < 20; ++i) {  // scrapes of the candidate come at .420 of each second
    const auto of_second = timeline.looks[i].at.time_since_epoch() % std::chrono::seconds(1);
    EXPECT_GE(of_second, std::chrono::milliseconds(420));
    EXPECT_LE(of_second, std::chrono::milliseconds(500));
  }
}

TEST(Replay, AnOutageOfBothConvictsNobody) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto timeline = replay(manifest(), recorded({.seed = seed, .outage = [](int second) {
                                                         return second > 60 && second < 120 ? 0.4 : 0.0;
                                                       }}));
    EXPECT_NE(timeline.outcome, Outcome::rolled_back) << seed << ": " << timeline.message;
  }
}

TEST(Replay, AGapHolds) {
  const auto scraped = [](int second) { return second < 28 || second >= 100; };
  const auto timeline = replay(manifest(), recorded({.scraped = scraped}));
  const auto in_gap = [](api::Time at) {
    return at > testing::kBegin + std::chrono::seconds(50) && at < testing::kBegin + std::chrono::seconds(99);
  };
  for (const auto& set : timeline.weights) EXPECT_FALSE(in_gap(set.at)) << api::format_time(set.at);
  for (const auto& look : timeline.looks) EXPECT_FALSE(in_gap(look.at)) << api::format_time(look.at);
  bool told = false;
  for (const auto& line : timeline.story) told = told || line.narrative.reason == "MetricsStale";
  EXPECT_TRUE(told);
  EXPECT_NE(timeline.outcome, Outcome::rolled_back);
}

TEST(Replay, RestartedProcessesCountFromZero) {
  const auto restarts = [](int second) { return second % 37 == 0; };
  const auto timeline = replay(manifest(), recorded({.restarts = restarts}));
  EXPECT_NE(timeline.outcome, Outcome::rolled_back) << timeline.message;
  const auto& evidence = timeline.looks.back().evidence;
  EXPECT_GT(evidence.candidate_requests, 300);
  EXPECT_LT(evidence.candidate_requests + evidence.baseline_requests, 180 * 60);
}

TEST(Replay, BeginsWhenTheCandidateDid) {
  const auto timeline = replay(manifest(), recorded({.candidate_from = std::chrono::seconds(100)}));
  EXPECT_GE(timeline.from, testing::kBegin + std::chrono::seconds(97));
  EXPECT_NE(timeline.outcome, Outcome::rolled_back);
}

TEST(Replay, NoWeightBeforeTheCandidateHasPods) {
  auto object = manifest();
  object.spec.analysis->stale_after = std::chrono::milliseconds(500);  // it would not wait longer for metrics
  const auto history = recorded();
  const auto timeline = replay(object, history);
  ASSERT_FALSE(timeline.weights.empty());
  EXPECT_GE(timeline.weights.front().at, first_candidate_sample(history));
}

TEST(Replay, LearnsFromTheTenMinutesBeforeAsTheOperatorDoes) {
  const auto history =
      recorded({.length = std::chrono::seconds(200), .candidate_from = std::chrono::seconds(100)});
  History forgetful = history;
  std::erase_if(std::get<analysis::Samples>(forgetful.answers.requests).baseline,
                [](const auto& sample) { return sample.at < testing::kBegin + std::chrono::seconds(85); });
  EXPECT_NE(replay(manifest(), history).looks.front().evidence.state,
            replay(manifest(), forgetful).looks.front().evidence.state);
}

TEST(Replay, ApprovalsAreGivenAtOnce) {
  auto object = manifest();
  object.spec.strategy.steps[1].approval = true;
  const auto timeline = replay(object, recorded({.length = std::chrono::seconds(600)}));
  EXPECT_EQ(timeline.outcome, Outcome::promoted);
  int approvals = 0;
  for (const auto& told : timeline.story) approvals += told.narrative.reason == "StepApproved" ? 1 : 0;
  EXPECT_EQ(approvals, 1) << "only what asks for it";
}

TEST(Replay, APausedRolloutStays) {
  auto object = manifest();
  object.spec.paused = true;
  const auto timeline = replay(object, recorded());
  EXPECT_EQ(timeline.outcome, Outcome::undecided);
  EXPECT_EQ(timeline.reason, "Paused");
  EXPECT_TRUE(timeline.weights.empty());
}

TEST(Replay, TheSameTwice) {
  const auto history = recorded({.candidate_rate = 0.03});
  EXPECT_EQ(replay(manifest(), history), replay(manifest(), history));
}

TEST(Replay, ABakeIsWatched) {
  auto object = manifest();
  object.spec.strategy.bake = std::chrono::seconds(30);
  const auto timeline = replay(object, recorded({.length = std::chrono::seconds(600)}));
  EXPECT_EQ(timeline.outcome, Outcome::promoted);
  EXPECT_EQ(timeline.story.back().narrative.reason, "BakeEnded");
}

Traffic short_one(Traffic traffic) {
  traffic.length = std::chrono::seconds(110);
  return traffic;
}

TEST(Replay, FurtherMetricsAreCutAndJudgedAlike) {
  auto object = manifest();
  object.spec.analysis->latency.emplace();
  auto history = recorded();
  history.answers.metrics.emplace(analysis::kLatency, recorded({.candidate_rate = 0.3}).answers.requests);
  const auto timeline = replay(object, history);
  EXPECT_EQ(timeline.outcome, Outcome::rolled_back);
  EXPECT_THAT(timeline.reason, ::testing::StartsWith("Latency"));
  ASSERT_FALSE(timeline.looks.empty());
  EXPECT_EQ(timeline.looks.back().evidence.metrics.size(), 1U);
  EXPECT_LT(timeline.to, testing::kBegin + std::chrono::seconds(90)) << "looked ahead, or not at all";
  Options options;
  options.restart = [](std::size_t) { return true; };
  EXPECT_EQ(verdicts(replay(object, history, options)), verdicts(timeline));
}

/// Between any two events the operator dies, and its successor knows but what the status says.
class Restarts : public ::testing::TestWithParam<Traffic> {};

TEST_P(Restarts, ChangeNoVerdict) {
  const auto history = recorded(GetParam());
  const Timeline whole = replay(manifest(), history);
  std::mt19937_64 random(GetParam().seed);
  for (int round = 0; round < 50; ++round) {
    std::set<std::size_t> cuts;
    const int count = 1 + round % 4;
    std::uniform_int_distribution<std::size_t> anywhere(0, whole.looks.size() + 5);
    for (int i = 0; i < count; ++i) cuts.insert(anywhere(random));
    Options options;
    options.restart = [&](std::size_t event) { return cuts.contains(event); };
    const Timeline restarted = replay(manifest(), history, options);
    EXPECT_EQ(verdicts(restarted), verdicts(whole)) << "cut before " << ::testing::PrintToString(cuts);
    EXPECT_TRUE(restarted == whole) << "cut before " << ::testing::PrintToString(cuts);
  }
}

TEST_P(Restarts, AtEveryEventAtOnce) {
  const auto history = recorded(GetParam());
  Options options;
  options.restart = [](std::size_t) { return true; };
  EXPECT_EQ(verdicts(replay(manifest(), history, options)), verdicts(replay(manifest(), history)));
}

INSTANTIATE_TEST_SUITE_P(
    Histories, Restarts,
    ::testing::Values(short_one({.seed = 11}), short_one({.seed = 12, .candidate_rate = 0.2}),
                      short_one({.seed = 13, .candidate_rate = 0.05}),
                      short_one({.seed = 14, .scraped = [](int second) { return second % 40 < 30; }}),
                      short_one({.seed = 15, .restarts = [](int second) { return second % 50 == 49; }})));

/// What the status carries from look to look is nothing that the counters of Prometheus's history do not say.
TEST(Recomputed, FromTheFirstLookOnTheVerdictIsTheSame) {
  const auto history = recorded({.candidate_rate = 0.1});
  const Timeline whole = replay(manifest(), history);
  ASSERT_EQ(whole.outcome, Outcome::rolled_back);
  for (std::size_t i = 5; i < whole.looks.size(); i += 7) {
    History part = history;
    part.to = whole.looks[i].at;
    const Timeline recomputed = replay(manifest(), part);
    ASSERT_EQ(recomputed.looks.size(), i + 1);
    EXPECT_EQ(recomputed.looks.back(), whole.looks[i]);
  }
}

TEST(Aa, OnePodIsNotEnough) {
  EXPECT_TRUE(replay_aa(manifest(), recorded({.stable_pods = 1})).empty());
}

TEST(Aa, EachPodIsTheCandidateOnce) {
  const auto runs = replay_aa(manifest(), recorded({.stable_pods = 3}));
  ASSERT_EQ(runs.size(), 3U);
  EXPECT_EQ(runs.front().target, "a-1-0");
  for (const auto& run : runs) {
    EXPECT_NE(run.timeline.outcome, Outcome::rolled_back);
    EXPECT_GT(run.timeline.looks.size(), 20U);
  }
}

TEST(Aa, ThePodIsOnOneSideOnly) {
  const auto history = recorded({.length = std::chrono::seconds(30), .stable_pods = 3});
  const auto split = with_as_candidate(history, testing::target_of("a-1-1"));
  const auto& samples = std::get<analysis::Samples>(split.answers.requests);
  EXPECT_EQ(samples.baseline.size(), 2 * samples.candidate.size());
  for (const auto& sample : samples.baseline) EXPECT_NE(sample.target, testing::target_of("a-1-1"));
  for (const auto& sample : samples.candidate) EXPECT_EQ(sample.target, testing::target_of("a-1-1"));
}

TEST(Aa, OneBadPodIsAnAlarm) {
  auto history = recorded({.candidate_rate = 0.3});
  auto& samples = std::get<analysis::Samples>(history.answers.requests);
  samples.baseline.insert(samples.baseline.end(), samples.candidate.begin(), samples.candidate.end());
  samples.candidate.clear();
  int alarms = 0;
  for (const auto& run : replay_aa(manifest(), history))
    alarms += run.timeline.outcome == Outcome::rolled_back ? 1 : 0;
  EXPECT_EQ(alarms, 1);
}

}  // namespace
}  // namespace seraphim::replay
