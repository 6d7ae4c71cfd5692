// Histories as files, and what is cut out of them.
#include "replay/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "replay/history_codec.h"
#include "replay/recorded_traffic.h"

namespace seraphim::replay {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

const analysis::Samples& requests(const analysis::Answers& answers) {
  return std::get<analysis::Samples>(answers.requests);
}

TEST(HistoryCodec, GivesBackWhatItGot) {
  History history = testing::recorded({.length = std::chrono::seconds(30)});
  analysis::Samples further;
  further.basis = "le 0.25";
  further.candidate = {{"pod=x\n", "0.25", 17.5, history.from - std::chrono::milliseconds(1500)}};
  history.answers.metrics.emplace("latency", further);
  history.answers.metrics.emplace("tokens", analysis::NoSamples{"MetricsUnavailable", "gone"});
  const auto decoded = decode_history(encode(history));
  ASSERT_TRUE(decoded) << decoded.error();
  auto got = *decoded;
  put_in_order(got.answers);
  EXPECT_EQ(requests(got.answers).baseline, requests(history.answers).baseline);
  EXPECT_EQ(requests(got.answers).candidate, requests(history.answers).candidate);
  EXPECT_EQ(std::get<analysis::Samples>(got.answers.metrics.at("latency")).candidate, further.candidate);
  EXPECT_EQ(std::get<analysis::Samples>(got.answers.metrics.at("latency")).basis, "le 0.25");
  EXPECT_EQ(std::get<analysis::NoSamples>(got.answers.metrics.at("tokens")).message, "gone");
  EXPECT_EQ(got.stable, "a-1");
  EXPECT_EQ(got.candidate, "a-2");
  EXPECT_EQ(got.from, history.from);
  EXPECT_EQ(got.to, history.to);
}

json small_file() {
  return json::parse(
      R"({"format": "seraphim-history/v1", "stable": "a", "candidate": "b", "from": 1000, "to": 9000,
    "requests": {"baseline": [{"target": "t", "outcome": "success", "points": [-500, 1, 0, 2.5]}],
                 "candidate": []}})");
}

TEST(HistoryCodec, ReadsTimesFromTheStart) {
  const auto history = decode_history(small_file().dump());
  ASSERT_TRUE(history) << history.error();
  const auto& samples = requests(history->answers).baseline;
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(samples[0].at, api::Time(std::chrono::milliseconds(500)));
  EXPECT_EQ(samples[1].value, 2.5);
}

struct Malformed {
  const char* patch;
  const char* says;
};
class MalformedHistory : public ::testing::TestWithParam<Malformed> {};

TEST_P(MalformedHistory, IsRefusedWithASentence) {
  const auto file = small_file().patch(json::parse(GetParam().patch));
  const auto history = decode_history(file.dump());
  ASSERT_FALSE(history);
  EXPECT_THAT(history.error(), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, MalformedHistory,
    ::testing::Values(
        Malformed{R"([{"op": "replace", "path": "/format", "value": "v2"}])", ".format is \"v2\" and not"},
        Malformed{R"([{"op": "remove", "path": "/stable"}])", ".stable is missing"},
        Malformed{R"([{"op": "replace", "path": "/candidate", "value": 7}])", ".candidate is not a text"},
        Malformed{R"([{"op": "replace", "path": "/to", "value": 999}])", ".to is before .from"},
        Malformed{R"([{"op": "replace", "path": "/from", "value": 1.5}])", ".from is not a time"},
        Malformed{R"([{"op": "replace", "path": "/from", "value": 1e300}])", ".from is not a time"},
        Malformed{R"([{"op": "add", "path": "/extra", "value": 1}])", ".extra is not known"},
        Malformed{R"([{"op": "remove", "path": "/requests/candidate"}])", ".requests.candidate is missing"},
        Malformed{R"([{"op": "replace", "path": "/requests", "value": []}])", ".requests is not an object"},
        Malformed{R"([{"op": "replace", "path": "/requests/baseline", "value": {}}])",
                  ".requests.baseline is not a list"},
        Malformed{R"([{"op": "replace", "path": "/requests/baseline/0/points", "value": [1]}])",
                  ".requests.baseline[0].points is not a list of times"},
        Malformed{R"([{"op": "replace", "path": "/requests/baseline/0/points/3", "value": "2"}])",
                  ".requests.baseline[0].points[2] is followed by something"},
        Malformed{R"([{"op": "replace", "path": "/requests/baseline/0/points/0", "value": "x"}])",
                  ".requests.baseline[0].points[0] is not a time"},
        Malformed{R"([{"op": "add", "path": "/metrics", "value": 3}])", ".metrics is not an object"}));

TEST(HistoryCodec, WhatIsNoJsonOrNoObject) {
  EXPECT_EQ(decode_history("{").error(), "it is not JSON");
  EXPECT_EQ(decode_history("[]").error(), "the file is not an object");
}

TEST(Cut, HoldsWhatTheAnswerHeld) {
  const History history = testing::recorded({.length = std::chrono::seconds(60)});
  const api::Time now = testing::kBegin + std::chrono::seconds(30);
  const auto part = cut(history.answers, {now, {}}, now - std::chrono::seconds(5));
  ASSERT_EQ(requests(part).baseline.size(), 20U);
  for (const auto& sample : requests(part).baseline) {
    EXPECT_LE(sample.at, now);
    EXPECT_GT(sample.at, now - std::chrono::seconds(5));
  }
  const std::string target = testing::target_of("a-1-0");
  const auto late =
      cut(history.answers, {now, {{rollout::target_key(target), std::chrono::seconds(3)}}}, api::Time{});
  for (const auto& sample : requests(late).baseline) {
    EXPECT_EQ(sample.target, target);
    EXPECT_LE(sample.at, now - std::chrono::seconds(3));
  }
  EXPECT_TRUE(requests(late).candidate.empty());
  const auto strange = cut(history.answers, {now, {{"000000", std::chrono::seconds(3)}}}, api::Time{});
  EXPECT_EQ(requests(strange).baseline, requests(cut(history.answers, {now, {}}, api::Time{})).baseline);
}

TEST(PutInOrder, DropsWhatCameTwice) {
  History history = testing::recorded({.length = std::chrono::seconds(5)});
  auto& samples = std::get<analysis::Samples>(history.answers.requests).baseline;
  const auto before = samples;
  samples.insert(samples.begin(), before.rbegin(), before.rend());
  put_in_order(history.answers);
  EXPECT_EQ(requests(history.answers).baseline, before);
}

TEST(ShortName, IsThePodOrTheInstance) {
  EXPECT_EQ(short_name("instance=1.2.3.4:80\npod=x-1\n"), "x-1");
  EXPECT_EQ(short_name("instance=1.2.3.4:80\n"), "1.2.3.4:80");
  EXPECT_EQ(short_name("a=b\nc=d\n"), "a=b,c=d");
}

}  // namespace
}  // namespace seraphim::replay
