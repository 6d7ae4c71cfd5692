// With the operator's log a replay comes to the operator's own decisions, look by look.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "replay/compare.h"
#include "replay/real_operator.h"
#include "replay/recorded_traffic.h"
#include "replay/replay.h"

namespace seraphim::replay {
namespace {

using testing::manifest;
using testing::RealOperator;
using testing::recorded;

std::vector<rollout::PassRecord> read(const std::vector<std::string>& log) {
  std::vector<rollout::PassRecord> records;
  for (const auto& line : log) {
    auto record = rollout::parse_line(line);
    EXPECT_TRUE(record) << line;
    if (record) records.push_back(*std::move(record));
  }
  return records;
}

std::string told(const Differences& differences) {
  std::string text;
  for (const auto& one : differences.first) text += one + "\n";
  return text;
}

class FollowLog : public ::testing::TestWithParam<testing::Traffic> {};

TEST_P(FollowLog, LookByLook) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    auto object = manifest();
    if (seed % 2 == 0) object.spec.strategy.bake = std::chrono::seconds(15);
    auto traffic = GetParam();
    traffic.seed += seed;
    const auto history = recorded(traffic);
    RealOperator real(object, history, seed);
    const auto log = real.work();
    Options options;
    options.passes = read(log);
    const auto timeline = replay(object, history, options);
    const auto differences = compare(timeline, options.passes);
    EXPECT_GT(differences.looks, 15U);
    EXPECT_EQ(differences.differ, 0U) << "seed " << seed << "\n" << told(differences);
    std::vector<api::Percent> weights;
    for (const auto& set : timeline.weights) weights.push_back(set.weight);
    EXPECT_EQ(weights.size(), real.weights().size()) << "seed " << seed;
    const bool rolled_back = real.status().last_rollback.has_value();
    EXPECT_EQ(timeline.outcome == Outcome::rolled_back, rolled_back);
    if (rolled_back) {
      EXPECT_EQ(timeline.message, real.status().last_rollback->message);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Histories, FollowLog,
    ::testing::Values(testing::Traffic{.length = std::chrono::seconds(400)},
                      testing::Traffic{.candidate_rate = 0.2}, testing::Traffic{.candidate_rate = 0.05},
                      testing::Traffic{.scraped = [](int second) { return second % 40 < 30; }},
                      testing::Traffic{.restarts = [](int second) { return second % 50 == 49; }}));

TEST(FollowedLog, PodsThatNeverComeUpAreRolledBackAtTheOperatorsDeadline) {
  auto object = manifest();
  std::get<api::PodsWorkload>(object.spec.workload).progress_deadline = std::chrono::seconds(2);
  const auto history = recorded();
  RealOperator real(object, history, 5);
  Options options;
  options.passes = read(real.work());
  const auto timeline = replay(object, history, options);
  ASSERT_TRUE(real.status().last_rollback);
  EXPECT_EQ(timeline.outcome, Outcome::rolled_back);
  EXPECT_EQ(timeline.reason, "ProgressDeadlineExceeded");
  EXPECT_EQ(timeline.message, real.status().last_rollback->message);
}

TEST(Compare, NamesWhatDiffers) {
  const auto object = manifest();
  const auto history = recorded({.length = std::chrono::seconds(60)});
  Options options;
  options.passes = read(RealOperator(object, history, 3).work());
  const auto timeline = replay(object, history, options);
  auto altered = options.passes;
  std::vector<std::size_t> looks;
  for (std::size_t i = 0; i < altered.size(); ++i) {
    if (altered[i].look) looks.push_back(i);
  }
  altered[looks[3]].evidence.candidate_requests += 1;
  altered[looks[5]].verdict = "Promote";
  altered[looks[7]].at += std::chrono::milliseconds(1);
  const auto differences = compare(timeline, altered);
  EXPECT_EQ(differences.differ, 4U);
  EXPECT_EQ(differences.looks, looks.size() + 1);
  ASSERT_EQ(differences.first.size(), 4U);
  EXPECT_THAT(differences.first[0], ::testing::HasSubstr(": counts: candidate "));
  EXPECT_THAT(differences.first[1], ::testing::EndsWith("verdict Continue here, Promote there"));
  EXPECT_THAT(differences.first[2], ::testing::EndsWith("the log has no look there"));
  EXPECT_THAT(differences.first[3], ::testing::EndsWith("the replay has no look there"));
}

/// An older log, or one made by hand: moments only, so the cluster is an ideal one.
TEST(FollowedLog, MomentsAloneGiveAReplayOfTheirOwn) {
  const auto object = manifest();
  const auto history = recorded({.candidate_rate = 0.2});
  Options options;
  options.passes = read(RealOperator(object, history, 3).work());
  for (auto& record : options.passes) record.pods.reset();
  EXPECT_EQ(replay(object, history, options).outcome, Outcome::rolled_back);
}

}  // namespace
}  // namespace seraphim::replay
