// The reference implementation's own numbers: the same decisions at every look, the same evidence to 1e-9.
// SERAPHIM_EVIDENCE_VECTORS names another file of vectors.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "analysis/evidence.h"
#include "analysis/increments.h"
#include "analysis/sequential_test.h"

namespace seraphim::analysis {
namespace {

using nlohmann::json;

constexpr double kTolerance = 1e-9;

json load_vectors() {
  const char* given = std::getenv("SERAPHIM_EVIDENCE_VECTORS");
  const std::string path = given ? given : SERAPHIM_SOURCE_DIR "/tests/data/evidence_vectors.json";
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read the evidence vectors: " + path);
  return json::parse(file);
}

const json& vectors() {
  static const json all = load_vectors();
  return all;
}

std::string decision_name(Decision decision) {
  switch (decision) {
    case Decision::go_on:
      return "Continue";
    case Decision::promote:
      return "Promote";
    case Decision::roll_back:
      return "Rollback";
  }
  return "?";
}

Parameters parameters_of(json params) {
  json all = vectors().at("defaults");
  all.update(params);
  Parameters p;
  const std::map<std::string, double*> places{{"alpha", &p.alpha},
                                              {"beta", &p.beta},
                                              {"delta", &p.delta},
                                              {"slo", &p.slo},
                                              {"guard_share", &p.guard_share},
                                              {"awake", &p.awake},
                                              {"wake", &p.wake},
                                              {"rollback_looks", &p.rollback_looks},
                                              {"promote_looks", &p.promote_looks},
                                              {"min_cand_errors", &p.min_candidate_failures},
                                              {"min_blocks_final", &p.min_final_blocks},
                                              {"min_cand_final", &p.min_final_candidate},
                                              {"suspicion", &p.suspicion},
                                              {"min_clump", &p.min_clump},
                                              {"max_clump", &p.max_clump}};
  for (const auto& [name, value] : all.items()) *places.at(name) = value.get<double>();
  return p;
}

/// A fresh state with the case's history of the baseline.
TestState state_of(const json& test, const Parameters& parameters) {
  TestState state = start_test(parameters);
  for (const json& block : test.at("baseline_before")) {
    state.clumps.observe_baseline(block.at(0).get<double>(), block.at(1).get<double>());
  }
  state.clumps.forget_previous();
  return state;
}

Counts counts_of(const json& look) {
  return {look.at(0).get<double>(), look.at(1).get<double>(), look.at(2).get<double>(),
          look.at(3).get<double>()};
}

/// Runs one case and calls `between` after each look.
template <class Between>
void run(const json& test, Between between) {
  const Parameters parameters = parameters_of(test.at("params"));
  Evidence evidence = start_evidence(parameters, api::Time{});
  evidence.test = state_of(test, parameters);
  const json& looks = test.at("looks");
  for (std::size_t i = 0; i < looks.size(); ++i) {
    const bool final = i >= test.at("final_from").get<std::size_t>();
    const LogEvidence numbers = look(evidence.test, parameters, counts_of(looks.at(i)), final);
    const json& expected = test.at("expect").at(i);
    SCOPED_TRACE(test.at("name").get<std::string>() + ", look " + std::to_string(i));
    ASSERT_EQ(decision_name(evidence.test.decision), expected.at("decision"));
    ASSERT_NEAR(numbers.rollback, expected.at("log_evidence").get<double>(), kTolerance);
    ASSERT_NEAR(numbers.promotion, expected.at("log_promotion").get<double>(), kTolerance);
    ASSERT_NEAR(evidence.test.clumps.size(parameters), expected.at("clump").get<double>(), kTolerance);
    between(evidence);
  }
}

TEST(Oracle, SameDecisionsAndEvidenceAtEveryLook) {
  ASSERT_FALSE(vectors().at("cases").empty());
  for (const json& test : vectors().at("cases")) run(test, [](Evidence&) {});
}

TEST(Oracle, DefaultsAreTheReferences) {
  const Parameters reference = parameters_of(json::object()), ours;
  EXPECT_EQ(reference.alpha, ours.alpha);
  EXPECT_EQ(reference.beta, ours.beta);
  EXPECT_EQ(reference.delta, ours.delta);
  EXPECT_EQ(reference.slo, ours.slo);
  EXPECT_EQ(reference.guard_share, ours.guard_share);
  EXPECT_EQ(reference.awake, ours.awake);
  EXPECT_EQ(reference.wake, ours.wake);
  EXPECT_EQ(reference.rollback_looks, ours.rollback_looks);
  EXPECT_EQ(reference.promote_looks, ours.promote_looks);
  EXPECT_EQ(reference.min_candidate_failures, ours.min_candidate_failures);
  EXPECT_EQ(reference.min_final_blocks, ours.min_final_blocks);
  EXPECT_EQ(reference.min_final_candidate, ours.min_final_candidate);
  EXPECT_EQ(reference.suspicion, ours.suspicion);
  EXPECT_EQ(reference.min_clump, ours.min_clump);
  EXPECT_EQ(reference.max_clump, ours.max_clump);
}

TEST(Oracle, RestartBetweenAnyTwoLooksChangesNothing) {
  for (const json& test : vectors().at("cases")) {
    run(test, [](Evidence& evidence) {
      const auto restored = decode(encode(evidence));
      ASSERT_TRUE(restored);
      ASSERT_EQ(*restored, evidence);
      evidence = *restored;
    });
  }
}

api::Time seconds_after_epoch(double count) {
  return api::Time(api::Duration(std::llround(count * 1000)));
}

std::vector<Counter> counters_of(const json& values) {
  std::vector<Counter> counters;
  for (const auto& [key, value] : values.items()) {
    const auto bar = key.find('|');
    const Side side = key.substr(0, bar) == "candidate" ? Side::candidate : Side::baseline;
    counters.push_back({side, key.substr(bar + 1), value.get<double>()});
  }
  return counters;
}

TEST(Oracle, CountersToIncrements) {
  ASSERT_FALSE(vectors().at("counter_cases").empty());
  for (const json& test : vectors().at("counter_cases")) {
    SCOPED_TRACE(test.at("name").get<std::string>());
    Increments increments;
    increments.started_at = seconds_after_epoch(test.at("rollout_started_at").get<double>());
    for (std::size_t i = 0; i < test.at("scrapes").size(); ++i) {
      const json& scrape = test.at("scrapes").at(i);
      const json& start = scrape.at("target_start");
      const auto grown = increments.scrape(
          scrape.at("target").get<std::string>(), seconds_after_epoch(scrape.at("ts").get<double>()),
          counters_of(scrape.at("values")),
          start.is_null() ? std::nullopt : std::optional(seconds_after_epoch(start.get<double>())));
      const json& expected = test.at("expect").at(i);
      ASSERT_EQ(grown.has_value(), !expected.is_null()) << "scrape " << i;
      if (grown) {
        EXPECT_EQ(*grown, counters_of(expected)) << "scrape " << i;
      }
    }
  }
}

}  // namespace
}  // namespace seraphim::analysis
