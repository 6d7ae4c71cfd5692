// EvidenceStatus::state: exact, small, and total whatever stands there.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "analysis/assessment.h"
#include "analysis/evidence.h"
#include "analysis/scenario.h"

namespace seraphim::analysis {
namespace {

using std::chrono::seconds;
using testing::kStart;
using testing::Scenario;

Evidence make_lively_evidence() {
  Scenario world;
  world.two_plain_pods();
  world.run(seconds(3), Stage::priming, 0, {.baseline_ok = 97, .baseline_failed = 3});
  world.run(seconds(20), Stage::step, 1, {.baseline_ok = 88, .baseline_failed = 2, .candidate_ok = 10});
  world.run(seconds(20), Stage::final, 2, {.baseline_ok = 45, .baseline_failed = 1, .candidate_ok = 44});
  return *decode(world.evidence.state);
}

Evidence lively_evidence() {
  static const Evidence evidence = make_lively_evidence();
  return evidence;
}

TEST(EvidenceCodec, ComesBackToTheLastBit) {
  Evidence evidence = lively_evidence();
  evidence.test.decision = Decision::roll_back;
  evidence.waiting = {1, 2, 3, 4};
  evidence.counters.targets.begin()->second.news = true;
  evidence.share_candidate = 5;
  evidence.share_all = 6;
  evidence.pace_since = kStart + seconds(7);
  evidence.pace_events = 8;
  evidence.pace_failures = 9;
  evidence.basis = "the bucket up to 1 s";
  const auto back = decode(encode(evidence));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, evidence);
  EXPECT_EQ(encode(*back), encode(evidence));
}

TEST(EvidenceCodec, AHundredPodsStaySmall) {
  Evidence evidence = lively_evidence();
  for (int i = 0; i < 100; ++i) {
    const Side side = i < 50 ? Side::baseline : Side::candidate;
    std::vector<Counter> counters;
    for (const char* outcome : {"success", "timeout", "http_error", "error"})
      counters.push_back({side, outcome, 123456});
    evidence.counters.scrape("namespace=shop\npod=sentiment-abc-" + std::to_string(i), kStart + seconds(3600),
                             counters, {});
  }
  EXPECT_GE(evidence.counters.targets.size(), 100u);
  EXPECT_LT(encode(evidence).size(), 12'000u);
}

TEST(EvidenceCodec, WhatIsRememberedIsFoundByMetric) {
  api::EvidenceStatus status;
  status.metrics.resize(2);
  status.metrics[0].name = "latency";
  status.metrics[0].state = encode(lively_evidence());
  status.metrics[1].name = "cache";
  status.metrics[1].state = "{}";
  const Remembered remembered(status);
  ASSERT_NE(remembered.of("latency"), nullptr);
  EXPECT_EQ(*remembered.of("latency"), lively_evidence());
  EXPECT_EQ(remembered.of("cache"), nullptr);
  EXPECT_EQ(remembered.of(kErrorRate), nullptr);
  EXPECT_EQ(remembered.of("unknown"), nullptr);
  const api::Analysis analysis;
  EXPECT_GT(window_to_ask_for(analysis, remembered, "cache"), stale_after(analysis));
  EXPECT_EQ(window_to_ask_for(analysis, remembered, "latency"), stale_after(analysis));
}

class Garbage : public ::testing::TestWithParam<const char*> {};

TEST_P(Garbage, IsNotEvidence) {
  EXPECT_FALSE(decode(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(All, Garbage,
                         ::testing::Values("", "null", "[]", "{}", "42", "\"v\"", "{\"v\":1}", "{\"v\":2}",
                                           "\xff\xfe", "{\"v\":1,\"test\":[]}", "[[[[[[[[[[[["));

TEST(EvidenceCodec, AnotherVersionIsNotRead) {
  std::string text = encode(lively_evidence());
  ASSERT_TRUE(decode(text));
  const auto place = text.find("\"v\":2");
  ASSERT_NE(place, std::string::npos);
  text.replace(place, 5, "\"v\":1");
  EXPECT_FALSE(decode(text));
}

TEST(EvidenceCodec, NumbersOutOfRangeAreNotRead) {
  const auto with = [](auto change) {
    Evidence evidence = lively_evidence();
    change(evidence);
    return decode(encode(evidence)).has_value();
  };
  EXPECT_FALSE(with([](Evidence& e) { e.test.promotion.log_total = NAN; }));
  EXPECT_FALSE(with([](Evidence& e) { e.test.relative.asleep = -INFINITY; }));
  EXPECT_FALSE(with([](Evidence& e) { e.total.baseline_ok = 1e19; }));
  EXPECT_FALSE(with([](Evidence& e) { e.scrape_period = api::Duration::max(); }));
  EXPECT_TRUE(with([](Evidence&) {}));
}

TEST(EvidenceCodec, WholeNumbersAreShortAndLargeOnesExact) {
  Evidence evidence = lively_evidence();
  EXPECT_EQ(encode(evidence).find(".0,"), std::string::npos);
  evidence.total.baseline_ok = 1e18;
  ASSERT_TRUE(decode(encode(evidence)));
  EXPECT_EQ(decode(encode(evidence))->total.baseline_ok, 1e18) << "the largest there is";
}

TEST(EvidenceCodec, EachPartHasToBeWhatItIs) {
  using nlohmann::json;
  const json sound = json::parse(encode(lively_evidence()));
  const auto with = [&](const char* place, const json& value) {
    json changed = sound;
    changed[json::json_pointer(place)] = value;
    return decode(changed.dump()).has_value();
  };
  EXPECT_TRUE(with("/decision", 2));
  EXPECT_FALSE(with("/decision", 3));
  EXPECT_FALSE(with("/decision", -1));
  EXPECT_FALSE(with("/period", 1000.5));
  EXPECT_FALSE(with("/step", 1.5));
  EXPECT_FALSE(with("/counters/targets/0/0", -1));
  EXPECT_FALSE(with("/counters/targets/0/0", "one"));
  EXPECT_FALSE(with("/counters/targets/0/2", 2));
  EXPECT_FALSE(with("/total/0", "many"));
  EXPECT_FALSE(with("/test/-", 0)) << "a number too many";
  json shorter = sound;
  shorter["test"].erase(0);
  EXPECT_FALSE(decode(shorter.dump()));
}

TEST(EvidenceCodec, AnyDamageIsSurvived) {
  const std::string sound = encode(lively_evidence());
  std::mt19937 random(20261124);
  const api::Analysis analysis;
  int refused = 0;
  for (int i = 0; i < 1500; ++i) {
    std::string text = sound;
    const std::size_t changes = 1 + random() % 3;
    for (std::size_t k = 0; k < changes; ++k) {
      const std::size_t place = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[place] = static_cast<char>(random() % 256);
          break;
        case 1:
          text.erase(place, 1 + random() % 40);
          break;
        default:
          text.insert(place, "9999999999");
          break;
      }
      if (text.empty()) break;
    }
    if (!decode(text)) ++refused;
    api::EvidenceStatus last;
    last.state = text;
    Samples samples;
    samples.baseline = {{"p", "success", 5, kStart}};
    samples.candidate = {{"q", "success", 5, kStart}};
    const auto assessment = assess(analysis, last, samples, Stage::final, 1, kStart);
    EXPECT_TRUE(assessment.evidence.state.empty() || assessment.evidence == last ||
                decode(assessment.evidence.state));
  }
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace seraphim::analysis
