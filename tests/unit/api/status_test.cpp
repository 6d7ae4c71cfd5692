#include "api/status.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "api/codec.h"
#include "api/full_status.h"

namespace seraphim::api {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

TEST(Status, SurvivesWritingAndReading) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 2'000; ++i) {
    const Status status = any_status(random, i % 2 == 0);
    const std::string text = encode_status(status).dump();
    ASSERT_EQ(decode_status(json::parse(text)), status) << "case " << i << ": " << text;
  }
}

TEST(Status, ANewOneIsShort) {
  EXPECT_EQ(encode_status({}),
            json::parse(R"({"phase": "Initializing", "observedGeneration": 0, "step": 0, "replicas": 0,
                                               "weight": {"desired": "0%", "applied": "0%"}})"));
  EXPECT_EQ(decode_status(encode_status({})), Status{});
}

TEST(Status, IsWrittenForPeople) {
  Status status;
  status.phase = Phase::rolled_back;
  status.observed_generation = 3;
  status.stable_revision = "sentiment-1";
  status.step = 2;
  status.held = 90s;
  status.weight = {Percent::whole(25), Percent::from_basis_points(50)};
  status.evidence.candidate_requests = 10;
  status.last_rollback = RollbackStatus{
      "sentiment-2",
      "sentiment-1",
      "Slow",
      "It was slow.",
      Time(1ms),
      VerificationStatus{VerificationResult::not_recovered, Time(120s), Time(60s), "Still slow.", "{}"}};
  status.conditions = {{"Ready", ConditionStatus::false_, "Because", "A sentence.", 3, Time(2s)}};
  EXPECT_EQ(encode_status(status), json::parse(R"({
    "phase": "RolledBack", "observedGeneration": 3, "stableRevision": "sentiment-1", "step": 2, "held": "1m30s",
    "weight": {"desired": "25%", "applied": "0.5%"}, "replicas": 0,
    "evidence": {"baselineRequests": 0, "baselineFailures": 0, "candidateRequests": 10, "candidateFailures": 0},
    "lastRollback": {"fromRevision": "sentiment-2", "toRevision": "sentiment-1", "reason": "Slow", "message": "It was slow.",
                     "at": "1970-01-01T00:00:00.001Z",
                     "verification": {"result": "NotRecovered", "until": "1970-01-01T00:02:00Z",
                                      "decidedAt": "1970-01-01T00:01:00Z", "message": "Still slow.", "state": "{}"}},
    "conditions": [{"type": "Ready", "status": "False", "reason": "Because", "message": "A sentence.",
                    "observedGeneration": 3, "lastTransitionTime": "1970-01-01T00:00:02Z"}]})"));
}

TEST(Status, GarbageBecomesDefaults) {
  for (const char* text : {"null", "[]", "5", "\"Stable\"", "{}"})
    EXPECT_EQ(decode_status(json::parse(text)), Status{}) << text;
  EXPECT_EQ(decode_status(json::parse(R"({
    "phase": "Perfect", "observedGeneration": -1, "stableRevision": 5, "step": 4294967296, "startedAt": "yesterday",
    "held": "-5s", "weight": {"desired": "101%", "applied": 5}, "weightRestores": 1.5, "evidence": [], "lastRollback": "x",
    "conditions": [5, {"status": "True"}], "replicas": 18446744073709551615})")),
            Status{});
  EXPECT_EQ(decode_status(json::parse(R"({"conditions": {"type": "Ready"}, "weight": "5%"})")), Status{});
}

TEST(Status, WhatCanBeReadOfADamagedOneIsKept) {
  const auto status = decode_status(json::parse(R"({"step": 2, "held": 5, "lastRollback": {"reason": "Slow"},
      "conditions": [{}, {"type": "Ready", "status": "Perhaps"}]})"));
  EXPECT_EQ(status.step, 2);
  ASSERT_TRUE(status.last_rollback);
  EXPECT_EQ(status.last_rollback->reason, "Slow");
  ASSERT_EQ(status.conditions.size(), 1u);
  EXPECT_EQ(status.conditions[0].status, ConditionStatus::unknown);
}

TEST(Status, NumbersMadeInCodeAreReadLikeParsedOnes) {
  EXPECT_EQ(decode_status({{"step", std::int64_t{2}}}).step, 2);
  EXPECT_EQ(decode_status({{"step", std::uint64_t{2}}}).step, 2);
}

TEST(Status, AVerificationThatCannotBeReadIsPending) {
  const auto read = [](const char* text) {
    return decode_status({{"lastRollback", {{"verification", json::parse(text)}}}})
        .last_rollback->verification;
  };
  EXPECT_EQ(read("5"), std::nullopt);
  EXPECT_EQ(read("null"), std::nullopt);
  EXPECT_EQ(read(R"({"result": "Wonderful", "until": 5, "decidedAt": "soon", "message": []})"),
            VerificationStatus{});
}

TEST(VerificationResult, EveryOneHasItsWord) {
  using Result = VerificationResult;
  const std::pair<VerificationResult, std::string> kWords[] = {{Result::pending, "Pending"},
                                                               {Result::recovered, "Recovered"},
                                                               {Result::not_recovered, "NotRecovered"},
                                                               {Result::undecided, "Undecided"}};
  for (const auto& [result, word] : kWords) {
    EXPECT_EQ(to_string(result), word);
    EXPECT_EQ(parse_verification(word), result);
  }
}

TEST(Phase, EveryOneHasItsWord) {
  std::set<std::string> words;
  for (int i = 0; i <= static_cast<int>(Phase::degraded); ++i) {
    const auto phase = static_cast<Phase>(i);
    EXPECT_EQ(parse_phase(to_string(phase)), phase);
    words.insert(to_string(phase));
  }
  EXPECT_EQ(words.size(), static_cast<std::size_t>(Phase::degraded) + 1);
  EXPECT_EQ(to_string(Phase::awaiting_approval), "AwaitingApproval");
}

}  // namespace
}  // namespace seraphim::api
