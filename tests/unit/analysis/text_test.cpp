// What people read, and what is checked before: evidence in words, bounds, PromQL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "analysis/evidence_text.h"
#include "analysis/parameters.h"
#include "analysis/promql.h"

namespace seraphim::analysis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

LogEvidence evidence(double rollback, double promotion = 1) {
  return {std::log(rollback), 0, std::log(rollback), std::log(promotion)};
}

TEST(EvidenceText, SaysHowMuchOfWhatIsNeeded) {
  const Parameters parameters;
  EXPECT_EQ(rollback_evidence_text(evidence(37.2), parameters), "37 of 100");
  EXPECT_EQ(rollback_evidence_text(evidence(0.57), parameters), "0.5 of 100");
  EXPECT_EQ(rollback_evidence_text(evidence(99.99), parameters), "99 of 100");
  EXPECT_EQ(rollback_evidence_text({0, 0, 800, 0}, parameters), "over 1000000 of 100");
  EXPECT_EQ(rollback_evidence_text({0, 0, -1e6, 0}, parameters), "0.0 of 100");
  EXPECT_EQ(rollback_evidence_text(evidence(9.99), parameters), "9.9 of 100");
  EXPECT_EQ(rollback_evidence_text(evidence(10.5), parameters), "10 of 100");
  EXPECT_EQ(rollback_evidence_text(evidence(999'999), parameters), "999999 of 100");
  EXPECT_EQ(rollback_evidence_text(evidence(1'000'001), parameters), "over 1000000 of 100");
  EXPECT_EQ(promotion_evidence_text(evidence(1, 12.9), parameters), "12 of 20");
  Parameters odd;
  odd.alpha = 0.03;
  EXPECT_EQ(rollback_evidence_text(evidence(5), odd), "5.0 of 33.4");
}

TEST(EvidenceText, RollbackNamesBothSides) {
  const Counts total{539, 1, 48, 12};
  EXPECT_EQ(rollback_message(total, {std::log(175.5), 0, std::log(140.9), 0}, {}),
            "candidate 12 of 60 requests failed (20.0 %), stable 1 of 540 (0.2 %); evidence "
            "140:1, 100:1 "
            "needed");
  EXPECT_EQ(rollback_reason({std::log(175.5), 0, 0, 0}, {}), "ErrorRateWorseThanStable");
}

TEST(EvidenceText, RollbackByTheGuardNamesTheCeiling) {
  EXPECT_EQ(rollback_message({0, 0, 48, 12}, {0, std::log(704.6), std::log(140.9), 0}, {}),
            "candidate 12 of 60 requests failed (20.0 %), above the ceiling of 10.0 %; evidence "
            "140:1, "
            "100:1 needed");
  EXPECT_EQ(rollback_reason({0, std::log(704.6), 0, 0}, {}), "ErrorRateAboveCeiling");
}

TEST(EvidenceText, NothingSeenIsNoRate) {
  EXPECT_EQ(failures_text(0, 0), "0 of 0 requests failed");
  EXPECT_EQ(failures_text(1, 1), "1 of 1 requests failed (100.0 %)");
  EXPECT_EQ(sides_text({0, 0, 1, 0}), "candidate 0 of 1 requests failed (0.0 %)");
  EXPECT_EQ(sides_text({1, 0, 1, 0}), "candidate 0 of 1 requests failed (0.0 %), stable 0 of 1 (0.0 %)");
}

TEST(Parameters, ComeFromTheSpec) {
  api::ErrorRateAnalysis bounds;
  bounds.tolerance = api::Percent::from_basis_points(50);
  bounds.ceiling = api::Percent::whole(20);
  bounds.false_rollback = api::Percent::whole(2);
  bounds.bad_promotion = api::Percent::whole(3);
  const auto parameters = parameters_from(bounds);
  ASSERT_TRUE(parameters);
  EXPECT_EQ(parameters->delta, 0.005);
  EXPECT_EQ(parameters->slo, 0.2);
  EXPECT_EQ(parameters->alpha, 0.02);
  EXPECT_EQ(parameters->beta, 0.03);
}

TEST(Parameters, OutOfRangeIsSaidWithWhatToWrite) {
  const auto refusal = [](auto set) {
    api::ErrorRateAnalysis bounds;
    set(bounds);
    const auto parameters = parameters_from(bounds);
    return parameters ? std::string("accepted") : parameters.error();
  };
  EXPECT_EQ(refusal([](auto& b) { b.false_rollback = api::kEverything; }),
            "errorRate.falseRollback is 100%: write more than 0% and less than 100%, such as 1%");
  EXPECT_THAT(refusal([](auto& b) { b.bad_promotion = api::kNothing; }),
              HasSubstr("errorRate.badPromotion is 0%"));
  EXPECT_THAT(refusal([](auto& b) { b.tolerance = api::kNothing; }), HasSubstr("errorRate.tolerance"));
  EXPECT_THAT(refusal([](auto& b) { b.tolerance = api::Percent::whole(50); }), HasSubstr("less than 50%"));
  EXPECT_THAT(refusal([](auto& b) { b.ceiling = api::kNothing; }), HasSubstr("errorRate.ceiling"));
  EXPECT_EQ(refusal([](auto& b) { b.ceiling = api::kEverything; }), "accepted") << "no ceiling";
}

TEST(Promql, OneQueryForManyRevisions) {
  const Selection selection{.preset = api::SeriesPreset::revision_label,
                            .match_labels = {{"job", "models"}},
                            .namespaces = {"shop"},
                            .revisions = {"a.b-1", "a.b-2"},
                            .window = seconds(15)};
  EXPECT_EQ(
      range_query(selection),
      R"(seraphim_inference_requests_total{job="models",namespace="shop",revision=~"a\\.b-1|a\\.b-2"}[15s])");
}

TEST(Promql, NamespaceOfTheUserComesFirst) {
  Selection selection{
      .match_labels = {{"namespace", ""}}, .namespaces = {"shop"}, .revisions = {"a"}, .window = seconds(1)};
  EXPECT_EQ(range_query(selection), R"(seraphim_inference_requests_total{namespace="",revision="a"}[1s])");
  selection.match_labels = {};
  selection.namespaces = {"shop", "test"};
  EXPECT_EQ(range_query(selection),
            R"(seraphim_inference_requests_total{namespace=~"shop|test",revision="a"}[1s])");
}

TEST(Promql, VariantsOfAGateway) {
  const Selection selection{.preset = api::SeriesPreset::variant_label,
                            .match_labels = {{"job", "gw"}},
                            .namespaces = {"shop"},
                            .revisions = {"a", "b"},
                            .window = milliseconds(7500)};
  EXPECT_EQ(range_query(selection),
            R"(seraphim_inference_requests_total{job="gw",variant=~"baseline|candidate"}[7500ms])");
}

TEST(Promql, WhatUsersWriteStaysAValue) {
  Selection selection{
      .match_labels = {{"job", R"(a"} or up{x="\)"}}, .revisions = {"r"}, .window = seconds(1)};
  EXPECT_EQ(range_query(selection),
            R"(seraphim_inference_requests_total{job="a\"} or up{x=\"\\",revision="r"}[1s])");
  EXPECT_EQ(quote("a\nb"), R"("a\nb")");
  for (const char* bad : {"", "a-b", "1a", "a.b", "__name__", "x}", "\xC3\xA9"}) {
    selection.match_labels = {{bad, "v"}};
    EXPECT_FALSE(range_query(selection)) << bad;
  }
  for (const char* good : {"_a1_B", "az", "AZ", "zA", "Za", "Z", "z", "_0", "_9"}) {
    selection.match_labels = {{good, "v"}};
    EXPECT_TRUE(range_query(selection)) << good;
  }
}

TEST(Promql, TheHistogramOfEitherKind) {
  const Selection selection{.revisions = {"a"}, .window = seconds(5), .latency = true};
  EXPECT_EQ(range_query(selection),
            R"({__name__=~"seraphim_inference_latency_seconds(_bucket)?",revision="a"}[5s])");
}

TEST(Promql, PatternsMatchLiterally) {
  EXPECT_EQ(one_of({"a.b|c", "d(e)*"}), R"(a\.b\|c|d\(e\)\*)");
}

}  // namespace
}  // namespace seraphim::analysis
