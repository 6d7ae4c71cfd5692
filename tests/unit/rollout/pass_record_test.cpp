// The operator's debug line of a pass says all that a replay needs, and is read back as it was written.
#include "rollout/pass_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seraphim::rollout {
namespace {

using std::chrono::milliseconds;

constexpr api::Time kAt{milliseconds(1'764'000'000'120)};

PassRecord full_record() {
  PassRecord record;
  record.object = "shop/a";
  record.stable = "a-1";
  record.candidate = "a-2";
  record.look = true;
  record.at = kAt;
  record.reach = Reach{kAt - milliseconds(49), {{"9f31c2", milliseconds(0)}, {"4410ab", milliseconds(312)}}};
  record.verdict = "Unavailable:MetricsStale";
  record.step = 2;
  record.weight = api::Percent::from_basis_points(50);
  record.pods = SeenPods{2, 1, 2, 0};
  record.approved_step = 1;
  record.evidence.candidate_failures = 3;
  record.evidence.candidate_requests = 120;
  record.evidence.baseline_failures = 1;
  record.evidence.baseline_requests = 1100;
  record.evidence.rollback_evidence = "over 1000000 of 100";
  record.evidence.promotion_evidence = "1.0 of 33.4";
  record.evidence.last_look = kAt;
  return record;
}

TEST(PassRecord, ReadsWhatItWrote) {
  const PassRecord look = full_record();
  EXPECT_EQ(parse_line(to_line(look)), look) << to_line(look);
  PassRecord pass = full_record();
  pass.look = false;
  pass.evidence = {};
  pass.reach.reset();
  EXPECT_EQ(parse_line(to_line(pass)), pass) << to_line(pass);
}

TEST(PassRecord, AsTextAndJsonLogsHaveIt) {
  const std::string line = to_line(full_record());
  EXPECT_EQ(parse_line("2026-11-24T16:17:33.121Z debug " + line), full_record());
  EXPECT_EQ(parse_line(R"({"time":"2026-11-24T16:17:33Z","level":"debug","message":")" + line + "\"}"),
            full_record());
}

TEST(PassRecord, OtherLinesAreNone) {
  EXPECT_FALSE(parse_line(""));
  EXPECT_FALSE(parse_line("shop/a: look: nothing of ours"));
  EXPECT_FALSE(parse_line("shop/a: look: at=yesterday"));
  EXPECT_FALSE(parse_line("shop/a: WeightRaised: the weight went up at=2026-11-24T16:17:33Z"));
  EXPECT_FALSE(
      parse_line("shop/a: look: candidate many of 7 failed, stable 1 of 2; rollback evidence 1 of 2, "
                 "promotion 1 of 2; at=2026-11-24T16:17:33Z"));
}

TEST(PassRecord, MomentsAloneAreEnough) {
  const auto record = parse_line(
      "a/b: look: candidate 0 of 7 failed, stable 1 of 2; rollback evidence 1.0 of 100, promotion 1.0 of 20; "
      "at=2025-11-24T16:00:00.120Z upto=2025-11-24T16:00:00Z");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->at, kAt);
  EXPECT_EQ(record->reach, (Reach{kAt - milliseconds(120), {}}));
  EXPECT_FALSE(record->pods);
}

TEST(Reach, IsTheNewestScrapeOfEachTarget) {
  analysis::Samples samples;
  samples.baseline = {{"p", "success", 1, kAt - milliseconds(2000)},
                      {"p", "success", 2, kAt - milliseconds(1000)}};
  samples.candidate = {{"q", "success", 1, kAt}, {"q", "timeout", 1, kAt - milliseconds(3000)}};
  const auto reach = reach_of(samples);
  ASSERT_TRUE(reach);
  EXPECT_EQ(*reach,
            (Reach{kAt, {{target_key("p"), milliseconds(1000)}, {target_key("q"), milliseconds(0)}}}));
  EXPECT_FALSE(reach_of(analysis::Samples{}));
  EXPECT_FALSE(reach_of(analysis::NoSamples{"MetricsUnavailable", "gone"}));
}

}  // namespace
}  // namespace seraphim::rollout
